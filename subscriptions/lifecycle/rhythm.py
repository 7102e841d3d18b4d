"""Bring back the rhythm that a reader chose, once there is a sign of life."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from subscriptions.lifecycle.status_changes import change_schedule
from subscriptions.models import Subscriber
from subscriptions.people import signs

AT_ONCE = 500
NOT_SILENT = {"asked_on": None, "slowed_on": None}


def sign_of_life(subscriber: Subscriber, now: datetime) -> bool:
    """Note something that the reader did themselves; digests that were slowed down come as chosen again at once.

    Returns whether they had been asked for a sign.
    """
    signs.note(subscriber, now)
    return subscriber.asked_on is not None and _as_chosen(subscriber, now)


def quicken(now: datetime) -> int:
    """Bring back the chosen rhythm of those who read a web copy, or whose digests are not to slow down any more.

    Returns for how many; a page that is only looked at stores a date and leaves this to the clock.
    """
    return sum(_as_chosen(subscriber, now) for subscriber in to_quicken())


def to_quicken() -> QuerySet[Subscriber]:
    """Return some of those whose chosen rhythm comes back."""
    woken = Q(last_sign_on__gte=F("slowed_on"))
    slowed = Subscriber.objects.filter(slowed_on__isnull=False)
    if settings.SLOW_DOWN_AFTER_DAYS:
        slowed = slowed.filter(woken | Q(slow_down=False))
    return slowed.order_by("slowed_on")[:AT_ONCE]


def _as_chosen(subscriber: Subscriber, now: datetime) -> bool:
    with transaction.atomic():
        was_slowed = subscriber.slowed_on is not None
        subscriber.asked_on = subscriber.slowed_on = None
        changed = Subscriber.objects.filter(pk=subscriber.pk, asked_on__isnull=False).update(**NOT_SILENT)
        if was_slowed:
            change_schedule(subscriber, now)
    return changed == 1
