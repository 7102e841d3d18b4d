"""Lease a batch, compose it, and deliver it one digest at a time. Whatever happens to one delays no other."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from recommender.candidates import readiness
from subscriptions.delivery import handover, second_copies, shutdown
from subscriptions.delivery.handover import Clock, SendSession, about
from subscriptions.digests import after_restore, compose
from subscriptions.digests.planning import BATCH
from subscriptions.interests import interest_vectors
from subscriptions.limits import kill_switch
from subscriptions.mails import emails
from subscriptions.models import DeliveryStatus, Digest, SkipReason
from subscriptions.providers.results import SendResult
from subscriptions.transport import backends, circuit_breakers, rate_limits, sending
from subscriptions.transport.circuit_breakers import SendPermit
from subscriptions.transport.outcomes import Outcome

logger = logging.getLogger(__name__)
Wait = Callable[[float], None]
RETRY_AFTER = timedelta(minutes=5)
LOOK_AGAIN = timedelta(minutes=2)
VECTORS_WITHIN = timedelta(minutes=15)  # after the hour of the digest: then it goes by the interests that are ready
SWEPT_AT_ONCE = 2000
LONGEST_ROUND = timedelta(minutes=3)
GO_ON = 3.0  # seconds in which a worker takes one batch after another before it looks for other work
DIED = "The process that sent it stopped before the provider's answer was recorded."


class Waiting(NamedTuple):
    """A leased digest that has no papers yet."""

    pk: int
    subscriber: int
    due_at: datetime


def deliver_waiting(clock: Clock, wait: Wait = time.sleep) -> int:
    """Take some of the digests that wait, at most a batch, and bring them to their end; return the number sent."""
    now = clock()
    permit = _allowed(now)
    if not permit.mails:
        return 0
    token = Digest.objects.lease_some(permit.mails, now, until=_lease_end(now))
    return _work(token, clock, wait, permit)


def deliver_for_a_while(clock: Clock, wait: Wait = time.sleep) -> int:
    """Deliver batch after batch, since each message of the broker costs a wait; return the number sent.

    The time is measured by a clock that nobody sets. It ends with the first batch of which nothing was sent.
    """
    end = time.monotonic() + GO_ON
    whole = sent = deliver_waiting(clock, wait)
    while sent and time.monotonic() < end and not shutdown.is_stopping():
        whole += (sent := deliver_waiting(clock, wait))
    return whole


def deliver(ids: Iterable[int], clock: Clock, wait: Wait = time.sleep) -> int:
    """Deliver these digests, as far as they wait; return the number sent."""
    now = clock()
    permit = _allowed(now)
    if not permit.mails:
        return 0
    token = Digest.objects.lease(list(ids)[: permit.mails], now, until=_lease_end(now))
    return _work(token, clock, wait, permit)


def _allowed(now: datetime) -> SendPermit:
    """Permit a batch of digests, none while sending is stopped, one to find out whether a provider is back."""
    if not kill_switch.may_send():
        return SendPermit(0)
    return circuit_breakers.allowed(backends.name(), now, rate_limits.batch_size(BATCH))


def _lease_end(now: datetime) -> datetime:
    """Return when the lease ends; if that passes, as for a stopped process, every later claim fails."""
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def _work(token: UUID, clock: Clock, wait: Wait, permit: SendPermit) -> int:
    now = clock()
    _leave_out(token, now)
    composed = compose.compose(token, now)
    for pk, error in composed.failed.items():
        _postpone(pk, f"It cannot be composed: {error!r}", now)
    allotted = rate_limits.allot(composed.digests, now)
    for digests, again_at in allotted.later:
        Digest.objects.release(token, [digest.pk for digest in digests], again_at)
    if not allotted.going:
        circuit_breakers.give_back(backends.name(), permit, now)
        return 0
    writer = _writer(allotted.going, composed, now)
    if writer is None:
        circuit_breakers.give_back(backends.name(), permit, now)
        return 0
    with sending.connection() as connection:
        session = SendSession(token, clock, connection, backends.name(), is_probe=permit.is_probe)
        _send_all(session, allotted, writer, wait)
    if session.is_probe:
        circuit_breakers.give_back(session.provider, permit, clock())
    return session.sent


def _writer(digests: Sequence[Digest], composed: compose.Composed, now: datetime) -> emails.Writer | None:
    """Return a writer, None if not even the frame of the mails can be made: then the whole batch waits to be mended."""
    try:
        return emails.Writer(digests, composed.items, now)
    except (OperationalError, InterfaceError):  # the database is away, which is nobody's fault
        raise
    except Exception as error:
        logger.exception("A batch of %d mails cannot be written.", len(digests))
        for digest in digests:
            _postpone(digest.pk, f"It cannot be rendered: {error!r}", now)
        return None


def _send_all(session: SendSession, allotted: rate_limits.Allotment, writer: emails.Writer, wait: Wait) -> None:
    end, turn, gap = allotted.start + LONGEST_ROUND, allotted.start, rate_limits.gap()
    try:
        for digest in allotted.going:
            if gap and not _came(turn, session.clock, wait):
                break
            turn += gap
            if shutdown.is_stopping() or session.clock() > end or not _deliver_one(session, digest, writer):
                break
    finally:
        session.finish()
        if session.claimed < len(allotted.going):
            _put_back(session)


def _came(turn: datetime, clock: Clock, wait: Wait) -> bool:
    """Wait for the turn; return False if it is so far away that the clock must have been put back since."""
    time_left = turn - clock()
    if time_left > rate_limits.LONGEST_WAIT:
        return False
    if time_left > timedelta():
        wait(time_left.total_seconds())
    return True


def _deliver_one(session: SendSession, digest: Digest, writer: emails.Writer) -> bool:
    try:
        message = second_copies.thawed(digest, digest.subscriber.email) or writer.mail(digest)
    except Exception as error:  # whatever is wrong with this digest must not stop the others
        logger.exception("Digest %s cannot be rendered.", digest.pk, extra=about(digest, "digest_not_rendered"))
        _postpone(digest.pk, f"It cannot be rendered: {error!r}", session.clock())
        return True
    return session.deliver(digest, message)


def _put_back(session: SendSession) -> None:
    """Give back the digests that were not reached: at once, or for when the provider may be back, without haste."""
    now = session.clock()
    closed_until = circuit_breakers.open_until(session.provider)
    again_at = max(now, closed_until or now) + (rate_limits.back_off(0) if closed_until else timedelta())
    Digest.objects.release(session.token, None, again_at)


def _leave_out(token: UUID, now: datetime) -> None:
    """Skip what is late or may have left before a restore, and hold back what had better wait."""
    columns = ("pk", "subscriber_id", "due_at", "composed_at", "subscriber__timezone")
    restored, waiting = after_restore.last(), []
    for pk, subscriber, due_at, composed_at, zone in Digest.objects.leased(token, now).values_list(*columns):
        if due_at < _latest(now):
            Digest.objects.drop(pk, DeliveryStatus.SKIPPED, SkipReason.LATE, now)
        elif restored and restored.may_have_left(due_at, zone):
            Digest.objects.drop(pk, DeliveryStatus.SKIPPED, SkipReason.RESTORED, now)
        elif composed_at is None:
            waiting.append(Waiting(pk, subscriber, due_at))
    _hold_back(token, waiting, now)


def _latest(now: datetime) -> datetime:
    return now - timedelta(hours=settings.LATENESS_HOURS)


def _hold_back(token: UUID, waiting: Sequence[Waiting], now: datetime) -> None:
    """Wait, for a while, for the papers of the day and for interests that are being read."""
    patient = [digest for digest in waiting if digest.due_at > now - timedelta(minutes=settings.EDITION_WAIT_MINUTES)]
    unready = patient if patient and not readiness.is_ready(now) else []
    fresh = {
        digest.subscriber: digest.pk
        for digest in waiting
        if digest.due_at > now - VECTORS_WITHIN and digest not in unready
    }
    slow = interest_vectors.under_way(fresh) if fresh else set()
    _look_again(token, [digest.pk for digest in unready] + [fresh[subscriber] for subscriber in slow], now)


def _look_again(token: UUID, digests: Sequence[int], now: datetime) -> None:
    if digests:
        Digest.objects.release(token, digests, now + LOOK_AGAIN)


def _postpone(pk: int, reason: str, now: datetime) -> None:
    """Put a digest off; a bad one fails in the end, a bad deployment is mended before and costs nobody a digest."""
    if not Digest.objects.postpone(pk, reason, now + RETRY_AFTER):
        Digest.objects.drop(pk, DeliveryStatus.FAILED, reason, now)


def sweep(now: datetime) -> int:
    """Mark digests in flight as uncertain whose sender must be dead: nobody sends them again blindly.

    They do go again where the provider forgets second copies, or where ON_UNCERTAIN says so. Late ones are
    skipped here too: while nothing may be sent nobody else looks at them, and later they must not delay the others.
    """
    late = Digest.objects.waiting(now).filter(due_at__lt=_latest(now)).values_list("pk", flat=True)
    for pk in late[:SWEPT_AT_ONCE]:
        Digest.objects.drop(pk, DeliveryStatus.SKIPPED, SkipReason.LATE, now)
    stuck = list(Digest.objects.stuck(now))
    for digest in stuck:
        handover.record(digest, Outcome(SendResult.AMBIGUOUS, DIED), now)
    second_copies.sweep(now)
    return len(stuck)
