"""Allowances that all processes share, kept in the database so that they hold without Redis.

Allowances per time are counted in fixed windows (an hour, a day), each one conditional UPDATE. A rate per second hands
out turns instead: whoever asks for n of them gets the time of the first one, and the next asker those after.
"""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.utils.crypto import salted_hmac

from subscriptions.models import RateBucket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THE_WINDOW = datetime(2000, 1, 1, tzinfo=UTC)  # of a rate per second, which has no other


def take(key: str, count: int, *, limit: int, period: timedelta, now: datetime) -> bool:
    """Whether all of count still fits into the limit of the period that now is in; if so it is used up."""
    window = _window(period, now)
    RateBucket.objects.bulk_create([RateBucket(key=key, window=window)], ignore_conflicts=True)
    return RateBucket.objects.take(key, window, count, limit)


def take_some(key: str, count: int, *, limit: int, period: timedelta, now: datetime) -> int:
    """As many of count as still fit."""
    while count and not take(key, count, limit=limit, period=period, now=now):
        used = used_of(key, period=period, now=now)
        count = min(count - 1, max(0, limit - used))
    return count


def used_of(key: str, *, period: timedelta, now: datetime) -> int:
    found = RateBucket.objects.filter(key=key, window=_window(period, now)).values_list("used", flat=True)
    return found.first() or 0


def turns(key: str, count: int, *, per_second: float, now: datetime) -> datetime:
    """When the first of count turns begins, which follow each other 1 / per_second seconds apart."""
    RateBucket.objects.bulk_create([RateBucket(key=key, window=THE_WINDOW, free_at=now)], ignore_conflicts=True)
    with transaction.atomic():
        bucket = RateBucket.objects.select_for_update().get(key=key, window=THE_WINDOW)
        start = max(now, bucket.free_at or now)
        bucket.free_at = start + timedelta(seconds=count / per_second)
        bucket.save(update_fields=["free_at"])
    return start


def forget_old(now: datetime) -> int:
    """Remove windows that are over for good."""
    return RateBucket.objects.filter(window__gt=THE_WINDOW, window__lt=now - 2 * DAY).delete()[0]


def secret_key(kind: str, value: str) -> str:
    """A bucket's key for an address or a network, which nobody can read back."""
    return f"{kind}:{salted_hmac('rate bucket', value, algorithm='sha256').hexdigest()[:32]}"


def _window(period: timedelta, now: datetime) -> datetime:
    since = datetime(2000, 1, 1, tzinfo=UTC)
    return since + (now - since) // period * period
