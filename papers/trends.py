"""From stored signals to Paper.trend."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from papers.models import Paper, Signal, SignalKind
from papers.trending import same_day_percentiles

# A day's list is read until the next day is over: counts read later, say at a second listing, are no match for it.
READ_FOR = timedelta(days=2)

Reading = tuple[datetime, int]


@transaction.atomic
def refresh(days: Iterable[date]) -> int:
    """Rank the papers first listed on each of these days by upvotes; how many trends changed.

    A paper without a count has no trend: unknown, not last.
    """
    chosen = set(days)
    papers = Paper.objects.filter(listed_on__in=chosen).only("listed_on", "trend")
    # Locked in one order, as ingest does, so that two processes wait for each other instead of deadlocking.
    locked = list(papers.order_by("arxiv_id").select_for_update())
    trends = percentiles(locked, upvotes_at_listing(chosen))
    changed = [paper for paper in locked if paper.trend != trends.get(paper.pk)]
    for paper in changed:
        paper.trend = trends.get(paper.pk)
    return Paper.objects.bulk_update(changed, ["trend"], batch_size=500)


def percentiles(papers: Iterable[Paper], upvotes: dict[int, int]) -> dict[int, float]:
    """Each paper's percentile within its listing day, by primary key, for those with a count."""
    listed: dict[date | None, list[int]] = defaultdict(list)
    for paper in papers:
        if paper.pk in upvotes:
            listed[paper.listed_on].append(paper.pk)
    found: dict[int, float] = {}
    for keys in listed.values():
        found |= zip(keys, same_day_percentiles([upvotes[key] for key in keys]).tolist(), strict=True)
    return found


def upvotes_at_listing(days: set[date]) -> dict[int, int]:
    """The count of each paper first listed on one of these days, by primary key."""
    signals = Signal.objects.filter(kind=SignalKind.UPVOTES, paper__listed_on__in=days).order_by("observed_at")
    readings: dict[int, list[Reading]] = defaultdict(list)
    listed: dict[int, date] = {}
    for pk, day, observed_at, value in signals.values_list("paper_id", "paper__listed_on", "observed_at", "value"):
        readings[pk].append((observed_at, value))
        listed |= {pk: day} if day else {}
    return {pk: of_listing(day, readings[pk]) for pk, day in listed.items()}


def of_listing(day: date, readings: list[Reading]) -> int:
    """The last count read while the day's list was being read, else the first one after; readings in time order."""
    end = datetime.combine(day, time(), UTC) + READ_FOR
    in_time = [value for observed_at, value in readings if observed_at < end]
    return in_time[-1] if in_time else readings[0][1]
