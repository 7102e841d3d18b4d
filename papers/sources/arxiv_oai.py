"""arXiv's OAI-PMH, format `arXiv`: what was added to arXiv or changed there since a day, page by page."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.etree.ElementTree import Element

from django.conf import settings

from papers.arxiv import announcements, arxiv_ids
from papers.fetching import http
from papers.fetching.errors import SourceError
from papers.records import Announced, PaperRecord
from papers.sources import reading, xml
from papers.sources.optional_values import OptionalValues
from papers.sources.withdrawals import is_withdrawn

NAME = "arxiv-oai"
FORMAT = "arXiv"
OAI = "{http://www.openarchives.org/OAI/2.0/}"
TOKEN_CHARACTERS, JOURNAL_CHARACTERS = 500, 500
# Between a paper's submission and its announcement lie a weekend, a holiday or a few days of moderation.
SOON = timedelta(days=7)
CHANGED = reading.format_changed(__name__)
LISTS = {"ListRecords", "GetRecord"}
EMPTY = "noRecordsMatch"
BAD_TOKEN = "badResumptionToken"
ASK_AGAIN = "Start over from the first page."

log = logging.getLogger(__name__)


class BadToken(SourceError):
    """The token of the next page is refused, mostly because its day is over: the list has to be read from the start."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a list."""

    records: tuple[PaperRecord, ...] = ()
    deleted: int = 0  # records of which arXiv keeps no more than that they were there
    token: str = ""  # for the next page; '' on the last one
    total: int | None = None  # records on all pages, where the source says so
    served: int = 0  # records on this page, read or not
    nothing_changed: bool = False  # the source says that there is nothing to list


def fetch(since: date, wanted_set: str, token: str = "") -> bytes:
    """Return the first page of what was modified in a set since a day, or the page of token; raise SourceError."""
    first = {"metadataPrefix": FORMAT, "from": since.isoformat(), "set": wanted_set}
    query = {"verb": "ListRecords", **({"resumptionToken": token} if token else first)}
    try:
        return http.get(NAME, settings.ARXIV_OAI_URL, query, host=http.ARXIV).body
    except http.NotUnderstood as error:
        raise BadToken(NAME, error.problem, ASK_AGAIN) if token else error from error


def parse(data: bytes) -> Answer:
    """Read one page; raise BadToken, SourceError."""
    root = read(data)
    error = root.find(f"{OAI}error")
    if error is not None:
        return answer_to(error)
    served = _records_in(root)
    kept = [record for record in served if not _is_deleted(record)]
    _refuse_other_formats(kept)
    records = tuple(readable(kept))
    # One record alone may be a damaged one; when none of several can be read, it is not they who are damaged.
    if len(kept) > 1 and not records:
        raise SourceError(NAME, f"not one of {len(kept)} records could be read", CHANGED)
    return Answer(records, len(served) - len(kept), *next_page(root), served=len(served))


def read(data: bytes) -> Element:
    root = xml.read(NAME, data, CHANGED)
    if root.tag != f"{OAI}OAI-PMH":
        raise SourceError(NAME, "what was served is not OAI-PMH", CHANGED)
    return root


def _records_in(root: Element) -> list[Element]:
    """List the records; raise SourceError where the answer is to another question."""
    if not LISTS & {name(child) for child in root}:
        raise SourceError(NAME, "what was served is not a list of records", CHANGED)
    return list(root.iter(f"{OAI}record"))


def answer_to(error: Element) -> Answer:
    """Return an empty page where nothing was modified; raise BadToken or SourceError for other errors."""
    code = error.get("code", "")
    if code == EMPTY:
        return Answer(nothing_changed=True)
    problem = f"answered {code}: {' '.join((error.text or '').split())[:200]}"
    raise BadToken(NAME, problem, ASK_AGAIN) if code == BAD_TOKEN else SourceError(NAME, problem, "Check the set.")


def _is_deleted(served: Element) -> bool:
    header = served.find(f"{OAI}header")
    return header is not None and header.get("status") == "deleted"


def _refuse_other_formats(served: Sequence[Element]) -> None:
    formats = {name(child) for record in served for child in record.iterfind(f"{OAI}metadata/*")} - {FORMAT}
    if formats:
        raise SourceError(NAME, f"answers in the format {', '.join(sorted(formats))}, not in {FORMAT}", CHANGED)


def name(element: Element) -> str:
    """Return an element's name without its namespace: recorded answers do not all give arXiv's own."""
    return element.tag.rpartition("}")[2]


def next_page(root: Element) -> tuple[str, int | None]:
    """Return the token of the next page, and how many records there are in all; raise SourceError."""
    element = root.find(f".//{OAI}resumptionToken")
    if element is None:
        return "", None
    token, total = (element.text or "").strip(), element.get("completeListSize", "")
    if len(token) > TOKEN_CHARACTERS:
        raise SourceError(NAME, f"the token of the next page has {len(token):,} characters", CHANGED)
    return token, int(total) if total.isdecimal() and len(total) < 10 else None


def readable(served: Sequence[Element]) -> Iterator[PaperRecord]:
    for element in served:
        try:
            yield record(element)
        except ValueError as error:
            log.warning("%s: %s is left out: %s", NAME, element.findtext(f"{OAI}header/{OAI}identifier", "?"), error)


def record(served: Element) -> PaperRecord:
    """Read one record; raise ValueError."""
    parts = {name(part): part for part in served.iterfind(f"{OAI}metadata/*/*")}
    texts = {key: xml.text_of(part) for key, part in parts.items()}
    identifier = arxiv_ids.canonical(texts.get("id") or "")
    optional = OptionalValues(
        lambda problem: log.warning("%s: %s comes without a value: %s", NAME, identifier, problem)
    )
    published_on = _first_submission(identifier, optional.day(texts.get("created"), "created"))
    is_first = published_on is not None and "updated" not in texts
    modified_on = optional.day(xml.text_at(served, f"{OAI}header/{OAI}datestamp"), "datestamp")
    announced_on = announcement(identifier, published_on, modified_on) if is_first else None
    abstract, comment = (
        reading.needed(texts.get("abstract"), "abstract"),
        optional.line(texts.get("comments"), "comments"),
    )
    return PaperRecord(
        identifier=identifier,
        version=1 if is_first else None,
        is_current=True,
        title=reading.needed(texts.get("title"), "title", reading.TITLE_CHARACTERS),
        abstract=abstract,
        authors=authors(parts.get("authors"), optional),
        categories=reading.categories(tuple((texts.get("categories") or "").split())),
        published_on=published_on,
        announced_on=announced_on,
        announced_as=Announced.ESTIMATED if announced_on else Announced.NOT_SAID,
        comment=comment,
        doi=_first_doi(texts.get("doi")),
        journal_ref=optional.line(texts.get("journal-ref"), "journal-ref")[:JOURNAL_CHARACTERS],
        withdrawn=is_withdrawn(comment, abstract),
    )


def _first_submission(identifier: str, created: date | None) -> date | None:
    """Return `created`, unless it is the day of a later version, that is after the month of the identifier.

    A paper is never submitted after that month. Until 2025 `created` was the day of the first version; the service that
    replaced the old one writes the current version's into it.
    """
    return created if created and created.replace(day=1) <= arxiv_ids.month(identifier) else None


def announcement(identifier: str, published_on: date | None, modified_on: date | None) -> date | None:
    """Return the day on which a paper first submitted on published_on was announced, None where that is unclear.

    It is modified at night after its announcement; a later change of it says nothing. The identifier's month is that
    of its announcement, which is sent in the evening before the day of its date.
    """
    if published_on is None or modified_on is None or not timedelta() <= modified_on - published_on <= SOON:
        return None
    day = announcements.batch_on_or_after(modified_on)
    months = {day.replace(day=1), (day - timedelta(days=1)).replace(day=1)}
    return day if arxiv_ids.month(identifier) in months else None


def authors(element: Element | None, optional: OptionalValues) -> tuple[str, ...]:
    """Return 'forenames keyname suffix' of each author; the punctuation around some collaborations is no author."""
    names = [full_name(author) for author in (element if element is not None else ())]
    return optional.authors(names, "authors")


def full_name(author: Element) -> str:
    parts = {name(part): xml.text_of(part) for part in author}
    return " ".join(parts.get(key, "") for key in ("forenames", "keyname", "suffix"))


def _first_doi(text: str | None) -> str:
    """Return the first DOI: authors may name several, or other things; none is worth losing the paper for."""
    try:
        words = [word.strip(",;") for word in reading.line(text, "doi").split()]
        return reading.doi(words[0], "doi") if words else ""
    except ValueError:
        return ""
