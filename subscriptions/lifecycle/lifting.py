"""Let an address be mailed again that was never to be: for an operator, whom the person asked or who erred."""

from datetime import datetime

from django.db import transaction

from subscriptions.lifecycle.status_changes import next_digest
from subscriptions.models import Subscriber, SubscriberStatus, Suppression


def lift(subscriber: Subscriber, now: datetime) -> bool:
    """Remove the suppression of a subscriber's address; return False if there is none.

    Digests come again where their consent still holds, from their next hour on; else only they can begin anew.
    """
    with transaction.atomic():
        person = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        gone, _ = Suppression.objects.filter(address_hash=person.address_hash).delete()
        if person.status != SubscriberStatus.SUPPRESSED:
            return bool(gone)
        person.status = _status_without(person)
        if person.status == SubscriberStatus.ACTIVE:
            person.next_digest_at = next_digest(person, now)
        person.save(update_fields=["status", "next_digest_at"])
    return True


def _status_without(person: Subscriber) -> SubscriberStatus:
    if person.confirmed_at is None:
        return SubscriberStatus.PENDING
    consents = person.consents.filter(confirmed_at__isnull=False, withdrawn_at__isnull=True)
    return SubscriberStatus.ACTIVE if consents.exists() else SubscriberStatus.UNSUBSCRIBED
