"""arXiv's calendar: when it announces papers, and under which date.

Papers are announced at 20:00 Eastern time, Sunday to Thursday. What is announced on the evening of a day stands in the
feed of the next one, which is built at midnight: that date, Monday to Friday, is the batch's, the paper's and the
edition's. How exactly a holiday moves things is not published, so that no batch is expected on a holiday and on the
day after it; one that comes all the same is as good as any other.
"""

from datetime import date, datetime, time, timedelta
from functools import cache

from django.conf import settings

from papers import zone_rules

EASTERN = zone_rules.zone("America/New_York")
ANNOUNCED_AT = time(20)
DAY = timedelta(days=1)
MONDAY, THURSDAY, SATURDAY, SUNDAY = 0, 3, 5, 6

# As arXiv lists them, for a year in which they are more than the rules give.
LISTED = {2026: ("01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31")}


def eastern_date(now: datetime) -> date:
    """Return the date in New York."""
    return now.astimezone(EASTERN).date()


def batch_due(now: datetime) -> date:
    """Return the newest expected batch whose midnight has passed."""
    today = eastern_date(now)
    return today if is_expected(today) else batch_before(today)


def batch_before(day: date) -> date:
    """Return the newest expected batch before day."""
    day -= DAY
    while not is_expected(day):
        day -= DAY
    return day


def batch_on_or_after(day: date) -> date:
    """Return the first expected batch that is not before day."""
    while not is_expected(day):
        day += DAY
    return day


def next_announcement(now: datetime) -> datetime:
    """Return the first expected announcement after now, in Eastern time."""
    evening = eastern_date(now)
    if now >= announcement(evening):
        evening += DAY
    return announcement(batch_on_or_after(evening + DAY) - DAY)


def announcement(evening: date) -> datetime:
    """Return 20:00 Eastern time of this evening."""
    return datetime.combine(evening, ANNOUNCED_AT, EASTERN)


def is_expected(day: date) -> bool:
    """Tell whether a batch of this date is to be announced."""
    return why_quiet(day) == ""


def why_quiet(day: date) -> str:
    """Return 'weekend' or 'holiday' where no batch of this date is expected, else ''."""
    if day.weekday() >= SATURDAY:
        return "weekend"
    return "holiday" if _is_holiday(day) or _is_holiday(day - DAY) else ""


def _is_holiday(day: date) -> bool:
    """Tell whether arXiv's own list, the yearly rules or ARXIV_HOLIDAYS name the day."""
    return day in holidays(day.year) or day in settings.ARXIV_HOLIDAYS


@cache
def holidays(year: int) -> frozenset[date]:
    """Return arXiv's own list of the year, where we have it, else the holidays that it keeps every year."""
    if year in LISTED:
        return frozenset(date.fromisoformat(f"{year}-{day}") for day in LISTED[year])
    fixed = {date(year, 1, 1), date(year, 6, 19), date(year, 12, 25)}
    moving = {_nth(3, MONDAY, year, 1), _nth(1, MONDAY, year, 9), _nth(4, THURSDAY, year, 11)}
    return frozenset(fixed | moving | {_observed(date(year, 7, 4))})


def _nth(number: int, weekday: int, year: int, month: int) -> date:
    """Return the nth weekday of a month, such as the third Monday; weekdays count from 0, Monday."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(day: date) -> date:
    """Return the working day nearest to a holiday at the weekend, else the day itself."""
    return day + {SATURDAY: -DAY, SUNDAY: DAY}.get(day.weekday(), timedelta())
