"""The time that all machines go by: the database's, carried on between two looks by a clock that nobody sets.

A process that never looks, and every one on SQLite, goes by its machine's own clock.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

TOLERATED = timedelta(minutes=1)  # beyond it what carries a time of this machine, such as messages, misleads others
SLOW = 5.0  # seconds after which an answer tells the time too vaguely: the look before stands
JUMPED = 5.0  # seconds by which the machine's clock was set, if it moved so much more or less than time went by


class Look(NamedTuple):
    """What was seen at one moment of the clock that nobody sets: the database's time, and how far ours is ahead."""

    at: float
    moment: datetime
    ahead: timedelta


_last: Look | None = None
looks = True  # whether any process looks: not where somebody moves the clocks of all but the database on purpose


def now() -> datetime:
    """Return the database's time, where this process has looked at it."""
    if _last is None:
        return timezone.now()
    return _last.moment + timedelta(seconds=_elapsed() - _last.at)


def look() -> timedelta:
    """Look at the database's clock, by one query; return how far this machine's is ahead, below zero if behind."""
    global _last
    if not looks or connection.vendor != "postgresql":
        return timedelta()
    before = _elapsed()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment = cursor.fetchone()[0].astimezone(UTC)
    after, ours = _elapsed(), timezone.now()
    if after - before > SLOW:
        return ahead()
    moment += timedelta(seconds=(after - before) / 2)  # the answer was on its way for half of that
    _last = Look(after, moment, ours - moment)
    return _last.ahead


def ahead() -> timedelta:
    """Return how far this machine's clock was ahead at the last look; nothing where there was none."""
    return _last.ahead if _last else timedelta()


def is_off(difference: timedelta) -> bool:
    return abs(difference) > TOLERATED


def was_set() -> bool:
    """Tell whether the machine's clock was set since the last look."""
    return _last is not None and abs((timezone.now() - now() - _last.ahead).total_seconds()) > JUMPED


def in_words(difference: timedelta) -> str:
    """Write a difference as people do: "5 minutes ahead of the database's", by its largest fitting unit."""
    seconds = abs(difference.total_seconds())
    size, unit = next((pair for pair in ((3600, "hours"), (60, "minutes")) if seconds >= 2 * pair[0]), (1, "seconds"))
    direction = "ahead of" if difference > timedelta() else "behind"
    return f"{seconds / size:.0f} {unit} {direction} the database's"


def forget() -> None:
    """Go by the machine's clock until the next look."""
    global _last
    _last = None


def _elapsed() -> float:
    """Return seconds by a clock that goes on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
