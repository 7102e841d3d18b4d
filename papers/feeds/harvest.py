"""Harvesting arXiv's metadata: the daily look at what changed, and a back-fill that a kill does not set back.

Papers are listed by the day on which their metadata was last modified, so that very old ones come along. One that we
do not have is no news, and is passed over unless all are wanted.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from papers.feeds import arxiv_feed, feed_states
from papers.feeds.harvest_pages import Page, Wish, read_on
from papers.ingest.saving import Report
from papers.models import Harvest
from papers.periods import utc_date
from papers.sources import SourceError, arxiv_oai, arxiv_sets

RECONCILED = timedelta(days=4)  # longer than a weekend with a holiday: some days' changes come late
DAILY = "arxiv-oai-daily"  # the source of the rows of the daily look, one a set
FAILURES = 2  # of sets in one run: one that cannot be read stops no other, but then it is not the set's fault


def reconcile(now: datetime) -> Report:
    """Take in whatever arXiv changed in the last days, in every set of the settings, and what its feed lacked with it.

    A set that was not read to its end is gone on with, from the page on which it ended, and what was changed since is
    asked for after it, however many days that are. Raises SourceError; what came in spite of the failure is stored.
    """
    total, failures = Report(), []
    for wanted_set in arxiv_sets.sets_of(settings.ARXIV_CATEGORIES):
        try:
            for page in _changes(wanted_set, now):
                total += page.saved
        except SourceError as error:
            failures.append(error)
            if len(failures) == FAILURES:
                break
    arxiv_feed.make_up(now)
    if failures:
        raise failures[0]
    return total


def _changes(wanted_set: str, now: datetime) -> Iterator[Page]:
    """Yield the pages of what was changed in a set since the last look at it, and in the last days in any case."""
    last = Harvest.objects.filter(source=DAILY, wanted_set=wanted_set).order_by("-pk").first()
    if last and not last.finished_at:
        yield from read_on(last, now)
        if utc_date(last.started_at) == utc_date(now):
            return
    yield from read_on(_begin_look(wanted_set, last, now), now)


def _begin_look(wanted_set: str, last: Harvest | None, now: datetime) -> Harvest:
    """Return the row of a set, begun anew; another process that begins at the same time gets the same one."""
    since = utc_date(now) - RECONCILED
    anew = {"asked_from": since, "started_at": now, "updated_at": now}
    if last is None:
        look, _ = Harvest.objects.get_or_create(source=DAILY, wanted_set=wanted_set, since=since, defaults=anew)
        return look
    last.since = last.asked_from = min(since, utc_date(last.started_at))
    last.token, last.papers, last.total, last.finished_at = "", 0, None, None
    last.started_at = last.updated_at = now
    last.save()
    return last


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
    yield from read_on(begun, now, with_old=with_old)
    feed_states.note_success(arxiv_oai.NAME, now, begun.papers, feed_states.BACK_FILL)
