"""Dates that came in before they were refused: the site ignores them; they are found here, and can be forgotten."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from papers.editions.entries import drop, is_curated, now_standing, settle
from papers.models import Edition, EditionEntry, FeedState, Paper, Signal
from papers.records import AHEAD, EARLIEST, latest_day
from papers.trends import updating

OF_PAPERS = ("published_on", "announced_on", "listed_on", "took_off_on")
OF_FEEDS = ("last_batch_on", "dated_on")


def found(now: datetime) -> dict[str, int]:
    """Count what bears a date that no source may bring in, by the word for it; words without any are left out."""
    counts = {
        "papers": papers(now).count(),
        "feed states": FeedState.objects.filter(odd(OF_FEEDS, now)).count(),
        "counts": signals(now).count(),
        "editions": editions(now).count(),
    }
    return {word: number for word, number in counts.items() if number}


@transaction.atomic
def forget(now: datetime) -> dict[str, int]:
    """Empty these dates, take the papers out of their editions, and return what there was.

    Curated entries stay; a source that says the true date fills it in again.
    """
    before = found(now)
    _take_back(papers(now).order_by("identifier").select_for_update(), now)
    for name in OF_FEEDS:
        FeedState.objects.filter(odd([name], now)).update(**{name: None})
    signals(now).delete()
    there = EditionEntry.objects.filter(edition__in=editions(now))
    drop([entry for entry in there if not is_curated(entry)])
    editions(now).filter(entries__isnull=True, note="").delete()
    updating.refresh(now)
    return before


def _take_back(chosen: Iterable[Paper], now: datetime) -> None:
    changed = list(chosen)
    former = {paper.pk: now_standing(paper) for paper in changed}
    for paper in changed:
        for name in OF_PAPERS:
            day: date | None = getattr(paper, name)
            if day and not EARLIEST <= day <= latest_day(now):
                setattr(paper, name, None)
        paper.announced_estimated = paper.announced_estimated and paper.announced_on is not None
    Paper.objects.bulk_update(changed, [*OF_PAPERS, "announced_estimated"], batch_size=500)
    settle(changed, former)


def odd(names: Iterable[str], now: datetime) -> Q:
    outside = Q()
    for name in names:
        outside |= Q(**{f"{name}__gt": latest_day(now)}) | Q(**{f"{name}__lt": EARLIEST})
    return outside


def papers(now: datetime) -> QuerySet[Paper]:
    return Paper.objects.filter(odd(OF_PAPERS, now))


def signals(now: datetime) -> QuerySet[Signal]:
    return Signal.objects.filter(observed_at__gt=now + AHEAD)


def editions(now: datetime) -> QuerySet[Edition]:
    """Return editions to come that hold papers, or that no curator has written on."""
    to_come = Edition.objects.filter(odd(["date"], now))
    return to_come.filter(Q(entries__isnull=False) | Q(note="")).distinct()
