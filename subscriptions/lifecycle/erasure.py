"""Erase a person: their rows, what points to them by an address, and their name in the operators' log."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from subscriptions.lifecycle.sign_ups import CONFIRM_WITHIN
from subscriptions.lifecycle.status_changes import MAILED_ONCE_CONFIRMED
from subscriptions.models import AddressChange, Consent, Departure, LeftBecause, Run, Subscriber
from subscriptions.people import personal_data

FORGOTTEN_AT_ONCE = 500
ERASED = "erased subscriber"
NAME_IN_LOG = 200  # characters
WHY = ": "  # behind it an operator wrote why, in words that may name the person


def erase(subscriber: Subscriber) -> bool:
    """Delete the person and everything about them at once; return False if somebody else did it before.

    A suppression stays, as a hash that nobody can read. A mail that waits is not sent, since its row is gone; one
    that is being handed over at this moment may still arrive.
    """
    with transaction.atomic():
        person = _locked(subscriber)
        if person is None:
            return False
        addresses = personal_data.addresses_of(person)
        personal_data.events_of(person).delete()
        personal_data.bounce_scores_of(person).delete()
        personal_data.suppressions_of(person).update(note="")
        personal_data.sign_ups_of(person).delete()
        # Somebody else's wish to be mailed at this address, which was never proved to be theirs.
        AddressChange.objects.filter(new_email__in=addresses, confirmed_at__isnull=True).delete()
        _hide_in_log(person, addresses)
        _keep_runs_balanced(person)
        if person.status in MAILED_ONCE_CONFIRMED:
            Departure.objects.create(reason=LeftBecause.ERASED)  # which says of nobody who it was
        person.delete()
    return True


def _locked(subscriber: Subscriber) -> Subscriber | None:
    """Lock the row together with what others may attach new rows to: they have to wait, and then fail.

    Digests first, as delivery takes them before it looks at their subscribers: two orders would be a deadlock.
    """
    list(subscriber.digests.select_for_update().values_list("pk"))
    person = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    list(subscriber.interests.select_for_update().values_list("pk"))
    return person


def _keep_runs_balanced(subscriber: Subscriber) -> None:
    """Note in each run how many of its digests are erased, so that its sum still agrees.

    Oldest first: two erasures that take the same runs in two orders would be a deadlock.
    """
    runs = subscriber.digests.filter(run__isnull=False).order_by("run").values_list("run").annotate(Count("pk"))
    for run, count in runs:
        Run.objects.filter(pk=run).update(erased=F("erased") + count)


def _hide_in_log(person: Subscriber, addresses: Iterable[str]) -> None:
    """Keep in the log what an operator did, and not with whom.

    The log cuts names at 200 characters: a longer address is known by its beginning.
    """
    of_the_person = Q(content_type=ContentType.objects.get_for_model(Subscriber), object_id=str(person.pk))
    LogEntry.objects.filter(of_the_person).update(object_repr=ERASED)
    for entry in LogEntry.objects.filter(of_the_person, change_message__contains=WHY):
        entry.change_message = entry.change_message.partition(WHY)[0] + "."
        entry.save(update_fields=["change_message"])
    for address in addresses:
        beginning = address[:NAME_IN_LOG]
        named = LogEntry.objects.filter(Q(object_repr__icontains=beginning) | Q(change_message__icontains=beginning))
        named.update(object_repr=ERASED, change_message="")


def forget_unconfirmed(now: datetime) -> int:
    """Erase those who signed up and never confirmed in time, as the mail promised; return their number.

    That a mail to them bounced, or that they refused it, makes no difference.
    """
    return sum(map(erase, to_forget(now)))


def to_forget(now: datetime) -> QuerySet[Subscriber]:
    """Return some who never confirmed in time."""
    asked_since = Consent.objects.filter(subscriber=OuterRef("pk"), requested_at__gt=now - CONFIRM_WITHIN)
    unconfirmed = Subscriber.objects.filter(~Exists(asked_since), confirmed_at__isnull=True)
    return unconfirmed.order_by("pk")[:FORGOTTEN_AT_ONCE]
