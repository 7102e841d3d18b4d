"""One digest after another: claim it, hand it over, record what became of it.

The claim of one digest and the record of the one before stand in one short transaction, which is over before the
provider is spoken to. So each mail costs one commit, and what a crash can leave unclear is one mail of each worker.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

import stamina
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, transaction

from subscriptions import bounces, breakers, rations, transport
from subscriptions.models import DeliveryStatus, Digest, Handed, SkipReason, Subscriber, SubscriberStatus, Suppression
from subscriptions.verdicts import Outcome, Verdict

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
P = ParamSpec("P")
T = TypeVar("T")
STOPPED_BY = {
    SubscriberStatus.PENDING: SkipReason.UNSUBSCRIBED,
    SubscriberStatus.PAUSED: SkipReason.PAUSED,
    SubscriberStatus.UNSUBSCRIBED: SkipReason.UNSUBSCRIBED,
    SubscriberStatus.SUPPRESSED: SkipReason.SUPPRESSED,
}
AWAY = (OperationalError, InterfaceError)


def through_a_restart(attempt: Callable[P, T]) -> Callable[P, T]:
    """A database that restarts is back within this; what is not recorded by then becomes uncertain.

    The first attempt is a plain call: what stands around a retry costs as much as a claim.
    """
    again = stamina.retry(on=AWAY, attempts=10, timeout=45, wait_max=8)(attempt)

    @wraps(attempt)
    def patient(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return attempt(*args, **kwargs)
        except AWAY as error:
            logger.warning("The database is away, and is asked again for a while: %s", error)
            return again(*args, **kwargs)

    return patient


@dataclass(slots=True)
class Round:
    """The digests of one lease on their way to one provider."""

    token: UUID
    clock: Clock
    line: BaseEmailBackend
    provider: str
    is_probe: bool = False
    sent: int = 0
    claimed: int = 0
    _is_failing: bool = field(default=True)  # whether the breaker counts failures; until we know better, it does
    _unrecorded: tuple[Digest, Outcome] | None = None

    def deliver(self, digest: Digest, message: EmailMultiAlternatives) -> bool:
        """Hand it over if it may still go; False if the provider is to be left alone from now on."""
        if not self._claim(digest):
            note_why_not(digest, self.clock())
            return True
        self.claimed += 1
        outcome = transport.send(message, self.line, bytes(digest.handle).hex())
        self._unrecorded = (digest, outcome)
        self.sent += outcome.status == DeliveryStatus.SENT
        return not self._is_enough(outcome)

    @through_a_restart
    def finish(self) -> None:
        """Record what was handed over last."""
        with transaction.atomic():
            self._record(self.clock())
        self._unrecorded = None

    @through_a_restart
    def _claim(self, digest: Digest) -> bool:
        now, provider = self.clock(), "" if self.is_probe else self.provider
        sent = self._just_sent()
        if sent and settings.SENDING_ENABLED:
            won = Digest.objects.record_sent_and_claim(sent, digest.pk, self.token, now=now, provider=provider)
        else:
            with transaction.atomic():
                self._record(now)
                won = Digest.objects.claim(digest.pk, self.token, now, provider=provider)
        self._unrecorded = None
        return won

    def _just_sent(self) -> Handed | None:
        """What most often is to be recorded: the one before was taken."""
        if self._unrecorded is None or self._unrecorded[1].status != DeliveryStatus.SENT:
            return None
        digest, outcome = self._unrecorded
        return Handed(digest.pk, outcome.provider_id)

    def _record(self, now: datetime) -> None:
        if self._unrecorded:
            record(*self._unrecorded, now)

    def _is_enough(self, outcome: Outcome) -> bool:
        if outcome.status == DeliveryStatus.SENT and not self._is_failing:
            return False
        is_open = breakers.heard(self.provider, outcome, self.clock())
        self._is_failing = outcome.status != DeliveryStatus.SENT
        self.is_probe = False
        return is_open


def record(digest: Digest, outcome: Outcome, now: datetime) -> None:
    """Who comes so late that somebody else has it in flight by now can only add that it was taken."""
    mine = Digest.objects.filter(lease_token=digest.lease_token)
    if outcome.status == DeliveryStatus.SENT:
        Digest.objects.record_sent(digest.pk, now, outcome.provider_id)
    elif outcome.status == DeliveryStatus.PLANNED:
        at = now + rations.back_off(digest.attempts, outcome.wait)
        mine.try_again(digest.pk, outcome.reason, at)
    elif outcome.status == DeliveryStatus.FAILED:
        mine.refuse(digest.pk, outcome.reason, now)
        judge_address(digest.subscriber.email, outcome, now)
    else:
        mine.finish(digest.pk, outcome.status, outcome.reason, now, outcome.provider_id)


def judge_address(address: str, outcome: Outcome, now: datetime) -> None:
    if outcome.verdict == Verdict.REFUSED_ADDRESS:
        bounces.refused(address, outcome.code, now)


def note_why_not(digest: Digest, now: datetime) -> None:
    """A claim that failed because of the subscriber becomes a skip that says so; any other is somebody else's."""
    subscriber = Subscriber.objects.filter(pk=digest.subscriber_id).first()
    if subscriber is None:  # erased meanwhile, and the digest with it
        return
    suppressed = Suppression.objects.filter(address_hash=subscriber.address_hash).exists()
    reason = SkipReason.SUPPRESSED if suppressed else STOPPED_BY.get(SubscriberStatus(subscriber.status))
    if reason:
        Digest.objects.drop(digest.pk, DeliveryStatus.SKIPPED, reason, now)
