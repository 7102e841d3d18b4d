"""Digital object identifiers, in the field for them and elsewhere."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from subscriptions.bibliographies.fields import Fields, values
from subscriptions.bibliographies.fields.links import names_another_work, places_of_links
from subscriptions.bibliographies.fields.unescaped import unescaped

LONGEST = 200  # characters
DOI = re.compile(r"(?<![\w.])10\.\d{4,9}(?:\.\d{1,9})*/[^\s\"“”]+", re.ASCII)
# The short form that a service of doi.org hands out: it says nothing of the paper, only that service knows.
SHORT = re.compile(r"(?<![\w.])(?<!\d/)10/[a-z0-9]{3,10}(?![\w/.-])", re.IGNORECASE | re.ASCII)
ARXIVS = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
ENCODED = re.compile(r"%[0-9a-f]{2}", re.IGNORECASE)
QUERY = re.compile(r"[?#].*", re.DOTALL)
# What publishers and bioRxiv put behind a DOI in the addresses of their pages.
PAGE = re.compile(
    r"(?:(?<=\d{6})v\d{1,2})?(?:\.full|\.abstract|\.full-text)?(?:\.pdf|/pdf|/epdf|/full|/fulltext|/abstract|/html|/summary)?/?\Z"
)
BRACKETS = {")": "(", "]": "[", ">": "<", "}": "{"}
NOTES = ("note", "notes", "howpublished", "addendum", "annotation")
# EndNote writes them as the kind of work, others as the number of a database or of the article.
ODD_PLACES = ("m3", "accession", "eid", "c7", "number", "eprint")


def find(fields: Fields) -> str:
    """Return the entry's DOI in small letters, which mean the same; '' if there is none but arXiv's own."""
    return next((doi for doi in _written(fields) if not ARXIVS.match(doi)), "")


def of_arxiv(fields: Fields) -> str:
    """Return the DOI that arXiv gives its papers, such as 10.48550/arxiv.2606.00001, or ''."""
    return next(filter(ARXIVS.match, _written(fields)), "")


def is_short(fields: Fields) -> bool:
    """Tell whether the entry has a short DOI, such as 10/abcd, and no other."""
    return not find(fields) and any(SHORT.search(unescaped(value)) for value in values(fields, ("doi", "url", "link")))


def _written(fields: Fields) -> Iterator[str]:
    for value in values(fields, ("doi",)):
        yield from _in_text(unescaped(value))
    for value in values(fields, places_of_links(fields)):
        yield from map(_without_page, _in_text(QUERY.sub("", unescaped(value))))
    for value in values(fields, (*NOTES, *ODD_PLACES)):
        written = DOI.search(value)
        if not names_another_work(value, written.start() if written else -1):
            yield from _in_text(unescaped(value))


def _in_text(text: str) -> Iterator[str]:
    plain = unquote(text) if ENCODED.search(text) else text
    for match in DOI.finditer(plain):
        if len(doi := _trimmed(match[0])) <= LONGEST and not doi.endswith("/"):
            yield doi.lower()


def _trimmed(doi: str) -> str:
    """Remove what ends the sentence or the brackets around a DOI, and is no part of it."""
    while doi and (
        doi[-1] in ".,;:'’\\" or (doi[-1] in BRACKETS and doi.count(doi[-1]) > doi.count(BRACKETS[doi[-1]]))
    ):
        doi = doi[:-1]
    return doi


def _without_page(doi: str) -> str:
    beginning = doi.index("/") + 1
    return doi[:beginning] + PAGE.sub("", doi[beginning:], count=1)
