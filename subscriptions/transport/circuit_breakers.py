"""A mail provider that fails is left alone for a while, by all processes; then one mail tries whether it is back."""

import logging
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import F, Q

from subscriptions.models import Breaker
from subscriptions.providers.results import SendResult
from subscriptions.transport.outcomes import Outcome

logger = logging.getLogger(__name__)
THRESHOLD = 5  # failures in a row
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
PROBE = timedelta(minutes=2)  # how long one try may take before the next is allowed
THROTTLED = timedelta(minutes=1)  # where the provider does not say for how long


class SendPermit(NamedTuple):
    """The number of mails that may be tried now, and whether it is the one that finds out if the provider is back."""

    mails: int
    is_probe: bool = False
    until: datetime | None = None  # of a probe: when the next is allowed if nothing is heard of this one


def allowed(provider: str, now: datetime, count: int) -> SendPermit:
    """Permit all of count, or none, or one."""
    if not Breaker.objects.open().filter(provider=provider).exists():
        return SendPermit(count)
    until = now + PROBE
    won = Breaker.objects.probe(provider, now, until)
    return SendPermit(int(won), is_probe=won, until=until if won else None)


def give_back(provider: str, permit: SendPermit, now: datetime) -> None:
    """Give back a probe for which there was nothing to send: the next worker to ask gets it."""
    if permit.is_probe:
        Breaker.objects.filter(provider=provider, open_until=permit.until).update(open_until=now)


def open_until(provider: str) -> datetime | None:
    """Return when the provider may be tried again, None while its breaker is closed."""
    return Breaker.objects.open().filter(provider=provider).values_list("open_until", flat=True).first()


def note_outcome(provider: str, outcome: Outcome, now: datetime) -> bool:
    """Take note of the provider's answer; return whether it is to be left alone from now on."""
    if outcome.result == SendResult.THROTTLED:
        _open(provider, now + (outcome.wait or THROTTLED), outcome.reason, now)
        return True
    if not outcome.is_about_the_provider:
        close(provider, now)
        return False
    return _failed(provider, outcome, now)


def is_well(provider: str) -> bool:
    """Tell whether others' mail is taken: since one was, one mail at most has failed, perhaps the one in question."""
    return not Breaker.objects.filter(provider=provider, failures__gt=1).exists()


def close(provider: str, now: datetime) -> bool:
    """Let mail go to this provider as if it had never failed; return whether there was anything to forget."""
    failing = Breaker.objects.filter(Q(failures__gt=0) | Q(open_until__isnull=False), provider=provider)
    return failing.update(failures=0, open_until=None, reason="", changed_at=now) == 1


def _failed(provider: str, outcome: Outcome, now: datetime) -> bool:
    Breaker.objects.bulk_create([Breaker(provider=provider)], ignore_conflicts=True)
    mine = Breaker.objects.filter(provider=provider)
    mine.update(failures=F("failures") + 1, reason=outcome.reason[:300], changed_at=now)
    breaker = mine.get()
    if breaker.failures < THRESHOLD and breaker.open_until is None and outcome.result != SendResult.MISCONFIGURED:
        return False
    _open(provider, now + _pause(breaker.failures), outcome.reason, now)
    return True


def _pause(failures: int) -> timedelta:
    """Return a pause twice as long with each failure in a row beyond the threshold."""
    pause: timedelta = FIRST * 2 ** min(max(0, failures - THRESHOLD), 10)
    return min(pause, LONGEST)


def _open(provider: str, until: datetime, reason: str, now: datetime) -> None:
    until_text = f"{until:%Y-%m-%d %H:%M:%S}"
    logger.error("No mail goes to %s before %s UTC. %s", provider, until_text, reason, extra={"event": "breaker_open"})
    Breaker.objects.bulk_create([Breaker(provider=provider)], ignore_conflicts=True)
    Breaker.objects.filter(provider=provider).update(open_until=until, reason=reason[:300], changed_at=now)
