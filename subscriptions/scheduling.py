"""Who is due, in their own time zone. Due-ness is a column in the database, never "the clock struck"."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from subscriptions import runs
from subscriptions.models import DeliveryStatus, Digest, Frequency, Run, Subscriber

logger = logging.getLogger(__name__)
BATCH = 50
PLANNED_AT_ONCE = 500
APART = timedelta(hours=12)
FREQUENCY_DAYS = {Frequency.DAILY: range(7), Frequency.WEEKDAYS: range(5)}


def local_date(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def due_instant(day: date, hour: int, zone: str) -> datetime | None:
    """The UTC instant at which it is `hour` o'clock on `day` in `zone`; None if the zone has no such date.

    In a gap (clocks put forward) it is the first instant after it, in a fold (put back) the first of the two.
    """
    info = ZoneInfo(zone)
    local = datetime.combine(day, time(hour), tzinfo=info)
    instant = local.astimezone(UTC)
    if instant.astimezone(info).replace(tzinfo=None) != local.replace(tzinfo=None):
        instant = _transition(local.replace(fold=1).astimezone(UTC), instant, info)
    return instant if instant.astimezone(info).date() == day else None


def _transition(before: datetime, after: datetime, info: ZoneInfo) -> datetime:
    """The first instant in (before, after] with the offset of `after`, to the second."""
    offset = after.astimezone(info).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = (before + (after - before) / 2).replace(microsecond=0)
        if middle.astimezone(info).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def is_mail_day(subscriber: Subscriber, day: date) -> bool:
    if subscriber.frequency == Frequency.WEEKLY:
        return day.weekday() == subscriber.weekly_day
    return day.weekday() in FREQUENCY_DAYS[Frequency(subscriber.frequency)]


def next_due(subscriber: Subscriber, after: datetime) -> datetime:
    """The first sending hour of a mail day later than `after`."""
    day = local_date(after, subscriber.timezone)
    while True:
        instant = due_instant(day, subscriber.send_hour, subscriber.timezone) if is_mail_day(subscriber, day) else None
        if instant and instant > after:
            return instant
        day += timedelta(days=1)


def next_after_change(subscriber: Subscriber, now: datetime, last: Digest | None) -> datetime:
    """The next sending hour after a change of zone, hour or days.

    Never for a local date that had its digest, nor within twelve hours of the one before.
    """
    instant = next_due(subscriber, now)
    while last and not _is_apart(instant, last, subscriber.timezone):
        instant = next_due(subscriber, instant)
    return instant


def _is_apart(instant: datetime, last: Digest, zone: str) -> bool:
    return instant - last.due_at >= APART and local_date(instant, zone) > last.local_date


def plan(now: datetime) -> int:
    """Make one digest row for each due subscriber and local date; how many subscribers were due."""
    planned = 0
    while due := plan_some(now):
        planned += due
    return planned


def plan_some(now: datetime) -> int:
    """One transaction of planning: how many subscribers it moved on to their next hour.

    Two planners at once are harmless: the row is unique, and both set the same next hour.
    """
    with transaction.atomic():
        due = list(Subscriber.objects.due(now).order_by("next_digest_at").select_for_update()[:PLANNED_AT_ONCE])
        if due:
            run = runs.of_hour(now)
            rows = [row for subscriber in due if (row := _planned(subscriber, run, now))]
            runs.count_in(run, Digest.objects.add(rows))
            _move_on(due, now)
    return len(due)


def _planned(subscriber: Subscriber, run: Run, now: datetime) -> Digest | None:
    """A subscriber whose schedule cannot be read fails alone, where the operator sees it."""
    due_at = subscriber.next_digest_at or now
    try:
        return planned_digest(subscriber, run, due_at, now)
    except Exception as error:
        logger.exception("Subscriber %s cannot be planned.", subscriber.pk)
        row = Digest(subscriber=subscriber, run=run, local_date=due_at.date(), due_at=due_at, next_attempt_at=now)
        row.status, row.finished_at = DeliveryStatus.FAILED, now
        row.reason = f"It cannot be planned: {error!r}"[:200]
        return row


def _move_on(due: Iterable[Subscriber], now: datetime) -> None:
    """Set the next hours, by one query for all that have the same."""
    groups: dict[datetime, list[int]] = defaultdict(list)
    for subscriber in due:
        groups[_next_or_tomorrow(subscriber, now)].append(subscriber.pk)
    for instant, keys in groups.items():
        Subscriber.objects.filter(pk__in=keys).update(next_digest_at=instant)


def _next_or_tomorrow(subscriber: Subscriber, now: datetime) -> datetime:
    try:
        return next_due(subscriber, now)
    except Exception:
        return now + timedelta(days=1)


def planned_digest(subscriber: Subscriber, run: Run, due_at: datetime, now: datetime) -> Digest:
    """Not all of an hour at once: each at a moment of its own within the first SPREAD_MINUTES."""
    row = Digest(subscriber=subscriber, run=run, local_date=local_date(due_at, subscriber.timezone), due_at=due_at)
    window = 60 * settings.SPREAD_MINUTES
    offset = int.from_bytes(row.handle[:4], "big") % window if window else 0
    row.next_attempt_at = max(due_at, now) + timedelta(seconds=offset)
    return row


def plan_today(subscriber: Subscriber, now: datetime) -> tuple[Digest, bool]:
    """Today's digest of one subscriber, planned for now unless it exists already: (digest, whether it is new)."""
    day, run = local_date(now, subscriber.timezone), runs.of_hour(now)
    with transaction.atomic():
        digest, new = Digest.objects.get_or_create(
            subscriber=subscriber, local_date=day, defaults={"run": run, "due_at": now, "next_attempt_at": now}
        )
        runs.count_in(run, int(new))
    return digest, new
