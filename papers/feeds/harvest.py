"""Harvesting arXiv's metadata: the daily look at what changed, and a back-fill that a kill does not set back.

Papers are listed by the day on which their metadata was last modified, so that very old ones come along. One that we
do not have is no news, and is passed over unless all are wanted.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from papers.arxiv import arxiv_ids
from papers.feeds import arxiv_feed, feed_states
from papers.fetching.errors import blamed_on
from papers.ingest.saving import Report, save
from papers.models import Harvest, Paper
from papers.periods import utc_date
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_oai, arxiv_sets

RECONCILED = timedelta(days=4)  # longer than a weekend with a holiday, so that a day that failed is made up for
NEWS = timedelta(days=10)  # a paper may have been submitted so long before it was announced
REFUSALS = 2  # of tokens in one run: each one's day may be over while we read, but not again and again
MONTH = timedelta(days=31)
KEPT = ["token", "papers", "total", "updated_at", "finished_at"]

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


def reconcile(now: datetime) -> Report:
    """Take in whatever arXiv changed in the last days, in every set of the settings, and what its feed lacked with it.

    Raises SourceError; what came before the failure is stored.
    """
    since = utc_date(now) - RECONCILED
    wishes = [Wish(wanted_set, since) for wanted_set in arxiv_sets.sets_of(settings.ARXIV_CATEGORIES)]
    total = sum((page.saved for wish in wishes for page in pages(wish, now)), Report())
    arxiv_feed.make_up(now)
    return total


def begin(wish: Wish, now: datetime, *, restart: bool = False) -> Harvest:
    """Return the harvest of wish: an unfinished one goes on, a finished one asks only for what came since.

    With restart it begins again from wish.since in both cases.
    """
    anew: dict[str, Any] = {"token": "", "papers": 0, "total": None, "finished_at": None}
    anew |= {"asked_from": wish.since, "started_at": now, "updated_at": now}
    key: dict[str, Any] = {"source": arxiv_oai.NAME, "wanted_set": wish.wanted_set, "since": wish.since}
    harvest, _ = Harvest.objects.get_or_create(**key, defaults=anew)
    if restart or harvest.finished_at:
        since = wish.since if restart else max(wish.since, utc_date(harvest.started_at))
        harvest, _ = Harvest.objects.update_or_create(**key, defaults=anew | {"asked_from": since})
    return harvest


def backfill(begun: Harvest, now: datetime, *, with_old: bool = False) -> Iterator[Page]:
    """Yield the pages that are left of a harvest, each after it is stored and remembered; raise SourceError."""
    wish = Wish(begun.wanted_set, begun.asked_from, with_old)
    for page in pages(wish, now, begun.token):
        remember(begun, page, now)
        yield page
    feed_states.note_success(arxiv_oai.NAME, now, begun.papers, feed_states.BACK_FILL)


def remember(begun: Harvest, page: Page, now: datetime) -> None:
    """Note how far the harvest is, after storing the page: after a kill between the two it is stored once more."""
    begun.token = page.token
    begun.papers = page.records + (0 if page.is_first else begun.papers)
    begun.total = page.total or (None if page.is_first else begun.total)
    begun.updated_at = now
    begun.finished_at = None if page.token else now
    begun.save(update_fields=KEPT)


def pages(wish: Wish, now: datetime, token: str = "") -> Iterator[Page]:
    """Yield every page from that of token on, after it is stored; raise SourceError.

    Where a token is refused, the list is read again from its start; that does not change what is stored already.
    """
    for refusals in range(REFUSALS + 1):
        try:
            yield from _pages_from(token, wish, now)
            return
        except arxiv_oai.BadToken as error:
            if refusals == REFUSALS:
                raise
            log.warning("%s", error)
            token = ""


def _pages_from(token: str, wish: Wish, now: datetime) -> Iterator[Page]:
    while True:
        page = store(wish, token, now)
        yield page
        if not page.token:
            return
        if page.token == token:
            raise SourceError(arxiv_oai.NAME, "names a page as the one after itself", "Try again later.")
        token = page.token


def store(wish: Wish, token: str, now: datetime) -> Page:
    """Fetch one page and store what is wanted of it; raise SourceError."""
    data = arxiv_oai.fetch(wish.since, wish.wanted_set, token)
    with blamed_on(arxiv_oai.NAME):
        answer = arxiv_oai.parse(data)
    wanted = answer.records if wish.with_old else _without_old(answer.records, wish.since - NEWS)
    return Page(
        records=len(answer.records) + answer.deleted,
        saved=save(wanted, now),
        passed_over=len(answer.records) - len(wanted),
        deleted=answer.deleted,
        token=answer.token,
        total=answer.total,
        is_first=not token,
    )


def _without_old(records: Iterable[PaperRecord], first: date) -> list[PaperRecord]:
    """Leave out the papers that are not stored here and were submitted before first."""
    chosen = list(records)
    old = {record.identifier for record in chosen if _submitted_before(record, first)}
    unknown = old.difference(Paper.objects.filter(identifier__in=old).values_list("identifier", flat=True))
    return [record for record in chosen if record.identifier not in unknown]


def _submitted_before(record: PaperRecord, first: date) -> bool:
    """Tell whether a paper was submitted before first; an unknown day is the end of its identifier's month."""
    return (record.published_on or arxiv_ids.month(record.identifier) + MONTH) < first
