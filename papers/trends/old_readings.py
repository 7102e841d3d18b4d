"""Old readings that no trend needs any more."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from operator import itemgetter

from papers.models import Signal
from papers.periods import utc_date

KEPT_WHOLE = timedelta(days=3)
KEPT_DAILY = timedelta(days=60)
PAPERS = 500  # at a time

Row = tuple[int, str, datetime, int]  # the key of a paper, kind, time, the key of the reading


def thin(now: datetime) -> int:
    """Delete the readings that no trend needs, paper by paper, and return their number. It may be stopped and repeated.

    Of each kind of a paper's counts stay: the first; the newest and all of the three days before it, with the one that
    these follow; and of each earlier day (UTC) within 60 days the last one.
    """
    deleted, after = 0, 0
    while keys := _papers_with_old_readings(after, now):
        deleted += _thin_papers(keys, now)
        after = keys[-1]
    return deleted


def _papers_with_old_readings(after: int, now: datetime) -> list[int]:
    """Return the next papers by primary key."""
    old = Signal.objects.filter(paper__gt=after, observed_at__lt=now - KEPT_WHOLE)
    return list(old.order_by("paper").values_list("paper", flat=True).distinct()[:PAPERS])


def _thin_papers(keys: Sequence[int], now: datetime) -> int:
    rows = Signal.objects.filter(paper__in=keys).order_by("paper", "kind", "observed_at")
    surplus = [
        pk
        for _, of_kind in groupby(rows.values_list("paper", "kind", "observed_at", "pk"), key=itemgetter(0, 1))
        for pk in not_needed(list(of_kind), now)
    ]
    return Signal.objects.filter(pk__in=surplus).delete()[0]


def not_needed(rows: Sequence[Row], now: datetime) -> Iterator[int]:
    """Yield the keys of readings that may go, of one kind of one paper; rows are in the order of time."""
    whole = min(now, rows[-1][2]) - KEPT_WHOLE
    for row, following in pairwise(rows[1:]):
        needed_daily = day(row) != day(following) or following[2] >= whole
        if row[2] < whole and (row[2] < now - KEPT_DAILY or not needed_daily):
            yield row[3]


def day(row: Row) -> object:
    return utc_date(row[2])
