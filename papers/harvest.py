"""Harvesting arXiv's metadata: the daily look at what changed, and a back-fill that a kill does not set back.

Papers are listed by the day on which their metadata was last modified, so that very old ones come along. One that we
do not have is no news, and is passed over unless all are wanted.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings

from papers import announced, arxiv_ids, feeds
from papers.ingest import Report, save
from papers.models import Harvest, Paper
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_oai, arxiv_sets
from papers.sources.errors import blamed_on

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

    SourceError; what came before the failure is stored.
    """
    since = now.astimezone(UTC).date() - RECONCILED
    wishes = [Wish(wanted_set, since) for wanted_set in arxiv_sets.sets_of(settings.ARXIV_CATEGORIES)]
    total = sum((page.saved for wish in wishes for page in pages(wish, now)), Report())
    announced.make_up(now)
    return total


def begin(wish: Wish, now: datetime, *, restart: bool = False) -> Harvest:
    """The harvest of wish: where there is one it goes on, where it was finished it asks only for what came since.

    With restart it begins anew from wish.since in both cases.
    """
    anew: dict[str, Any] = {"token": "", "papers": 0, "total": None, "finished_at": None}
    anew |= {"asked_from": wish.since, "started_at": now, "updated_at": now}
    key: dict[str, Any] = {"source": arxiv_oai.NAME, "wanted_set": wish.wanted_set, "since": wish.since}
    found, _ = Harvest.objects.get_or_create(**key, defaults=anew)
    if restart or found.finished_at:
        since = wish.since if restart else max(wish.since, found.started_at.astimezone(UTC).date())
        found, _ = Harvest.objects.update_or_create(**key, defaults=anew | {"asked_from": since})
    return found


def backfill(begun: Harvest, now: datetime, *, with_old: bool = False) -> Iterator[Page]:
    """The pages that are left of a harvest, each given after it is stored and remembered; SourceError."""
    wish = Wish(begun.wanted_set, begun.asked_from, with_old)
    for page in pages(wish, now, begun.token):
        remember(begun, page, now)
        yield page
    feeds.note_success(arxiv_oai.NAME, now, begun.papers, feeds.BACK_FILL)


def remember(begun: Harvest, page: Page, now: datetime) -> None:
    """Only after the page is stored: killed between the two, it is asked for again, and stored again without effect."""
    begun.token = page.token
    begun.papers = page.records + (0 if page.is_first else begun.papers)
    begun.total = page.total or (None if page.is_first else begun.total)
    begun.updated_at = now
    begun.finished_at = None if page.token else now
    begun.save(update_fields=KEPT)


def pages(wish: Wish, now: datetime, token: str = "") -> Iterator[Page]:
    """Every page from the one of token on, stored when it is given; SourceError.

    Where a token is refused, the list is read anew from its start: what is stored already does not change by it.
    """
    for refusals in range(REFUSALS + 1):
        try:
            yield from pages_from(token, wish, now)
            return
        except arxiv_oai.BadToken as error:
            if refusals == REFUSALS:
                raise
            log.warning("%s", error)
            token = ""


def pages_from(token: str, wish: Wish, now: datetime) -> Iterator[Page]:
    while True:
        page = store(wish, token, now)
        yield page
        if not page.token:
            return
        if page.token == token:
            raise SourceError(arxiv_oai.NAME, "names a page as the one after itself", "Try again later.")
        token = page.token


def store(wish: Wish, token: str, now: datetime) -> Page:
    """Fetch one page and store what is wanted of it; SourceError."""
    data = arxiv_oai.fetch(wish.since, wish.wanted_set, token)
    with blamed_on(arxiv_oai.NAME):
        answer = arxiv_oai.parse(data)
    wanted = answer.records if wish.with_old else without_old(answer.records, wish.since - NEWS)
    return Page(
        records=len(answer.records) + answer.deleted,
        saved=save(wanted, now),
        passed_over=len(answer.records) - len(wanted),
        deleted=answer.deleted,
        token=answer.token,
        total=answer.total,
        is_first=not token,
    )


def without_old(records: Iterable[PaperRecord], first: date) -> list[PaperRecord]:
    """Without the papers that we do not have and that were submitted before first."""
    chosen = list(records)
    old = {one.identifier for one in chosen if submitted_before(one, first)}
    unknown = old.difference(Paper.objects.filter(identifier__in=old).values_list("identifier", flat=True))
    return [one for one in chosen if one.identifier not in unknown]


def submitted_before(record: PaperRecord, first: date) -> bool:
    """Where a record does not say when its paper was submitted, it was by the end of its identifier's month."""
    return (record.published_on or arxiv_ids.month(record.identifier) + MONTH) < first
