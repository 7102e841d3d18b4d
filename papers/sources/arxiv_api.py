"""arXiv's API: what arXiv says now of papers asked for by their identifiers, in the Atom it had and the one it has."""

import logging
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from django.conf import settings

from papers.arxiv import arxiv_ids
from papers.fetching import http
from papers.fetching.errors import SourceError
from papers.records import PaperRecord
from papers.sources import reading, xml
from papers.sources.optional_values import OptionalValues
from papers.sources.withdrawals import is_withdrawn

NAME = "arxiv-api"
AT_ONCE = 100  # identifiers in a question: what fits into an address everywhere
ATOM = "{http://www.w3.org/2005/Atom}"
ARXIV = "{http://arxiv.org/schemas/atom}"
DOI_CHARACTERS, JOURNAL_CHARACTERS = 200, 500
CHANGED = reading.format_changed(__name__)

log = logging.getLogger(__name__)


class BadQuestion(SourceError):
    """arXiv refuses the question as a whole, for the sake of one identifier in it."""


def fetch(identifiers: Sequence[str]) -> bytes:
    """Return what arXiv knows of at most AT_ONCE papers, in one request; raise BadQuestion, SourceError."""
    query = {"id_list": ",".join(identifiers), "start": "0", "max_results": str(len(identifiers))}
    try:
        return http.get(NAME, settings.ARXIV_API_URL, query, host=http.ARXIV).body
    except http.NotUnderstood as error:
        raise BadQuestion(NAME, error.problem, "One of the identifiers is none.") from error


def parse(data: bytes) -> list[PaperRecord]:
    """Return the papers of one answer, which has no entry for an unknown one; raise BadQuestion, SourceError."""
    served = entries(data)
    _refuse_errors(served)
    records = list(readable(served))
    # One entry alone may be a damaged one; when none of several can be read, it is not they who are damaged.
    if len(served) > 1 and not records:
        raise SourceError(NAME, f"not one of {len(served)} entries could be read", CHANGED)
    return records


def entries(data: bytes) -> list[Element]:
    root = xml.read(NAME, data, CHANGED)
    if root.tag != f"{ATOM}feed":
        raise SourceError(NAME, "what was served is not an Atom feed", CHANGED)
    return root.findall(f"{ATOM}entry")


def _refuse_errors(served: list[Element]) -> None:
    """Raise BadQuestion for an answer whose entry is an error: its id points to arXiv's list of errors."""
    for entry in served:
        if "/api/errors" in xml.text_at(entry, f"{ATOM}id"):
            message = " ".join(xml.text_at(entry, f"{ATOM}summary").split())[:200]
            raise BadQuestion(NAME, f"answered: {message}", "One of the identifiers is none.")


def readable(served: list[Element]) -> Iterator[PaperRecord]:
    for number, entry in enumerate(served, 1):
        try:
            yield record(entry)
        except ValueError as error:
            log.warning("%s: entry %d of the answer is left out: %s", NAME, number, error)


def record(entry: Element) -> PaperRecord:
    """Read one entry; raise ValueError. `updated` is when its version was submitted: the API gives no announcement."""
    arxiv_id, version = arxiv_ids.split(xml.text_at(entry, f"{ATOM}id"))
    optional = OptionalValues(lambda problem: log.warning("%s: %s comes without a value: %s", NAME, arxiv_id, problem))
    abstract = reading.needed(xml.text_at(entry, f"{ATOM}summary"), "summary")
    comment = optional.line(xml.text_at(entry, f"{ARXIV}comment"), "comment")
    dois = optional.line(xml.text_at(entry, f"{ARXIV}doi"), "doi").split()
    return PaperRecord(
        identifier=arxiv_id,
        version=version,
        title=reading.needed(xml.text_at(entry, f"{ATOM}title"), "title", reading.TITLE_CHARACTERS),
        abstract=abstract,
        authors=authors(entry, optional),
        categories=categories(entry),
        published_on=optional.day(xml.text_at(entry, f"{ATOM}published"), "published"),
        comment=comment,
        doi=dois[0] if dois and len(dois[0]) <= DOI_CHARACTERS else "",
        journal_ref=optional.line(xml.text_at(entry, f"{ARXIV}journal_ref"), "journal_ref")[:JOURNAL_CHARACTERS],
        withdrawn=is_withdrawn(comment, abstract),
    )


def authors(entry: Element, optional: OptionalValues) -> tuple[str, ...]:
    return optional.authors([xml.text_of(name) for name in entry.iterfind(f"{ATOM}author/{ATOM}name")], "authors")


def categories(entry: Element) -> tuple[str, ...]:
    """Return the primary category first; the elements of the new dialect have the same names, only no scheme."""
    elements = [*entry.iterfind(f"{ARXIV}primary_category"), *entry.iterfind(f"{ATOM}category")]
    return reading.categories(tuple(element.get("term", "") for element in elements))
