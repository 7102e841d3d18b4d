"""Allowances that all processes share, kept in the database so that they hold without Redis.

Allowances per time are counted in fixed windows (an hour, a day), each by one conditional UPDATE. A rate per second
gives out turns instead: who asks for n of them gets the time of the first one, and the next to ask those after.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import salted_hmac

from papers import periods
from subscriptions.models import RateBucket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
THE_WINDOW = periods.LONG_AGO  # of a rate per second, which has no other
YEAR = timedelta(days=365)


def take(key: str, count: int, *, limit: int, period: timedelta, now: datetime) -> bool:
    """Use up count of the limit of the period that now is in; return False, using nothing, if not all of it fits."""
    window = periods.beginning(now, period)
    RateBucket.objects.bulk_create([RateBucket(key=key, window=window)], ignore_conflicts=True)
    return RateBucket.objects.take(key, window, count, limit)


def take_some(key: str, count: int, *, limit: int, period: timedelta, now: datetime) -> int:
    """Use up as many of count as still fit, and return their number."""
    while count and not take(key, count, limit=limit, period=period, now=now):
        used = used_of(key, period=period, now=now)
        count = min(count - 1, max(0, limit - used))
    return count


def used_of(key: str, *, period: timedelta, now: datetime) -> int:
    """Return how much of the limit of this period is used up."""
    used = RateBucket.objects.filter(key=key, window=periods.beginning(now, period)).values_list("used", flat=True)
    return used.first() or 0


def turns(key: str, count: int, *, per_second: float, now: datetime) -> datetime:
    """Return when the first of count turns begins, which follow each other 1 / per_second seconds apart."""
    RateBucket.objects.bulk_create([RateBucket(key=key, window=THE_WINDOW, free_at=now)], ignore_conflicts=True)
    with transaction.atomic():
        bucket = RateBucket.objects.select_for_update().get(key=key, window=THE_WINDOW)
        start = max(now, bucket.free_at or now)
        bucket.free_at = start + timedelta(seconds=count / per_second)
        bucket.save(update_fields=["free_at"])
    return start


def take_turn(key: str, *, every: timedelta, ever: int | None, now: datetime) -> bool:
    """Use up a turn, at most once in every and ever times until it is given back; return whether there was one."""
    RateBucket.objects.bulk_create([RateBucket(key=key, window=THE_WINDOW)], ignore_conflicts=True)
    free = RateBucket.objects.filter(Q(free_at__isnull=True) | Q(free_at__lte=now), key=key, window=THE_WINDOW)
    if ever is not None:
        free = free.filter(used__lt=ever)
    return free.update(used=F("used") + 1, free_at=now + every) == 1


def give_back(key: str) -> None:
    """Forget all turns that were taken."""
    RateBucket.objects.filter(key=key, window=THE_WINDOW).delete()


def forget_old(now: datetime) -> int:
    """Delete windows that are over for good, and turns that nobody has taken for a year; return their number."""
    over = Q(window__gt=THE_WINDOW, window__lt=now - 2 * DAY) | Q(window=THE_WINDOW, free_at__lt=now - YEAR)
    return RateBucket.objects.filter(over).delete()[0]


def secret_key(kind: str, value: str) -> str:
    """Return a bucket's key for an address or a network, which nobody can read back."""
    return f"{kind}:{salted_hmac('rate bucket', value, algorithm='sha256').hexdigest()[:32]}"
