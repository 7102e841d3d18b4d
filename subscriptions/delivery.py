"""Lease, compose, and then one digest at a time: claim, send, record. Whatever happens to one delays no other."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from subscriptions import compose, emails, scheduling, transport
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    SkipReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]
RETRY_AFTER = timedelta(minutes=5)
STOPPED_BY = {
    SubscriberStatus.PENDING: SkipReason.UNSUBSCRIBED,
    SubscriberStatus.PAUSED: SkipReason.PAUSED,
    SubscriberStatus.UNSUBSCRIBED: SkipReason.UNSUBSCRIBED,
    SubscriberStatus.SUPPRESSED: SkipReason.SUPPRESSED,
}


def deliver(ids: Iterable[int], clock: Clock) -> int:
    """Bring planned digests to their end; the number sent.

    The lease makes this call the only one that works on them. If it runs out (the process was stopped for long), every
    later claim fails and the call simply ends.
    """
    now = clock()
    token = Digest.objects.lease(ids, now, until=now + timedelta(seconds=settings.LEASE_SECONDS))
    _skip_late(token, now)
    compose.compose(token, now)
    rows = Digest.objects.leased(token, now).select_related("subscriber").order_by("pk")
    ready = rows.prefetch_related("items", "subscriber__interests__topic")
    connection = get_connection()
    try:
        return sum(_deliver_one(digest, token, connection, clock) for digest in ready)
    finally:
        connection.close()


def _skip_late(token: UUID, now: datetime) -> None:
    for digest in Digest.objects.leased(token, now):
        if scheduling.is_late(digest, now):
            Digest.objects.drop(digest.pk, DeliveryStatus.SKIPPED, SkipReason.LATE, now)


def _deliver_one(digest: Digest, token: UUID, connection: BaseEmailBackend, clock: Clock) -> bool:
    try:
        message = emails.digest_mail(digest, clock())
    except Exception as error:  # whatever is wrong with this digest must not stop the others
        logger.exception("Digest %s cannot be rendered.", digest.pk)
        _postpone(digest, f"It cannot be rendered: {error!r}", clock())
        return False
    if not Digest.objects.claim(digest.pk, token, clock()):
        _note_why_not(digest, clock())
        return False
    outcome = transport.send(message, connection)
    _record(digest, outcome, clock())
    return outcome.status == DeliveryStatus.SENT


def _postpone(digest: Digest, reason: str, now: datetime) -> None:
    """A bad digest fails in the end; a bad deployment is mended before that, and costs nobody the day's digest."""
    if not Digest.objects.postpone(digest.pk, reason, now + RETRY_AFTER):
        Digest.objects.drop(digest.pk, DeliveryStatus.FAILED, reason, now)


def _record(digest: Digest, outcome: transport.Outcome, now: datetime) -> None:
    if outcome.status == DeliveryStatus.PLANNED:
        Digest.objects.try_again(digest.pk, outcome.reason, now + RETRY_AFTER)
    elif outcome.status == DeliveryStatus.FAILED:
        Digest.objects.refuse(digest.pk, outcome.reason, now)
    else:
        Digest.objects.finish(digest.pk, outcome.status, outcome.reason, now, outcome.provider_id)


def _note_why_not(digest: Digest, now: datetime) -> None:
    """A claim that failed because of the subscriber becomes a skip that says so; any other is somebody else's."""
    subscriber = Subscriber.objects.filter(pk=digest.subscriber_id).first()
    if subscriber is None:  # erased meanwhile, and the digest with it
        return
    suppressed = Suppression.objects.filter(address_hash=subscriber.address_hash).exists()
    reason = SkipReason.SUPPRESSED if suppressed else STOPPED_BY.get(SubscriberStatus(subscriber.status))
    if reason:
        Digest.objects.drop(digest.pk, DeliveryStatus.SKIPPED, reason, now)


def sweep(now: datetime) -> int:
    """Digests in flight whose sender must be dead become uncertain: nobody sends them again blindly."""
    stuck = list(Digest.objects.stuck(now).values_list("pk", flat=True))
    reason = "The process that sent it stopped before the provider's answer was recorded."
    return sum(Digest.objects.finish(pk, DeliveryStatus.UNCERTAIN, reason, now) for pk in stuck)
