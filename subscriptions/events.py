"""Act upon what the provider reported: each stored event in a transaction of its own, in whatever order they came."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from subscriptions import bounces
from subscriptions.models import (
    AccountMail,
    BounceScore,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Meaning,
)
from subscriptions.reports import without_addresses

logger = logging.getLogger(__name__)
AT_ONCE = 500
MOST = 20_000  # of one call; a task has a time limit, and the next one comes within the minute
RETRY_AFTER = timedelta(minutes=5)
KEPT = timedelta(days=90)
FORGOTTEN_AT_ONCE = 2000
# The provider had the mail in its hands, whatever became of it then.
TAKEN = {
    Meaning.ACCEPTED,
    Meaning.DELIVERED,
    Meaning.HARD,
    Meaning.SOFT,
    Meaning.BLOCKED,
    Meaning.COMPLAINT,
    Meaning.UNSUBSCRIBED,
}


def process(clock: Callable[[], datetime]) -> int:
    """Act upon all events that wait; how many were done. One that cannot be is tried again, and delays no other."""
    done, started = 0, clock()
    for _ in range(MOST // AT_ONCE):
        waiting = list(DeliveryEvent.objects.waiting(started).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not waiting:
            break
        done += sum(_process_one(pk, clock()) for pk in waiting)
    return done


def _process_one(pk: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return _act(pk, now) and DeliveryEvent.objects.claim(pk)
    except Exception as error:  # whatever is wrong with this event must not stop the others
        logger.exception("Delivery event %s cannot be processed.", pk)
        said = without_addresses(f"{type(error).__name__}: {error}")
        DeliveryEvent.objects.fail(pk, said, now + RETRY_AFTER)
        return False


def _act(pk: int, now: datetime) -> bool:
    """Whether there was something to do. Two processes may do it twice, which is harmless.

    The order of the locks is everybody's: digest, subscriber, and then what points to them.
    """
    event = DeliveryEvent.objects.filter(pk=pk, status=EventStatus.WAITING).first()
    if event is None:
        return False
    meaning = Meaning(event.meaning)
    if meaning in TAKEN:
        _settle(event, now)
    if event.address_hash:
        bounces.apply(meaning, bytes(event.address_hash), now)
    return True


def _settle(event: DeliveryEvent, now: datetime) -> None:
    """A mail of which we did not know whether it left, did.

    Also one that is still in flight here, whose sender may have died, and one that waits to be sent a second time.
    """
    open_ends = Q(status__in=[DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN])
    second_copies = Q(status=DeliveryStatus.PLANNED, claimed_at__isnull=False)
    sent = {"status": DeliveryStatus.SENT, "reason": "", "finished_at": now}
    if event.digest_id:
        Digest.objects.filter(open_ends | second_copies, pk=event.digest_id).update(**sent)
    if event.account_mail_id:
        AccountMail.objects.filter(open_ends | second_copies, pk=event.account_mail_id).update(**sent)


def forget_old(now: datetime) -> int:
    """Remove events received more than 90 days ago, and scores that have not moved since; how many events went."""
    since, gone = now - KEPT, 0
    while old := _oldest(since):
        DeliveryEvent.objects.filter(pk__in=old).delete()
        gone += len(old)
    BounceScore.objects.exclude(counted_on__gte=since.date()).exclude(counts_since__gt=since).delete()
    return gone


def _oldest(since: datetime) -> list[int]:
    """Keys are given out in the order of arrival: to look at the first ones is to look at the oldest."""
    first = DeliveryEvent.objects.order_by("pk").values_list("pk", "received_at")[:FORGOTTEN_AT_ONCE]
    return [pk for pk, received_at in first if received_at < since]
