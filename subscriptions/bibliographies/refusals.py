"""Say what a file is that is no bibliography we read, and how to come to one that is."""

import re

READ = "BibTeX (.bib), RIS (.ris), PubMed (.nbib), EndNote (.enw) or CSL JSON (.json)"
CHOOSE = f"Please choose a file in {READ}."
EXPORT = "Please export BibTeX (.bib) or RIS (.ris) from there instead."
UNPACK = "This is a compressed file. Please unpack it, and choose the .bib or .ris file in it."
SAMPLE = 20_000  # characters, or bytes, that are looked at

_BY_BYTES = {
    rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps/|word/|mimetype)": f"This is an office document. {CHOOSE}",
    rb"PK\x03\x04|\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!": UNPACK,
    rb"%PDF": f"This is a PDF and not a bibliography. {CHOOSE}",
    rb"\x89PNG|\xff\xd8\xff|GIF8": f"This is a picture and not a bibliography. {CHOOSE}",
    rb"SQLite format 3": "This is a database of a program. Please export BibTeX (.bib) or RIS (.ris) from it.",
    rb"\xd0\xcf\x11\xe0|\{\\rtf": f"This is a document of a word processor. {CHOOSE}",
}
_ENDNOTE = "In EndNote choose File, Export, and the output style BibTeX Export or RefMan (RIS) Export."
_ZOTERO = "In Zotero choose Export Library or Export Collection, and the format BibTeX or RIS."
_BY_TEXT = {
    r"(?i)^[ \t]*@(?:string|preamble|comment)\s*[{(]": f"BibTeX, but no entry is in it, only abbreviations. {CHOOSE}",
    r"<PubmedArticle|<!DOCTYPE PubmedArticleSet": "PubMed's XML. In PubMed choose Save, and the format PubMed.",
    r"<xml>\s*<records>|<database[^>]*\.enl|<source-app[^>]*EndNote": f"EndNote XML. {_ENDNOTE}",
    r"<rdf:RDF": f"RDF. {_ZOTERO}",
    r"<modsCollection|<mods[ >]": f"MODS. {EXPORT}",
    r"<(?:\w+:)?TEI[ >]|<listBibl": f"TEI. {EXPORT}",
    r"<b:Sources": f"the list of sources of Microsoft Word. {EXPORT}",
    r"(?i)<!DOCTYPE html|<html[ >]": f"a web page. {EXPORT}",
    r"\A\s*<\?xml|\A\s*<[a-zA-Z]": f"XML. {EXPORT}",
    r'\A"?Key"?,"?Item Type"?,': f"Zotero's CSV. {_ZOTERO}",
    r'\A"?Authors"?,.*"?EID"?|\A"?Authors"?,.*"?Source title"?': "Scopus's CSV. There export BibTeX or RIS.",
    r"\A(?i:[^\n]*\btitle\b[^\n]*[,;\t][^\n]*\n)(?:[^\n]*[,;\t])": f"a table (CSV). {EXPORT}",
    r"^FN (?:Clarivate|Thomson|ISI)|^PT [A-Z]\n(?:AU|CA|TI) ": (
        "Web of Science's plain text. There choose Export, and BibTeX or RIS (other reference software)."
    ),
    r"\\begin\{thebibliography\}|\\bibitem|\\entry\{": "a .bbl file of LaTeX. Please choose the .bib file behind it.",
    r"\\documentclass|\\bibliography\{": "a LaTeX document. Please choose the .bib file that it names.",
    r"^cff-version:": f"a CITATION.cff file. {CHOOSE}",
    r"\A\s*[\[{]\s*[\"{\[\]}]": f"JSON, but not CSL JSON with titles. {EXPORT}",
    r"^[ \t]*(?:[A-Z]{2}[ \t]*-[ \t])": f"RIS, but no record begins with TY. {EXPORT}",
}
_BYTES = tuple((re.compile(form, re.DOTALL), words) for form, words in _BY_BYTES.items())
_TEXTS = tuple((re.compile(form, re.MULTILINE), words) for form, words in _BY_TEXT.items())
# A line with a year, and with something that stands in references and seldom elsewhere.
_REFERENCE = re.compile(
    r"^(?=.{40})(?=.*\b(?:19|20)\d\d\b).*(?:arXiv|doi|et al|pp\.|vol\.|Proc\.|Journal|Press|\d[-–]\d)", re.MULTILINE
)
_REFERENCES = (
    "This looks like a list of references in plain text, in which entries cannot be told apart for sure. Please export "
    "BibTeX (.bib) or RIS (.ris) from a reference manager; or paste identifiers of arXiv into the field for papers."
)


def by_bytes(data: bytes) -> str:
    """Return what to tell of a file that is no text; '' for any other."""
    sample = data[:SAMPLE]
    return next((words for form, words in _BYTES if form.match(sample)), "")


def by_text(text: str) -> str:
    """Return what to tell of a text in which no entry begins, by the format that it seems to have."""
    sample = text[:SAMPLE]
    if not sample.strip():
        return f"No entry could be read in this file: nothing stands in it. {CHOOSE}"
    for form, words in _TEXTS:
        if form.search(sample):
            return f"This looks like {words}"
    if len(_REFERENCE.findall(sample)) > 1:
        return _REFERENCES
    return f"No entry could be read in this file. {CHOOSE}"
