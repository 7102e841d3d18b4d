"""Act upon what the provider reported: each stored event in a transaction of its own, in any order."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
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
    Subscriber,
)
from subscriptions.reports import bounces, safe_values, ties
from subscriptions.reports.safe_values import without_addresses

logger = logging.getLogger(__name__)
AT_ONCE = 500
MOST = 20_000  # of one call; a task has a time limit, and the next one comes within the minute
RETRY_AFTER = timedelta(minutes=5)
ASK_AGAIN = timedelta(minutes=1)  # for the mail of a report that was faster than our own record of its id
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
            return _act(pk, now)
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
    is_new = not event.is_ours
    may_come = is_new and _is_one_being_recorded(event)
    if is_new and not _tie(event):
        return _leave(event, may_come, now)
    meaning = Meaning(event.meaning)
    if meaning in TAKEN:
        _settle(event, now)
    if is_new and event.subscriber_id:
        list(Subscriber.objects.select_for_update().filter(pk=event.subscriber_id))
        event.save(update_fields=["digest", "account_mail"])
    if event.address_hash:
        bounces.apply(meaning, bytes(event.address_hash), now)
    return DeliveryEvent.objects.claim(pk)


def _tie(event: DeliveryEvent) -> bool:
    """Find the mail that a report is about by the provider's id, which may have come after the report itself."""
    found = ties.by_provider_id(event)
    event.digest, event.account_mail = found.digest, found.account_mail
    return found.is_ours


def _is_one_being_recorded(event: DeliveryEvent) -> bool:
    """Tell whether the reader has a mail whose id is still to be recorded; asked first, and for the mail then."""
    open_ends = [DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN]
    mine = {"subscriber": event.subscriber_id, "status__in": open_ends, "provider_id": ""}
    return Digest.objects.filter(**mine).exists() or AccountMail.objects.filter(**mine).exists()


def _leave(event: DeliveryEvent, may_come: bool, now: datetime) -> bool:
    """Leave a report alone that is of no mail of ours; one that may have been faster than our own record waits."""
    recorded_by = event.received_at + timedelta(seconds=settings.UNCERTAIN_AFTER_SECONDS)
    if may_come and event.provider_id and now < recorded_by:
        DeliveryEvent.objects.ask_again(event.pk, now + ASK_AGAIN)
        return False
    return DeliveryEvent.objects.set_aside(event.pk)


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
