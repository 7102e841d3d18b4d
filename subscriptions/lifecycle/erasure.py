"""Erasing a person: their rows, what points to them by an address, and their name in the operators' log."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from subscriptions import traces
from subscriptions.lifecycle.sign_ups import CONFIRM_WITHIN
from subscriptions.models import AddressChange, Consent, Run, Subscriber

FORGOTTEN_AT_ONCE = 500
ERASED = "(erased)"


def erase(subscriber: Subscriber) -> bool:
    """Remove the person and everything about them at once; False if somebody else did it before.

    A suppression stays, as a hash that nobody can read. A mail that waits is not sent, since its row is gone; one
    that is being handed over at this moment may still arrive.
    """
    with transaction.atomic():
        person = _locked(subscriber)
        if person is None:
            return False
        addresses = traces.addresses_of(person)
        traces.events_of(person).delete()
        traces.bounce_scores_of(person).delete()
        traces.suppressions_of(person).update(note="")
        traces.sign_ups_of(person).delete()
        # Somebody else's wish to be mailed at this address, which was never proved to be theirs.
        AddressChange.objects.filter(new_email__in=addresses, confirmed_at__isnull=True).delete()
        _hide_in_log(addresses)
        _keep_runs_balanced(person)
        person.delete()
    return True


def _locked(subscriber: Subscriber) -> Subscriber | None:
    """The row, held until the end together with what others may hang new rows on: whoever tries has to wait, and fails.

    Digests first, as delivery takes them before it looks at their subscribers: two orders would be a deadlock.
    """
    list(subscriber.digests.select_for_update().values_list("pk"))
    person = Subscriber.objects.select_for_update().filter(pk=subscriber.pk).first()
    list(subscriber.interests.select_for_update().values_list("pk"))
    return person


def _keep_runs_balanced(subscriber: Subscriber) -> None:
    """What a run planned stays the sum of its digests and of those that are erased.

    Oldest first: two erasures that take the same runs in two orders would be a deadlock.
    """
    runs = subscriber.digests.filter(run__isnull=False).order_by("run").values_list("run").annotate(Count("pk"))
    for run, count in runs:
        Run.objects.filter(pk=run).update(erased=F("erased") + count)


def _hide_in_log(addresses: Iterable[str]) -> None:
    """That an operator did something stays in the log, and with whom does not."""
    for address in addresses:
        named = LogEntry.objects.filter(Q(object_repr__icontains=address) | Q(change_message__icontains=address))
        named.update(object_repr=ERASED, change_message="")


def forget_unconfirmed(now: datetime) -> int:
    """Erase who signed up and never confirmed in time: the mail promised it. The number of people forgotten.

    That a mail to them bounced, or that they refused it, makes no difference.
    """
    asked_since = Consent.objects.filter(subscriber=OuterRef("pk"), requested_at__gt=now - CONFIRM_WITHIN)
    given_up = Subscriber.objects.filter(~Exists(asked_since), confirmed_at__isnull=True)
    return sum(erase(subscriber) for subscriber in given_up.order_by("pk")[:FORGOTTEN_AT_ONCE])
