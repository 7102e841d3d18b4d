"""Limit what may be handed to the provider now: its rates per second and per day, and a budget of second attempts."""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from subscriptions.limits import rate_buckets
from subscriptions.models import DeliveryStatus, Digest
from subscriptions.transport import backends

logger = logging.getLogger(__name__)
RETRY_WINDOW = timedelta(minutes=10)
RETRIES_ALWAYS, RETRY_SHARE = 20, 0.1  # in each window: so many, and this part of what was sent in it
BACK_OFF, LONGEST_BACK_OFF = timedelta(minutes=1), timedelta(hours=1)
LONGEST_WAIT = timedelta(minutes=1)  # of a worker for its turn; beyond it the batch goes back


@dataclass(frozen=True, slots=True)
class Allotment:
    """The digests that go, and when the first; each of the others has a time to come again."""

    going: list[Digest]
    start: datetime
    later: list[tuple[list[Digest], datetime]]


def batch_size(most: int) -> int:
    """Return a size small enough for a batch to be handed over within a worker's patience."""
    rate = settings.PROVIDER_RATE_PER_SECOND
    return min(most, max(1, int(rate * LONGEST_WAIT.total_seconds()))) if rate else most


def allot(digests: Sequence[Digest], now: datetime) -> Allotment:
    """Decide which digests go now, and when the others come again."""
    going, later = list(digests), []
    for limit in (_retries, _of_the_day):
        going, held, until = limit(going, now)
        later += [(held, until)] if held else []
    start = _turn(len(going), now)
    if start - now > LONGEST_WAIT:
        return Allotment([], now, [*later, (going, start)])
    return Allotment(going, start, later)


def gap() -> timedelta:
    """Return the time between two mails of one worker."""
    rate = settings.PROVIDER_RATE_PER_SECOND
    return timedelta(seconds=1 / rate) if rate else timedelta()


def back_off(attempts: int, asked: timedelta | None = None) -> timedelta:
    """Return a random wait, up to twice as long with each attempt ("full jitter"): nothing comes back in step."""
    longest: timedelta = min(BACK_OFF * 2 ** min(attempts, 10), LONGEST_BACK_OFF)
    return (asked or timedelta()) + random.random() * longest


def _retries(digests: list[Digest], now: datetime) -> tuple[list[Digest], list[Digest], datetime]:
    """Let first attempts go always, second ones within the budget, so that an outage is not followed by a storm."""
    again = [digest for digest in digests if digest.attempts]
    if not again:
        return digests, [], now
    sent = Digest.objects.filter(status=DeliveryStatus.SENT, finished_at__gt=now - RETRY_WINDOW).count()
    limit = RETRIES_ALWAYS + int(RETRY_SHARE * sent)
    key = f"retries {backends.name()}"
    granted = rate_buckets.take_some(key, len(again), limit=limit, period=RETRY_WINDOW, now=now)
    held = again[granted:]
    kept = {digest.pk for digest in held}
    return [digest for digest in digests if digest.pk not in kept], held, now + random.random() * RETRY_WINDOW


def _of_the_day(digests: list[Digest], now: datetime) -> tuple[list[Digest], list[Digest], datetime]:
    limit, key = settings.PROVIDER_RATE_PER_DAY, f"day {backends.name()}"
    if not limit or not digests:
        return digests, [], now
    granted = rate_buckets.take_some(key, len(digests), limit=limit, period=rate_buckets.DAY, now=now)
    if granted < len(digests):
        logger.error(
            "The provider's %s mails of the day are used up: the rest waits for tomorrow.",
            limit,
            extra={"event": "day_used_up"},
        )
    tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + rate_buckets.DAY
    return digests[:granted], digests[granted:], tomorrow + random.random() * RETRY_WINDOW


def _turn(count: int, now: datetime) -> datetime:
    rate = settings.PROVIDER_RATE_PER_SECOND
    if not rate or not count:
        return now
    return rate_buckets.turns(f"second {backends.name()}", count, per_second=rate, now=now)
