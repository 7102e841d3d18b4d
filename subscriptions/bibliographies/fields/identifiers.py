"""The arXiv identifier of an entry, wherever it stands.

Fields made for it come first, then links, then what else programs write it into. A number alone counts only where
the place, or what stands beside it, says that it is arXiv's.
"""

import re
from collections.abc import Iterator

from papers.arxiv import arxiv_ids
from subscriptions.bibliographies.fields import Fields, dois, values
from subscriptions.bibliographies.fields.links import names_another_work, places_of_links
from subscriptions.bibliographies.fields.unescaped import unescaped

FIELD = 2_000  # characters that are looked at
OWN = ("arxivid", "arxiv", "arxiv-id", "arxiv_id", "arxivnumber")
KINDS = ("archiveprefix", "eprinttype", "archive")
CLASSES = ("primaryclass", "eprintclass", *KINDS)
JOURNALS = ("journal", "journaltitle", "publisher", "booktitle", "series", "institution", "organization")
BESIDE = ("volume", "number", "pages", "eid", "articleno", "year", "issue", "howpublished", "note", "notes", "addendum")
BESIDE_TOO = ("accession", "type", "reportnumber", "report-number", "id", "m1", "m3", "c7", "version")
ARXIV = re.compile(r"arxiv|\bcorr\b|\babs/|preprint", re.IGNORECASE)
ARCHIVE = re.compile(arxiv_ids.ARCHIVES)
BEFORE_2007 = re.compile(arxiv_ids.BEFORE_2007, re.IGNORECASE)
SEVEN_DIGITS = re.compile(r"\d{2}(?:0[1-9]|1[0-2])\d{3}(?:v\d+)?", re.ASCII)
# As ADS and DBLP write it into their own names of papers: 2024arXiv240600001L, corr/abs-2406-00001.
BIBCODE = re.compile(r"\b\d{4}arxiv(\d{4})\.?(\d{4,5})[a-z]\b", re.IGNORECASE | re.ASCII)
DBLP = re.compile(r"\bcorr/abs-(\d{4})-(\d{4,5})\b", re.IGNORECASE | re.ASCII)


def find(fields: Fields) -> str:
    """Return the identifier as it is stored here, without a version; '' if the entry names none of its own."""
    return next(_written(fields), "")


def _written(fields: Fields) -> Iterator[str]:
    for value in _read(fields, ("eprint",)):
        yield from _of_eprint(value, fields)
    for value in (*_read(fields, OWN), dois.of_arxiv(fields)):
        yield from arxiv_ids.find_all(value)
    for value in _read(fields, places_of_links(fields)):
        yield from _in_link(value)
    for value in _read(fields, (*JOURNALS, *BESIDE, *BESIDE_TOO)):
        yield from _said_to_be_arxivs(value, fields)


def _read(fields: Fields, places: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    return (unescaped(value[:FIELD]) for value in values(fields, places))


def _of_eprint(value: str, fields: Fields) -> Iterator[str]:
    kinds = [kind.strip().lower() for kind in _read(fields, KINDS)]
    if kinds and not (any(map(_is_arxivs, kinds)) or ARXIV.search(value)):
        return  # of PubMed, JSTOR, viXra or another archive, whose numbers look alike
    yield from arxiv_ids.find_all(value)
    if SEVEN_DIGITS.fullmatch(number := value.strip()):
        archives = (name.strip().lower().partition(".")[0] for name in _read(fields, CLASSES))
        yield from (f"{archive}/{number[:7]}" for archive in archives if ARCHIVE.fullmatch(archive))


def _is_arxivs(kind: str) -> bool:
    return ARXIV.search(kind) is not None or ARCHIVE.fullmatch(kind.partition(".")[0]) is not None


def _in_link(value: str) -> Iterator[str]:
    yield from arxiv_ids.find_all(value)
    for pattern in (BIBCODE, DBLP):
        yield from (arxiv_ids.canonical_id(f"{match[1]}.{match[2]}") for match in pattern.finditer(value))


def _said_to_be_arxivs(value: str, fields: Fields) -> Iterator[str]:
    """Yield identifiers that name their archive, or whose entry's journal is arXiv; not those of other works."""
    for identifier in arxiv_ids.find_all(value):
        said = ARXIV.search(value) or BEFORE_2007.search(value) or _appeared_on_arxiv(fields)
        if said and not names_another_work(value, value.lower().find(identifier)):
            yield identifier


def _appeared_on_arxiv(fields: Fields) -> bool:
    return any(map(ARXIV.search, _read(fields, JOURNALS))) or any(map(_is_arxivs, _read(fields, KINDS)))
