"""Who is due, in their own time zone. Due-ness is a column in the database, never "the clock struck"."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from subscriptions.models import Digest, Frequency, Subscriber

BATCH = 50
PLANNED_AT_ONCE = 500
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


def plan(now: datetime) -> Iterator[list[int]]:
    """Make one digest row for each due subscriber and local date; yield the new ids in batches of at most 50."""
    while due := plan_some(now):
        yield from batched_lists(list(Digest.objects.filter(handle__in=due).values_list("pk", flat=True)))


def plan_some(now: datetime) -> list[bytes]:
    """One transaction of planning: a handle for each subscriber that was due, stored where the digest is new.

    Two planners at once are harmless: the row is unique, and both set the same next hour.
    """
    with transaction.atomic():
        due = list(Subscriber.objects.due(now).order_by("next_digest_at").select_for_update()[:PLANNED_AT_ONCE])
        rows = [planned_digest(subscriber, due_at=subscriber.next_digest_at or now) for subscriber in due]
        Digest.objects.bulk_create(rows, ignore_conflicts=True)
        for subscriber in due:
            subscriber.next_digest_at = next_due(subscriber, now)
        Subscriber.objects.bulk_update(due, ["next_digest_at"])
    return [bytes(row.handle) for row in rows]


def planned_digest(subscriber: Subscriber, due_at: datetime) -> Digest:
    day = local_date(due_at, subscriber.timezone)
    return Digest(subscriber=subscriber, local_date=day, due_at=due_at, next_attempt_at=due_at)


def plan_today(subscriber: Subscriber, now: datetime) -> tuple[Digest, bool]:
    """Today's digest of one subscriber, planned for now unless it exists already: (digest, whether it is new)."""
    day = local_date(now, subscriber.timezone)
    return Digest.objects.get_or_create(
        subscriber=subscriber, local_date=day, defaults={"due_at": now, "next_attempt_at": now}
    )


def forgotten(now: datetime) -> Iterator[list[int]]:
    """Digests whose nudge was lost or whose worker died: still waiting well after their time."""
    waiting = Digest.objects.waiting(now - timedelta(minutes=1)).order_by("next_attempt_at")
    yield from batched_lists(list(waiting.values_list("pk", flat=True)[:2000]))


def batched_lists(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def is_late(digest: Digest, now: datetime) -> bool:
    return now - digest.due_at > timedelta(hours=settings.LATENESS_HOURS)
