"""Being mailed elsewhere: the new address proves itself by a link, and the old one is told."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from subscriptions import rates
from subscriptions.addresses import address_hash, canonical, mailbox
from subscriptions.lifecycle.erasure import erase
from subscriptions.lifecycle.standing import MAILED_ONCE_CONFIRMED, NOT_PAUSED, next_digest
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
from subscriptions.nudges import nudge

CHANGE_WITHIN = timedelta(days=7)
UNDER_WAY = timedelta(hours=24)
CHANGES_A_DAY = 3  # by one subscriber
MAILS_A_DAY = 2  # to one new address, whoever asks
SOURCE = "address change"


def may_change_address(subscriber: Subscriber) -> bool:
    """Who wants mail: subscribed, or kept from it by bounces alone. Who has unsubscribed signs up again instead."""
    if subscriber.status == SubscriberStatus.SUPPRESSED:
        return subscriber.consents.filter(confirmed_at__isnull=False, withdrawn_at__isnull=True).exists()
    return subscriber.status in MAILED_ONCE_CONFIRMED


def ask_for_address(subscriber: Subscriber, address: str, now: datetime) -> bool:
    """Note the wish and have a link sent to the new address; False if this subscriber asks too often.

    Nothing tells the caller who else has the address, or whether it is suppressed.
    """
    email = canonical(address)
    key = rates.secret_key("address change", str(subscriber.pk))
    if not rates.take(key, 1, limit=CHANGES_A_DAY, period=rates.DAY, now=now):
        return False
    if may_change_address(subscriber) and not _is_under_way(subscriber, email, now):
        with transaction.atomic():
            change = subscriber.address_changes.create(new_email=email, requested_at=now)
            if _may_be_asked(email, now):
                _mail(change, AccountMailKind.NEW_ADDRESS, email, now)
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
    key = rates.secret_key("new address", mailbox(email))
    fits = rates.take(key, 1, limit=MAILS_A_DAY, period=rates.DAY, now=now)
    return fits and not _is_suppressed(email)


def _is_suppressed(email: str) -> bool:
    return Suppression.objects.filter(address_hash=address_hash(email)).exists()


def _mail(change: AddressChange, kind: AccountMailKind, to: str, now: datetime) -> None:
    AccountMail.objects.create(subscriber=change.subscriber, change=change, kind=kind, to=to, next_attempt_at=now)
    nudge("send_account_mails")


def change_state(change: AddressChange | None, now: datetime) -> str:
    """What the link is good for: unknown, already (used), void, expired, suppressed, taken or ready."""
    if change is None:
        return "unknown"
    if change.confirmed_at:
        return "already"
    if change.requested_at <= now - CHANGE_WITHIN:
        return "expired"
    if _is_void(change):
        return "void"
    if _is_suppressed(change.new_email):
        return "suppressed"
    return "taken" if _is_taken(change) else "ready"


def _is_void(change: AddressChange) -> bool:
    """A newer wish came, or the subscription ended."""
    newest = AddressChange.objects.filter(subscriber=change.subscriber_id).order_by("-requested_at", "-pk").first()
    return newest != change or not may_change_address(change.subscriber)


def _is_taken(change: AddressChange) -> bool:
    """By somebody who proved that it is theirs; a sign-up that waits for its confirmation has proved nothing."""
    others = Subscriber.objects.filter(email=change.new_email).exclude(pk=change.subscriber_id)
    return others.filter(confirmed_at__isnull=False).exists()


def apply_change(change: AddressChange, *, form_text_hash: str, now: datetime) -> bool:
    """Mail goes to the new address from now on, and the old one is told; False if the link is not ready for it."""
    try:
        with transaction.atomic():
            subscriber = Subscriber.objects.select_for_update().filter(pk=change.subscriber_id).first()
            fresh = AddressChange.objects.filter(pk=change.pk).select_related("subscriber").first()
            if subscriber is None or fresh is None or change_state(fresh, now) != "ready":
                return False
            _tell_old_address(fresh, subscriber.email, now)
            _move(fresh, subscriber, now)
            _record(fresh, form_text_hash, now)
    except IntegrityError:  # somebody signed up with the new address at this very moment
        return False
    return True


def _tell_old_address(change: AddressChange, old: str, now: datetime) -> None:
    if not _is_suppressed(old):
        _mail(change, AccountMailKind.ADDRESS_CHANGED, old, now)


def _move(change: AddressChange, subscriber: Subscriber, now: datetime) -> None:
    """The old address's bounces stay with it: who was silenced by them is heard again."""
    for unproved in Subscriber.objects.filter(email=change.new_email, confirmed_at__isnull=True):
        erase(unproved)
    new_hash = address_hash(change.new_email)
    BounceScore.objects.filter(address_hash=new_hash).delete()
    changed: dict[str, Any] = {"email": change.new_email, "address_hash": new_hash}
    if subscriber.status == SubscriberStatus.SUPPRESSED or subscriber.paused_because == PauseReason.BOUNCES:
        due = next_digest(subscriber, now)
        changed |= {"status": SubscriberStatus.ACTIVE, "next_digest_at": due, **NOT_PAUSED}
    Subscriber.objects.filter(pk=subscriber.pk).update(**changed)


def _record(change: AddressChange, form_text_hash: str, now: datetime) -> None:
    """To be mailed there is agreed to like a sign-up."""
    AddressChange.objects.filter(pk=change.pk).update(confirmed_at=now)
    change.subscriber.consents.create(
        email=change.new_email,
        form_text_hash=form_text_hash,
        source=SOURCE,
        requested_at=change.requested_at,
        confirmed_at=now,
    )
