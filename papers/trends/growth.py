"""How much one count of one paper grew, out of its readings: no database, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# Hugging Face counts the stars of a repository once a day only: the growth of a shorter time is mostly noise.
WINDOW = timedelta(days=2)
# A first reading holds all votes since the paper came out. Lists take up few papers later than this.
AT_MOST_SINCE = timedelta(days=7)
# Readings come at about the same hour of each day: "since yesterday" may be a little less than 24 hours.
ABOUT_A_DAY = timedelta(hours=20)
STILL_NEW = timedelta(days=2)

Reading = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Growth:
    """The newest count of a kind, and what it gained since an earlier reading."""

    count: int
    seen_at: datetime
    gain: int = 0
    hours: float = 0.0  # between the two readings; 0 where there is one only, which tells a level and no pace


def growth(readings: Sequence[Reading], came_out: datetime | None) -> Growth:
    """Return what the newest of the readings, at least one and in the order of time, gained in about two days.

    It is compared with the newest reading that is at least WINDOW older, else with the oldest that there is. Counts
    that were zero when the paper came out (votes and comments, but not the stars of a repository, which may be older)
    have that as their oldest reading, at most a week back; came_out is None for the others. A count that went down,
    because it was corrected or votes were taken back, gained nothing.
    """
    seen_at, count = readings[-1]
    began, before = _compared_with(readings, came_out)
    return Growth(count, seen_at, max(0, count - before), max(0.0, (seen_at - began) / timedelta(hours=1)))


def _compared_with(readings: Sequence[Reading], came_out: datetime | None) -> Reading:
    """Return the reading with which the newest one is compared."""
    seen_at = readings[-1][0]
    old = [reading for reading in readings if reading[0] <= seen_at - WINDOW]
    if old:
        return old[-1]
    if came_out is None:
        return readings[0]
    return min(max(came_out, seen_at - AT_MOST_SINCE), seen_at), 0


def lately(readings: Sequence[Reading], now: datetime) -> tuple[int, int] | None:
    """Return (gain, hours) of the newest reading on one of about a day before; None if that is missing or both old."""
    seen_at, value = readings[-1]
    before = [reading for reading in readings if reading[0] <= seen_at - ABOUT_A_DAY]
    if not before or seen_at < now - STILL_NEW:
        return None
    return value - before[-1][1], round((seen_at - before[-1][0]) / timedelta(hours=1))
