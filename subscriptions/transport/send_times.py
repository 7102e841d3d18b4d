"""The time that the mail provider takes to answer: counted in each process, added up in the database per batch."""

import logging
from collections import defaultdict

from django.db import Error, transaction
from django.db.models import F

from subscriptions.models import SendTime

logger = logging.getLogger(__name__)
LONGER = 2_147_483_647  # milliseconds: any longer answer is among these
BOUNDS = (50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, LONGER)  # milliseconds
Counts = dict[tuple[str, int], tuple[int, float]]  # provider and bound: how many answers, and their seconds in all

unwritten: Counts = defaultdict(lambda: (0, 0.0))


def note(provider: str, seconds: float) -> None:
    """Count one answer; write() stores it."""
    key = provider, next(bound for bound in BOUNDS if 1000 * seconds <= bound or bound == LONGER)
    count, total = unwritten[key]
    unwritten[key] = count + 1, total + seconds


def forget() -> None:
    """Drop what was counted and not written yet."""
    unwritten.clear()


def write() -> None:
    """Add what was counted to the database; what cannot be written now is kept for the next time."""
    if not unwritten:
        return
    try:
        with transaction.atomic():
            for (provider, at_most_ms), (count, seconds) in sorted(unwritten.items()):
                _add(provider, at_most_ms, count, seconds)
    except Error as error:
        logger.warning("How long the mail provider takes could not be noted: %s", error)
    else:
        unwritten.clear()


def _add(provider: str, at_most_ms: int, count: int, seconds: float) -> None:
    row = SendTime.objects.filter(provider=provider, at_most_ms=at_most_ms)
    more = {"count": F("count") + count, "seconds": F("seconds") + seconds}
    if not row.update(**more):  # the first of its kind, unless another process makes the row at this moment
        SendTime.objects.bulk_create([SendTime(provider=provider, at_most_ms=at_most_ms)], ignore_conflicts=True)
        row.update(**more)


def buckets(provider: str) -> tuple[list[tuple[str, float]], float]:
    """Return Prometheus' histogram: for each bound in seconds how many answers took at most so long; and their sum."""
    rows = {row.at_most_ms: row for row in SendTime.objects.filter(provider=provider)}
    cumulated, within = list[tuple[str, float]](), 0
    for bound in BOUNDS:
        within += rows[bound].count if bound in rows else 0
        cumulated.append(("+Inf" if bound == LONGER else str(bound / 1000), float(within)))
    return cumulated, sum(row.seconds for row in rows.values())
