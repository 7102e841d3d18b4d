"""Plan the digests of those who are due. Due-ness is a column in the database, never "the clock struck"."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from papers.among import among
from subscriptions.digests import after_restore, runs, silence
from subscriptions.digests.after_restore import Restored
from subscriptions.handles import dated_handles
from subscriptions.models import DeliveryStatus, Digest, DueReader, NewDigest, Run, SkipReason, Subscriber
from subscriptions.people.calendar import local_date, next_due

logger = logging.getLogger(__name__)
BATCH = 50
PLANNED_AT_ONCE = 1000


class _Calendar:
    """Dates and hours that many readers have in common, each reckoned once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._dates: dict[tuple[datetime, str], date] = {}
        self._hours: dict[tuple[str, int, str, int], datetime] = {}

    def date_of(self, reader: DueReader) -> date:
        key = (reader.next_digest_at, reader.timezone)
        if key not in self._dates:
            self._dates[key] = local_date(*key)
        return self._dates[key]

    def next_of(self, reader: DueReader) -> datetime:
        """Return the next hour; a day later for one whose schedule cannot be read."""
        try:
            key = (reader.timezone, reader.send_hour, reader.present_frequency.value, reader.weekly_day)
            if key not in self._hours:
                self._hours[key] = next_due(reader, self._now)
        except Exception:
            return self._now + timedelta(days=1)
        return self._hours[key]


def plan(now: datetime) -> int:
    """Make one digest row for each due subscriber and local date; return how many subscribers were due."""
    planned = 0
    while due := plan_some(now):
        planned += due
    return planned


def plan_some(now: datetime) -> int:
    """Plan in one transaction, and return how many subscribers it moved on to their next hour.

    Two planners at once are harmless: the row is unique, and both set the same next hour.
    """
    with transaction.atomic():
        due = Subscriber.objects.lock_due(now, PLANNED_AT_ONCE)
        if due:
            silence.judge(due, now)
            run, restored, calendar = runs.of_hour(now), after_restore.last(), _Calendar(now)
            made = zip(due, dated_handles(len(due), now), strict=True)
            rows = [_planned(reader, handle, run, calendar, now) for reader, handle in made]
            if restored:
                rows = [_unless_it_left(*each, restored, now) for each in zip(rows, due, strict=True)]
            runs.count_in(run, Digest.objects.add(rows))
            _move_on(due, calendar)
    return len(due)


def _unless_it_left(row: NewDigest, reader: DueReader, restored: Restored, now: datetime) -> NewDigest:
    """Skip a digest that readers may have had before the database was restored; its row stands for it."""
    if restored.may_have_left(row.due_at, reader.timezone):
        return row._replace(status=DeliveryStatus.SKIPPED, reason=SkipReason.RESTORED, finished_at=now)
    return row


def _planned(reader: DueReader, handle: bytes, run: Run, calendar: _Calendar, now: datetime) -> NewDigest:
    """Return a digest, at a moment of its own within the first SPREAD_MINUTES of the hour.

    One whose schedule cannot be read fails alone, where the operator sees it.
    """
    due_at = reader.next_digest_at
    try:
        return NewDigest(handle, reader.pk, run.pk, calendar.date_of(reader), due_at, max(due_at, now) + _delay(handle))
    except Exception as error:
        logger.exception("Subscriber %s cannot be planned.", reader.pk)
        row = NewDigest(handle, reader.pk, run.pk, due_at.date(), due_at, now)
        reason = f"It cannot be planned: {error!r}"[:200]
        return row._replace(status=DeliveryStatus.FAILED, reason=reason, finished_at=now)


def _delay(handle: bytes) -> timedelta:
    window = 60 * settings.SPREAD_MINUTES
    return timedelta(seconds=int.from_bytes(handle[-4:], "big") % window if window else 0)


def _move_on(due: Iterable[DueReader], calendar: _Calendar) -> None:
    """Set the next hours, by one query for all that have the same."""
    groups: dict[datetime, list[int]] = defaultdict(list)
    for reader in due:
        groups[calendar.next_of(reader)].append(reader.pk)
    for instant, keys in groups.items():
        among(Subscriber.objects.all(), "id", keys).update(next_digest_at=instant)


def plan_today(subscriber: Subscriber, now: datetime) -> tuple[Digest, bool]:
    """Plan today's digest of one subscriber for now unless it exists already; return it, and whether it is new."""
    day, run = local_date(now, subscriber.timezone), runs.of_hour(now)
    with transaction.atomic():
        digest, new = Digest.objects.get_or_create(
            subscriber=subscriber, local_date=day, defaults={"run": run, "due_at": now, "next_attempt_at": now}
        )
        runs.count_in(run, int(new))
    return digest, new
