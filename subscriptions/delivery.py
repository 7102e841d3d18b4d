"""Lease a batch, compose it, and deliver it one digest at a time. Whatever happens to one delays no other."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError

from recommender import readiness
from subscriptions import (
    breakers,
    compose,
    control,
    draining,
    emails,
    handover,
    interest_vectors,
    providers,
    rations,
    transport,
)
from subscriptions.breakers import Leave
from subscriptions.handover import Clock, Round
from subscriptions.models import DeliveryStatus, Digest, SkipReason
from subscriptions.scheduling import BATCH
from subscriptions.verdicts import Outcome, Verdict

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
    """Take some of the digests that wait, at most a batch, and bring them to their end; the number sent."""
    now = clock()
    leave = _allowed(now)
    if not leave.mails:
        return 0
    token = Digest.objects.lease_some(leave.mails, now, until=_lease_end(now))
    return _work(token, clock, wait, leave)


def deliver_for_a_while(clock: Clock, wait: Wait = time.sleep) -> int:
    """As deliver_waiting, batch after batch: a message of the broker costs a wait for the next one. The number sent.

    How long is measured by a clock that nobody sets. It ends with the first batch of which nothing was sent.
    """
    end = time.monotonic() + GO_ON
    whole = sent = deliver_waiting(clock, wait)
    while sent and time.monotonic() < end and not draining.is_asked():
        whole += (sent := deliver_waiting(clock, wait))
    return whole


def deliver(ids: Iterable[int], clock: Clock, wait: Wait = time.sleep) -> int:
    """As deliver_waiting, but these ones, as far as they wait."""
    now = clock()
    leave = _allowed(now)
    if not leave.mails:
        return 0
    token = Digest.objects.lease(list(ids)[: leave.mails], now, until=_lease_end(now))
    return _work(token, clock, wait, leave)


def _allowed(now: datetime) -> Leave:
    """How many digests may be taken on: none while sending is stopped, one to find out whether a provider is back."""
    if not control.may_send():
        return Leave(0)
    return breakers.allowed(providers.name(), now, rations.batch_size(BATCH))


def _lease_end(now: datetime) -> datetime:
    """If it passes (the process was stopped for long), every later claim fails and the call simply ends."""
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def _work(token: UUID, clock: Clock, wait: Wait, leave: Leave) -> int:
    now = clock()
    _leave_out(token, now)
    composed = compose.compose(token, now)
    for pk, error in composed.failed.items():
        _postpone(pk, f"It cannot be composed: {error!r}", now)
    allotted = rations.allot(composed.digests, now)
    for digests, at in allotted.later:
        Digest.objects.release(token, [digest.pk for digest in digests], at)
    if not allotted.going:
        breakers.not_tried(providers.name(), leave, now)
        return 0
    writer = _writer(allotted.going, composed, now)
    if writer is None:
        breakers.not_tried(providers.name(), leave, now)
        return 0
    with transport.connection() as line:
        way = Round(token, clock, line, providers.name(), is_probe=leave.is_probe)
        _send_all(way, allotted, writer, wait)
    if way.is_probe:
        breakers.not_tried(way.provider, leave, clock())
    return way.sent


def _writer(digests: Sequence[Digest], composed: compose.Composed, now: datetime) -> emails.Writer | None:
    """None if not even the frame of the mails can be made: then all of the batch wait for somebody to mend it."""
    try:
        return emails.Writer(digests, composed.items, now)
    except (OperationalError, InterfaceError):  # the database is away, which is nobody's fault
        raise
    except Exception as error:
        logger.exception("A batch of %d mails cannot be written.", len(digests))
        for digest in digests:
            _postpone(digest.pk, f"It cannot be rendered: {error!r}", now)
        return None


def _send_all(way: Round, allotted: rations.Allotment, writer: emails.Writer, wait: Wait) -> None:
    end, turn, gap = allotted.start + LONGEST_ROUND, allotted.start, rations.gap()
    try:
        for digest in allotted.going:
            if gap and not _came(turn, way.clock, wait):
                break
            turn += gap
            if draining.is_asked() or way.clock() > end or not _deliver_one(way, digest, writer):
                break
    finally:
        way.finish()
        if way.claimed < len(allotted.going):
            _put_back(way)


def _came(turn: datetime, clock: Clock, wait: Wait) -> bool:
    """Wait for it; False if it is so far away that the clock must have been put back since it was given out."""
    left = turn - clock()
    if left > rations.LONGEST_WAIT:
        return False
    if left > timedelta():
        wait(left.total_seconds())
    return True


def _deliver_one(way: Round, digest: Digest, writer: emails.Writer) -> bool:
    try:
        message = writer.mail(digest)
    except Exception as error:  # whatever is wrong with this digest must not stop the others
        logger.exception("Digest %s cannot be rendered.", digest.pk)
        _postpone(digest.pk, f"It cannot be rendered: {error!r}", way.clock())
        return True
    return way.deliver(digest, message)


def _put_back(way: Round) -> None:
    """What was not come to goes again: at once, or when the provider may be back; without haste after an outage."""
    now = way.clock()
    closed_until = breakers.open_until(way.provider)
    at = max(now, closed_until or now) + (rations.back_off(0) if closed_until else timedelta())
    Digest.objects.release(way.token, None, at)


def _leave_out(token: UUID, now: datetime) -> None:
    """Skip what is late, and hold back what had better wait."""
    leased = Digest.objects.leased(token, now).values_list("pk", "subscriber_id", "due_at", "composed_at")
    waiting = []
    for pk, subscriber, due_at, composed_at in leased:
        if due_at < _latest(now):
            Digest.objects.drop(pk, DeliveryStatus.SKIPPED, SkipReason.LATE, now)
        elif composed_at is None:
            waiting.append(Waiting(pk, subscriber, due_at))
    _hold_back(token, waiting, now)


def _latest(now: datetime) -> datetime:
    return now - timedelta(hours=settings.LATENESS_HOURS)


def _hold_back(token: UUID, waiting: Sequence[Waiting], now: datetime) -> None:
    """Wait, for a while, for the papers of the day and for interests that are being read."""
    patient = [one for one in waiting if one.due_at > now - timedelta(minutes=settings.EDITION_WAIT_MINUTES)]
    unready = patient if patient and not readiness.is_ready(now) else []
    fresh = {one.subscriber: one.pk for one in waiting if one.due_at > now - VECTORS_WITHIN and one not in unready}
    slow = interest_vectors.under_way(fresh) if fresh else set()
    _look_again(token, [one.pk for one in unready] + [fresh[subscriber] for subscriber in slow], now)


def _look_again(token: UUID, digests: Sequence[int], now: datetime) -> None:
    if digests:
        Digest.objects.release(token, digests, now + LOOK_AGAIN)


def _postpone(pk: int, reason: str, now: datetime) -> None:
    """A bad digest fails in the end; a bad deployment is mended before that, and costs nobody the day's digest."""
    if not Digest.objects.postpone(pk, reason, now + RETRY_AFTER):
        Digest.objects.drop(pk, DeliveryStatus.FAILED, reason, now)


def sweep(now: datetime) -> int:
    """Digests in flight whose sender must be dead become uncertain: nobody sends them again blindly.

    They do go again where the provider forgets second copies, or where ON_UNCERTAIN says so. What has become late is
    skipped here too: while nothing may be sent nobody else looks at it, and then it must not stand before the others.
    """
    late = Digest.objects.waiting(now).filter(due_at__lt=_latest(now)).values_list("pk", flat=True)
    for pk in late[:SWEPT_AT_ONCE]:
        Digest.objects.drop(pk, DeliveryStatus.SKIPPED, SkipReason.LATE, now)
    stuck = list(Digest.objects.stuck(now))
    for digest in stuck:
        handover.record(digest, Outcome(Verdict.AMBIGUOUS, DIED), now)
    return len(stuck)
