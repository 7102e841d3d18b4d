"""Reading a list of OAI-PMH page by page, to the end that the source names: any other end is an error.

What came is stored page by page, and how far that went stands in a Harvest: after an error the same page is asked for
again, whether it was a back-fill or the daily look that ended there.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from papers.arxiv import arxiv_ids
from papers.fetching.errors import blamed_on
from papers.ingest.saving import Report, save
from papers.models import Harvest, Paper
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_oai

NEWS = timedelta(days=10)  # a paper may have been submitted so long before it was announced
REFUSALS = 2  # of tokens in one run: each one's day may be over while we read, but not again and again
MONTH = timedelta(days=31)
KEPT = ["token", "papers", "total", "updated_at", "finished_at"]
LATER = "The next run asks for this page again."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the papers of a set that were modified since a day."""

    wanted_set: str
    since: date
    with_old: bool = False  # also those that we do not have and that were submitted long before that day


@dataclass(frozen=True, slots=True)
class Page:
    """What became of one page."""

    records: int
    saved: Report
    passed_over: int  # records of old papers that we do not have
    deleted: int
    token: str  # of the next page; '' on the last one
    total: int | None  # records on all pages, where the source says so
    is_first: bool
    names: frozenset[str] = frozenset()  # of what stands on it


def read_on(begun: Harvest, now: datetime, *, with_old: bool = False) -> Iterator[Page]:
    """Yield the pages that are left of a harvest, each after it is stored and remembered; raise SourceError.

    Where a token is refused, the list is read again from its start; that does not change what is stored already.
    """
    wish = Wish(begun.wanted_set, begun.asked_from, with_old)
    for refusals in range(REFUSALS + 1):
        try:
            yield from _pages(begun, wish, now)
            return
        except arxiv_oai.BadToken as error:
            if refusals == REFUSALS:
                raise
            log.warning("%s", error)
            begun.token = ""


def _pages(begun: Harvest, wish: Wish, now: datetime) -> Iterator[Page]:
    asked, before = {""}, None
    while True:
        asked.add(begun.token)
        page = store(wish, begun.token, now)
        if page.names and page.names == before:
            raise SourceError(arxiv_oai.NAME, "serves the same papers on one page after the other", LATER)
        if page.token and page.token in asked:
            raise SourceError(arxiv_oai.NAME, "names a page as the next one that was read before", LATER)
        remember(begun, page, now)
        yield page
        if not page.token:
            return
        before = page.names


def remember(begun: Harvest, page: Page, now: datetime) -> None:
    """Note how far the harvest is, after storing the page: after a kill between the two it is stored once more.

    Raises SourceError for a last page on which fewer papers have come than the source counts.
    """
    begun.papers = page.records + (0 if page.is_first else begun.papers)
    begun.total = page.total or (None if page.is_first else begun.total)
    if not page.token and begun.papers < (begun.total or 0):
        came = f"ends a list of {begun.total:,} records after {begun.papers:,}"
        raise SourceError(arxiv_oai.NAME, came, LATER)
    begun.token = page.token
    begun.updated_at = now
    begun.finished_at = None if page.token else now
    begun.save(update_fields=KEPT)


def store(wish: Wish, token: str, now: datetime) -> Page:
    """Fetch one page and store what is wanted of it; raise SourceError."""
    data = arxiv_oai.fetch(wish.since, wish.wanted_set, token)
    with blamed_on(arxiv_oai.NAME):
        answer = arxiv_oai.parse(data)
    _check_end(answer, token)
    wanted = answer.records if wish.with_old else _without_old(answer.records, wish.since - NEWS)
    return Page(
        records=answer.served,
        saved=save(wanted, now),
        passed_over=len(answer.records) - len(wanted),
        deleted=answer.deleted,
        token=answer.token,
        total=answer.total,
        is_first=not token,
        names=frozenset(record.identifier for record in answer.records),
    )


def _check_end(answer: arxiv_oai.Answer, token: str) -> None:
    """Raise SourceError for a page without anything, unless it is the first and says that nothing was changed."""
    if answer.served:
        return
    if token:
        raise SourceError(arxiv_oai.NAME, "serves an empty page in the middle of a list", LATER)
    if answer.token or not answer.nothing_changed:
        raise SourceError(arxiv_oai.NAME, "serves an empty page, and does not say that nothing was changed", LATER)


def _without_old(records: Iterable[PaperRecord], first: date) -> list[PaperRecord]:
    """Leave out the papers that are not stored here and were submitted before first."""
    chosen = list(records)
    old = {record.identifier for record in chosen if _submitted_before(record, first)}
    unknown = old.difference(Paper.objects.filter(identifier__in=old).values_list("identifier", flat=True))
    return [record for record in chosen if record.identifier not in unknown]


def _submitted_before(record: PaperRecord, first: date) -> bool:
    """Tell whether a paper was submitted before first; an unknown day is the end of its identifier's month."""
    return (record.published_on or arxiv_ids.month(record.identifier) + MONTH) < first
