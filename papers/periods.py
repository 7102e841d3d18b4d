"""Time cut into periods of one length, so that all processes mean the same one."""

from datetime import UTC, date, datetime, timedelta

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # a midnight before anything that happened here


def utc_date(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def beginning(now: datetime, period: timedelta, offset: timedelta = timedelta()) -> datetime:
    """Return when the period began that now lies in; days begin at offset after midnight (UTC)."""
    start = LONG_AGO + offset
    return start + (now - start) // period * period
