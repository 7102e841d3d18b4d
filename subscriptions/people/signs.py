"""Signs of life: what a reader does that shows that digests are read. One date is kept, and nothing else noted."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from subscriptions.models import Digest, Subscriber
from subscriptions.people.calendar import local_date

# What opens links earlier are the filters of mail servers, which open every link of a mail as it arrives.
FILTERS_ARE_DONE = timedelta(minutes=15)


def note(subscriber: Subscriber, now: datetime) -> bool:
    """Note that the reader did something today; return False if something was noted today before."""
    today = local_date(now, subscriber.timezone)
    if subscriber.last_sign_on is not None and subscriber.last_sign_on >= today:
        return False
    earlier = Q(last_sign_on__lt=today) | Q(last_sign_on=None)
    subscriber.last_sign_on = today
    return Subscriber.objects.filter(earlier, pk=subscriber.pk).update(last_sign_on=today) == 1


def note_reading(digest: Digest, now: datetime) -> bool:
    """Note that a web copy was read, where that matters: the only thing that opening a page ever stores.

    It is written once a day at most, never in the minutes after the mail left, and not for readers whose digests never
    slow down.
    """
    subscriber = digest.subscriber
    matters = settings.SLOW_DOWN_AFTER_DAYS > 0 and subscriber.slow_down
    left_at = digest.finished_at
    if not matters or left_at is None or now - left_at < FILTERS_ARE_DONE:
        return False
    return note(subscriber, now)
