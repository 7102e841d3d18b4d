"""Take a change of address back, by the link that was sent to the former address."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from subscriptions.lifecycle.address_changes import SOURCE, locked, mail, move, state_of_address
from subscriptions.models import AccountMail, AccountMailKind, AddressChange, Subscriber

BACK_WITHIN = timedelta(days=7)


def back_state(change: AddressChange | None, now: datetime) -> str:
    """Return what the link is good for: unknown, already (taken back), expired, suppressed, taken or ready."""
    if change is None or change.confirmed_at is None or not change.old_email:
        return "unknown"
    if change.taken_back_at or change.subscriber.email == change.old_email:
        return "already"
    if change.confirmed_at <= now - BACK_WITHIN:
        return "expired"
    return state_of_address(change.old_email, change)


def move_back(change: AddressChange, now: datetime) -> bool:
    """Send digests to the former address again, wherever they went since; return False if the link is not ready.

    Later changes are taken back with it: they were made by whoever got hold of the subscription by this one.
    """
    try:
        with transaction.atomic():
            fresh = locked(change)
            if fresh is None or back_state(fresh, now) != "ready":
                return False
            subscriber = fresh.subscriber
            mail(fresh, AccountMailKind.MOVED_BACK, subscriber.email, now)
            _take_back(fresh, now)
            move(subscriber, fresh.old_email, now)
            _send_link(subscriber, now)
    except IntegrityError:  # somebody signed up with the former address at this very moment
        return False
    return True


def _send_link(subscriber: Subscriber, now: datetime) -> None:
    """Send a link to the address that is theirs when the mail leaves, since the link in it is made then."""
    AccountMail.objects.create(subscriber=subscriber, kind=AccountMailKind.LINK, next_attempt_at=now)


def _take_back(change: AddressChange, now: datetime) -> None:
    """Take back this change and those since, and the consents to be mailed where they led."""
    since = change.subscriber.address_changes.filter(confirmed_at__gte=change.confirmed_at, taken_back_at__isnull=True)
    left_addresses = set(since.values_list("new_email", flat=True)) - {change.old_email}
    since.update(taken_back_at=now)
    consents = change.subscriber.consents.filter(source=SOURCE, email__in=left_addresses, withdrawn_at__isnull=True)
    consents.update(withdrawn_at=now)
