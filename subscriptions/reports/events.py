"""Act upon what the provider reported: each stored event in a transaction of its own, in any order."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from subscriptions.models import (
    AccountMail,
    BounceScore,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    EventStatus,
    Meaning,
)
from subscriptions.reports import bounces, safe_values
from subscriptions.reports.classification import without_addresses

logger = logging.getLogger(__name__)
AT_ONCE = 500
MOST = 20_000  # of one call; a task has a time limit, and the next one comes within the minute
RETRY_AFTER = timedelta(minutes=5)
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
    """Act upon all events that wait, and return how many were done; a failed one is tried again and delays no other."""
    done, started = 0, clock()
    for _ in range(MOST // AT_ONCE):
        waiting = list(DeliveryEvent.objects.waiting(started).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if not waiting:
            break
        done += sum(process_one(pk, clock()) for pk in waiting)
    return done


def process_one(pk: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return _act(pk, now) and DeliveryEvent.objects.claim(pk)
    except Exception as error:  # whatever is wrong with this event must not stop the others
        logger.exception("Delivery event %s cannot be processed.", pk, extra={"event": "report_failed"})
        message = without_addresses(safe_values.text(f"{type(error).__name__}: {error}", 500))
        DeliveryEvent.objects.fail(pk, message, now + RETRY_AFTER)
        return False


def _act(pk: int, now: datetime) -> bool:
    """Act upon an event; return False if it is done already. Two processes may do it twice, which is harmless.

    Locks are taken in the order of all: digest, subscriber, and then what points to them.
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
    """Mark a mail as sent of which it was unclear whether it left.

    Also one that is in flight, whose sender may have died, and one that waits to be sent a second time.
    """
    open_ends = Q(status__in=[DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN])
    second_copies = Q(status=DeliveryStatus.PLANNED, claimed_at__isnull=False)
    sent = {"status": DeliveryStatus.SENT, "reason": "", "finished_at": now}
    if event.digest_id:
        Digest.objects.filter(open_ends | second_copies, pk=event.digest_id).update(**sent)
    if event.account_mail_id:
        AccountMail.objects.filter(open_ends | second_copies, pk=event.account_mail_id).update(**sent)


def forget_old(now: datetime) -> int:
    """Delete events received more than 90 days ago, and scores unchanged since; return how many events."""
    since, gone = now - safe_values.KEPT, 0
    while old := _oldest(since):
        DeliveryEvent.objects.filter(pk__in=old).delete()
        gone += len(old)
    BounceScore.objects.exclude(counted_on__gte=since.date()).exclude(counts_since__gt=since).delete()
    return gone


def _oldest(since: datetime) -> list[int]:
    """Return the oldest keys: they are given out in the order of arrival."""
    first = DeliveryEvent.objects.order_by("pk").values_list("pk", "received_at")[:FORGOTTEN_AT_ONCE]
    return [pk for pk, received_at in first if received_at < since]
