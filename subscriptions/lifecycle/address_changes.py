"""Change an address: the new one proves itself by a link, and the old one is told and can take it back."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from subscriptions.enqueue import enqueue
from subscriptions.lifecycle.erasure import erase
from subscriptions.lifecycle.status_changes import MAILED_ONCE_CONFIRMED, NOT_PAUSED, next_digest
from subscriptions.limits import rate_buckets
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    AddressChange,
    BounceScore,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.people.addresses import address_hash, canonical, mailbox

CHANGE_WITHIN = timedelta(days=7)
UNDER_WAY = timedelta(hours=24)
CHANGES_A_DAY = 3  # by one subscriber
MAILS_A_DAY = 2  # to one new address, whoever asks
SOURCE = "address change"


def may_change_address(subscriber: Subscriber) -> bool:
    """Tell whether somebody wants mail: subscribed, or kept from it only by bounces. Others sign up again."""
    if subscriber.status == SubscriberStatus.SUPPRESSED:
        return subscriber.consents.filter(confirmed_at__isnull=False, withdrawn_at__isnull=True).exists()
    return subscriber.status in MAILED_ONCE_CONFIRMED


def ask_for_address(subscriber: Subscriber, address: str, now: datetime) -> bool:
    """Note the wish and have a link sent to the new address; return False if this subscriber asks too often.

    Nothing tells the caller who else has the address, or whether it is suppressed.
    """
    email = canonical(address)
    key = rate_buckets.secret_key("address change", str(subscriber.pk))
    if not rate_buckets.take(key, 1, limit=CHANGES_A_DAY, period=rate_buckets.DAY, now=now):
        return False
    if may_change_address(subscriber) and not _is_under_way(subscriber, email, now):
        with transaction.atomic():
            change = subscriber.address_changes.create(new_email=email, requested_at=now)
            if _may_be_asked(email, now):
                mail(change, AccountMailKind.NEW_ADDRESS, email, now)
    return True


def _is_under_way(subscriber: Subscriber, email: str, now: datetime) -> bool:
    newest = subscriber.address_changes.order_by("-requested_at", "-pk").first()
    return (
        newest is not None
        and newest.new_email == email
        and newest.confirmed_at is None
        and newest.requested_at > now - UNDER_WAY
    )


def _may_be_asked(email: str, now: datetime) -> bool:
    key = rate_buckets.secret_key("new address", mailbox(email))
    fits = rate_buckets.take(key, 1, limit=MAILS_A_DAY, period=rate_buckets.DAY, now=now)
    return fits and not _is_suppressed(email)


def _is_suppressed(email: str) -> bool:
    return Suppression.objects.filter(address_hash=address_hash(email)).exists()


def mail(change: AddressChange, kind: AccountMailKind, to: str, now: datetime) -> None:
    """Put a mail about the change into the outbox, unless the address is suppressed."""
    if _is_suppressed(to):
        return
    AccountMail.objects.create(subscriber=change.subscriber, change=change, kind=kind, to=to, next_attempt_at=now)
    enqueue("send_account_mails")


def change_state(change: AddressChange | None, now: datetime) -> str:
    """Return what the link is good for: unknown, already (used), void, expired, suppressed, taken or ready."""
    if change is None:
        return "unknown"
    if change.confirmed_at:
        return "already"
    if change.requested_at <= now - CHANGE_WITHIN:
        return "expired"
    if _is_void(change):
        return "void"
    return state_of_address(change.new_email, change)


def state_of_address(email: str, change: AddressChange) -> str:
    """Return whether the subscription can go there: suppressed, taken or ready."""
    if _is_suppressed(email):
        return "suppressed"
    return "taken" if _is_taken(email, change) else "ready"


def _is_void(change: AddressChange) -> bool:
    """Tell whether a newer wish came, or the subscription ended."""
    newest = AddressChange.objects.filter(subscriber=change.subscriber_id).order_by("-requested_at", "-pk").first()
    return newest != change or not may_change_address(change.subscriber)


def _is_taken(email: str, change: AddressChange) -> bool:
    """Tell whether somebody else proved that it is theirs; a sign-up that waits for its link has proved nothing."""
    others = Subscriber.objects.filter(email=email).exclude(pk=change.subscriber_id)
    return others.filter(confirmed_at__isnull=False).exists()


def apply_change(change: AddressChange, *, form_text_hash: str, now: datetime) -> bool:
    """Send mail to the new address from now on, and tell the old one; return False if the link is not ready."""
    try:
        with transaction.atomic():
            fresh = locked(change)
            if fresh is None or change_state(fresh, now) != "ready":
                return False
            subscriber = fresh.subscriber
            mail(fresh, AccountMailKind.ADDRESS_CHANGED, subscriber.email, now)
            _record(fresh, subscriber.email, form_text_hash, now)
            move(subscriber, fresh.new_email, now)
    except IntegrityError:  # somebody signed up with the new address at this very moment
        return False
    return True


def locked(change: AddressChange) -> AddressChange | None:
    """Read a change and its subscriber anew, whose row is locked first; None where either is gone."""
    if Subscriber.objects.select_for_update().filter(pk=change.subscriber_id).first() is None:
        return None
    return AddressChange.objects.filter(pk=change.pk).select_related("subscriber").first()


def move(subscriber: Subscriber, email: str, now: datetime) -> None:
    """Send digests to that address, and disable all earlier links.

    Bounces stay with the old address: a subscriber who was paused or suppressed for them is active again.
    """
    for unproved in Subscriber.objects.filter(email=email, confirmed_at__isnull=True).exclude(pk=subscriber.pk):
        erase(unproved)
    new_hash = address_hash(email)
    BounceScore.objects.filter(address_hash=new_hash).delete()
    subscriber.address_changes.filter(confirmed_at__isnull=True).delete()
    changed: dict[str, Any] = {"email": email, "address_hash": new_hash, "link_epoch": F("link_epoch") + 1}
    if subscriber.status == SubscriberStatus.SUPPRESSED or subscriber.paused_because == PauseReason.BOUNCES:
        changed |= _heard_again(subscriber, now)
    Subscriber.objects.filter(pk=subscriber.pk).update(**changed)


def _heard_again(subscriber: Subscriber, now: datetime) -> dict[str, Any]:
    if not may_change_address(subscriber):  # a complaint at the address that is left was also a goodbye
        return {"status": SubscriberStatus.UNSUBSCRIBED, **NOT_PAUSED}
    return {"status": SubscriberStatus.ACTIVE, "next_digest_at": next_digest(subscriber, now), **NOT_PAUSED}


def _record(change: AddressChange, old: str, form_text_hash: str, now: datetime) -> None:
    """Store a consent, like that of a sign-up, to be mailed at the new address."""
    AddressChange.objects.filter(pk=change.pk).update(confirmed_at=now, old_email=old)
    change.subscriber.consents.create(
        email=change.new_email,
        form_text_hash=form_text_hash,
        source=SOURCE,
        requested_at=change.requested_at,
        confirmed_at=now,
    )
