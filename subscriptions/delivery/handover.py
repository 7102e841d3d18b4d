"""Send one digest after another: claim it, hand it over, record the outcome.

The claim of one digest and the record of the one before stand in one short transaction, which is over before the
provider is spoken to. So each mail costs one commit, and what a crash can leave unclear is one mail of each worker.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

import stamina
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db import InterfaceError, OperationalError, transaction

from subscriptions.delivery import second_copies
from subscriptions.delivery.second_copies import Mail
from subscriptions.models import DeliveryStatus, Digest, Handed, SkipReason, Subscriber, SubscriberStatus, Suppression
from subscriptions.providers import table
from subscriptions.providers.results import SendResult
from subscriptions.reports import bounces
from subscriptions.transport import circuit_breakers, sending
from subscriptions.transport.outcomes import SAID, Outcome

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


def about(digest: Digest, event: str) -> dict[str, object]:
    """Return the log's extra: an event's name, and which digest of which run it is about."""
    return {"event": event, "digest": digest.pk, "run": digest.run_id}


def _through_a_restart(attempt: Callable[P, T]) -> Callable[P, T]:
    """Repeat an attempt while the database restarts; what is not recorded in time becomes uncertain.

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
class SendSession:
    """The digests of one lease on their way to one provider."""

    token: UUID
    clock: Clock
    connection: BaseEmailBackend
    provider: str
    is_probe: bool = False
    sent: int = 0
    claimed: int = 0
    _is_failing: bool = field(default=True)  # whether the breaker counts failures; until we know better, it does
    _unrecorded: tuple[Digest, Outcome] | None = None

    def deliver(self, digest: Digest, message: EmailMultiAlternatives) -> bool:
        """Hand it over if it may still go; return False if the provider is to be left alone from now on."""
        if not second_copies.may_go(digest, self.clock()):
            Digest.objects.leave_unclear(digest.pk, f"{SAID[SendResult.LOST]}.", self.clock())
            return True
        if not self._claim(digest):
            _note_why_not(digest, self.clock())
            return True
        self.claimed += 1
        outcome = sending.send(message, self.connection, second_copies.key_of(digest))
        outcome = settled(outcome, digest, "" if self.is_probe else self.provider)
        if outcome.status != DeliveryStatus.SENT:
            line = "Digest %s did not leave (%s): %s"
            logger.warning(line, digest.pk, outcome.status, outcome.reason, extra=about(digest, "digest_not_sent"))
        self._unrecorded = (digest, outcome)
        self._keep_or_forget(digest, message)
        self.sent += outcome.status == DeliveryStatus.SENT
        # Refusals in a row are a provider's that refuses all: one mail that comes again is no second one.
        if is_refused_again(outcome, digest) and not self.is_probe:
            return True
        return not self._is_enough(outcome)

    @_through_a_restart
    def finish(self) -> None:
        """Record what was handed over last."""
        with transaction.atomic():
            self._record(self.clock())
        self._unrecorded = None

    @_through_a_restart
    def _keep_or_forget(self, digest: Digest, message: EmailMultiAlternatives) -> None:
        """Keep what was written while the next attempt has to be the same."""
        if self._unrecorded and self._unrecorded[1].goes_again_the_same:
            second_copies.freeze(digest, message, self.clock())
        elif self._unrecorded and self._unrecorded[1].status != DeliveryStatus.PLANNED:
            second_copies.melt(digest)

    @_through_a_restart
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
        """Return the digest before, if it was taken: that is what mostly has to be recorded."""
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
        is_open = circuit_breakers.note_outcome(self.provider, outcome, self.clock())
        self._is_failing = outcome.status != DeliveryStatus.SENT
        self.is_probe = False
        return is_open


def settled(outcome: Outcome, mail: Mail, provider: str) -> Outcome:
    """Judge an outcome by what went before at the same mail.

    The same refusal without a reason is final the second time, while the provider takes others' mail. Until then it may
    be the account, or all that we send, that is refused: nobody's digest is lost for that, and no address blamed. The
    provider is empty for the one mail that finds out whether it is back.

    Of a mail that may have left no such refusal is final, nor is a mail server's: it may be meant for a second copy.
    And a key is known only from such a mail: else it tells nothing but that an attempt that was refused had it too.
    """
    may_have_left = mail.unclear_since is not None
    if outcome.result == SendResult.TAKEN_BEFORE and not may_have_left:
        return replace(outcome, result=SendResult.LOST)
    is_final = bool(provider) and is_refused_again(outcome, mail) and circuit_breakers.is_well(provider)
    if may_have_left and (is_final or (outcome.result == SendResult.REFUSED_MESSAGE and table.in_use() is None)):
        return replace(outcome, result=SendResult.LOST)
    final = SendResult.REFUSED_ADDRESS if outcome.at_recipient else SendResult.REFUSED_MESSAGE
    return replace(outcome, result=final) if is_final else outcome


def is_refused_again(outcome: Outcome, mail: Mail) -> bool:
    """Tell whether a mail was refused without a reason, as it was the time before, which its row remembers."""
    is_the_same = bool(mail.reason) and outcome.reason.startswith(mail.reason)  # which is cut where it is stored
    return outcome.result == SendResult.REFUSED and is_the_same


def record(digest: Digest, outcome: Outcome, now: datetime) -> None:
    """Record the outcome. A late worker may only record *sent*: another worker owns the row."""
    mine = Digest.objects.filter(lease_token=digest.lease_token)
    if outcome.status == DeliveryStatus.SENT:
        Digest.objects.record_sent(digest.pk, now, outcome.provider_id)
    elif outcome.status == DeliveryStatus.PLANNED:
        again_at = now + second_copies.wait(digest, outcome)
        mine.try_again(digest.pk, outcome.reason, again_at, may_have_left=outcome.may_have_left)
    elif outcome.status == DeliveryStatus.FAILED:
        mine.refuse(digest.pk, outcome.reason, now)
        judge_address(digest.subscriber.email, outcome, now)
    else:
        mine.finish(digest.pk, outcome.status, outcome.reason, now, outcome.provider_id)


def judge_address(address: str, outcome: Outcome, now: datetime) -> None:
    """Count a refusal against the address."""
    if outcome.result == SendResult.REFUSED_ADDRESS:
        bounces.refused(address, outcome.code, now)


def _note_why_not(digest: Digest, now: datetime) -> None:
    """Skip a digest whose claim failed because of its subscriber; any other belongs to another worker."""
    subscriber = Subscriber.objects.filter(pk=digest.subscriber_id).first()
    if subscriber is None:  # erased meanwhile, and the digest with it
        return
    suppressed = Suppression.objects.filter(address_hash=subscriber.address_hash).exists()
    reason = SkipReason.SUPPRESSED if suppressed else STOPPED_BY.get(SubscriberStatus(subscriber.status))
    if reason:
        Digest.objects.drop(digest.pk, DeliveryStatus.SKIPPED, reason, now)
