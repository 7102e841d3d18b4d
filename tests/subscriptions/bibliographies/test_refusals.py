"""A file that is no bibliography we read is named for what it is, with the way to one that we read."""

import pytest

from subscriptions.bibliographies.entries import BibliographyError
from subscriptions.bibliographies.files import read

REFERENCES = """[1] A. Lovelace and B. Turing. Songs of whales. Journal of Whales 7, 1-9, 2021.
[2] C. Shannon. On sonar in shallow water. Proc. of Sonar, pp. 4-8, 2020. arXiv:2001.00001
"""
ENDNOTE_XML = '<?xml version="1.0"?><xml><records><record><database name="My.enl" path="x">My.enl</database></record>'
SCOPUS = '"Authors","Author full names","Title","Year","Source title"\n"A","B","C","2020","D"'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('@string{jw = "Journal of Whales"}\n@preamble{"\\bibliography{x}"}', "BibTeX, but no entry is in it"),
        (ENDNOTE_XML, "EndNote XML. In EndNote choose File, Export"),
        (
            '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet>\n<PubmedArticleSet>',
            "PubMed's XML. In PubMed choose Save",
        ),
        ('<rdf:RDF xmlns:z="http://www.zotero.org/namespaces/export#">', "RDF. In Zotero choose Export"),
        ('"Key","Item Type","Publication Year","Author","Title"\n"X","book"', "Zotero's CSV. In Zotero"),
        (SCOPUS, "Scopus's CSV. There export"),
        ("Title;Year\nWhale song;2021\n", "a table (CSV)"),
        ("FN Clarivate Analytics Web of Science\nVR 1.0\nPT J\nAU Lovelace, A\n", "Web of Science's plain text"),
        ('<?xml version="1.0"?><modsCollection xmlns="x">', "MODS"),
        ("<?xml version='1.0'?><feed><entry/></feed>", "XML"),
        ("<!doctype html><html><body>@ada</body>", "a web page"),
        ("\\begin{thebibliography}{9}\n\\bibitem{a} A. Lovelace. Whales.", "a .bbl file of LaTeX"),
        ("\\documentclass{article}\n\\begin{document}", "a LaTeX document"),
        ('cff-version: 1.2.0\ntitle: "Whales"', "a CITATION.cff file"),
        ('{"name": "whales", "version": "1.0"}', "JSON, but not CSL JSON"),
        ("[[[", "JSON, but not CSL JSON"),
        ("TI  - Whale song\nAU  - Lovelace, Ada\n", "RIS, but no record begins with TY"),
        (REFERENCES, "a list of references in plain text"),
    ],
)
def test_it_says_what_it_looks_like_and_what_to_do(text: str, words: str) -> None:
    with pytest.raises(BibliographyError) as caught:
        read(text.encode())
    assert str(caught.value).startswith(f"This looks like {words}")
    assert any(way in str(caught.value) for way in ("export", "Export", "choose"))
    assert len(str(caught.value)) <= 300  # all of it is stored


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", "an office document"),
        (b"PK\x03\x04" + bytes(26) + b"library.bib", "a compressed file"),
        (b"\xd0\xcf\x11\xe0 and more", "a document of a word processor"),
        (b"{\\rtf1\\ansi @misc{a, title={x}}}", "a document of a word processor"),
    ],
)
def test_what_is_no_text_is_told_by_its_first_bytes(data: bytes, words: str) -> None:
    with pytest.raises(BibliographyError, match=f"This is {words}"):
        read(data)


def test_prose_is_named_as_nothing() -> None:
    with pytest.raises(
        BibliographyError, match=r"^No entry could be read in this file\. Please choose a file in BibTeX"
    ):
        read(b"Dear all,\nin 2020 we met.\n")
