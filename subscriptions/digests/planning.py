"""Plan the digests of those who are due. Due-ness is a column in the database, never "the clock struck"."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from subscriptions.digests import after_restore, runs, silence
from subscriptions.digests.after_restore import Restored
from subscriptions.models import DeliveryStatus, Digest, Run, SkipReason, Subscriber
from subscriptions.people.calendar import local_date, next_due

logger = logging.getLogger(__name__)
BATCH = 50
PLANNED_AT_ONCE = 500


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
        due = list(Subscriber.objects.due(now).order_by("next_digest_at").select_for_update()[:PLANNED_AT_ONCE])
        if due:
            silence.judge(due, now)
            run, restored = runs.of_hour(now), after_restore.last()
            rows = [_unless_it_left(_planned(subscriber, run, now), restored, now) for subscriber in due]
            runs.count_in(run, Digest.objects.add(rows))
            _move_on(due, now)
    return len(due)


def _unless_it_left(row: Digest, restored: Restored | None, now: datetime) -> Digest:
    """Skip a digest that readers may have had before the database was restored; its row stands for it."""
    if restored and restored.may_have_left(row.due_at, row.subscriber.timezone):
        row.status, row.reason, row.finished_at = DeliveryStatus.SKIPPED, SkipReason.RESTORED, now
    return row


def _planned(subscriber: Subscriber, run: Run, now: datetime) -> Digest:
    """Plan a subscriber; one whose schedule cannot be read fails alone, where the operator sees it."""
    due_at = subscriber.next_digest_at or now
    try:
        return _planned_digest(subscriber, run, due_at, now)
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


def _planned_digest(subscriber: Subscriber, run: Run, due_at: datetime, now: datetime) -> Digest:
    """Return an unsaved digest, at a moment of its own within the first SPREAD_MINUTES of the hour."""
    row = Digest(subscriber=subscriber, run=run, local_date=local_date(due_at, subscriber.timezone), due_at=due_at)
    window = 60 * settings.SPREAD_MINUTES
    offset = int.from_bytes(row.handle[:4], "big") % window if window else 0
    row.next_attempt_at = max(due_at, now) + timedelta(seconds=offset)
    return row


def plan_today(subscriber: Subscriber, now: datetime) -> tuple[Digest, bool]:
    """Plan today's digest of one subscriber for now unless it exists already; return it, and whether it is new."""
    day, run = local_date(now, subscriber.timezone), runs.of_hour(now)
    with transaction.atomic():
        digest, new = Digest.objects.get_or_create(
            subscriber=subscriber, local_date=day, defaults={"run": run, "due_at": now, "next_attempt_at": now}
        )
        runs.count_in(run, int(new))
    return digest, new
