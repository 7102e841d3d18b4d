"""The reader's calendar: local dates, mail days, and the instant of an hour in a time zone."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from subscriptions.models import Digest, DueReader, Frequency, Subscriber
from subscriptions.people.zones import zone_of

APART = timedelta(hours=12)
FREQUENCY_DAYS = {Frequency.DAILY: range(7), Frequency.WEEKDAYS: range(5)}


def local_date(now: datetime, zone: str) -> date:
    """Return the date in an IANA time zone."""
    return now.astimezone(zone_of(zone)).date()


def due_instant(day: date, hour: int, zone: str) -> datetime | None:
    """Return the UTC instant at which it is `hour` (0–23) o'clock on `day` in `zone`; None if it has no such date.

    In a gap (clocks put forward) this is the first instant after it, in a fold (put back) the first of the two. Where a
    gap ends with the date, as at 23:00 in Nuuk, it is the last hour before: no date goes without.
    """
    info = zone_of(zone)
    local = datetime.combine(day, time(hour), tzinfo=info)
    instant = local.astimezone(UTC)
    if instant.astimezone(info).replace(tzinfo=None) != local.replace(tzinfo=None):
        instant = _transition(local.replace(fold=1).astimezone(UTC), instant, info)
    if instant.astimezone(info).date() == day:
        return instant
    return due_instant(day, hour - 1, zone) if hour else None


def _transition(before: datetime, after: datetime, info: tzinfo) -> datetime:
    """Find the first instant in (before, after] with the offset of `after`, to the second."""
    offset = after.astimezone(info).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(info).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def is_mail_day(subscriber: Subscriber | DueReader, day: date) -> bool:
    """Tell whether a local date has a digest, as often as they come to this subscriber now."""
    frequency = subscriber.present_frequency
    if frequency == Frequency.WEEKLY:
        return day.weekday() == subscriber.weekly_day
    return day.weekday() in FREQUENCY_DAYS[frequency]


def next_due(subscriber: Subscriber | DueReader, after: datetime) -> datetime:
    """Return the first sending hour of a mail day later than `after`, in UTC."""
    day = local_date(after, subscriber.timezone)
    while True:
        instant = due_instant(day, subscriber.send_hour, subscriber.timezone) if is_mail_day(subscriber, day) else None
        if instant and instant > after:
            return instant
        day += timedelta(days=1)


def next_after_change(subscriber: Subscriber, now: datetime, last: Digest | None) -> datetime:
    """Return the next sending hour, in UTC, after a change of zone, hour or days.

    It is never on a local date that had its digest, nor within twelve hours of the last one.
    """
    instant = next_due(subscriber, now)
    while last and not _is_apart(instant, last, subscriber.timezone):
        instant = next_due(subscriber, instant)
    return instant


def _is_apart(instant: datetime, last: Digest, zone: str) -> bool:
    return instant - last.due_at >= APART and local_date(instant, zone) > last.local_date
