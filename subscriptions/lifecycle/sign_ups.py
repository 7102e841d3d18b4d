"""From the wish to subscribe to the confirmed subscription."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from subscriptions.addresses import address_hash, canonical
from subscriptions.lifecycle.standing import MAILED_ONCE_CONFIRMED, next_digest
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    Consent,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.nudges import nudge
from subscriptions.wishes import Wishes, replace_interests

CONFIRM_WITHIN = timedelta(days=7)
REMIND_AFTER = timedelta(days=2)
MAIL_AGAIN_AFTER = timedelta(hours=24)
CONFIRM_MAILS_EVER = 3


def sign_up(
    address: str, wishes: Wishes, *, form_text_hash: str, now: datetime, network_address: str | None = None
) -> None:
    """Note a wish to subscribe and put a mail into the outbox.

    Nothing that exists is changed by it, since whoever fills in the form may not own the address: the wishes apply
    when the link in the mail is used. The caller learns nothing about the address. The network address is kept only
    where RECORD_CONSENT_NETWORK asks for it.
    """
    email = canonical(address)
    if Suppression.objects.filter(address_hash=address_hash(email)).exists():
        return
    with transaction.atomic():
        defaults = {"address_hash": address_hash(email), "digest_size": settings.DIGEST_SIZE}
        subscriber, _ = Subscriber.objects.get_or_create(email=email, defaults=defaults)
        known = subscriber.status in MAILED_ONCE_CONFIRMED
        kind = AccountMailKind.ALREADY if known else AccountMailKind.CONFIRM
        if _mailed_enough(subscriber, kind, now):
            _update_unconfirmed(subscriber, wishes)
            return
        consent = subscriber.consents.create(
            email=email,
            network_address=network_address if settings.RECORD_CONSENT_NETWORK else None,
            form_text_hash=form_text_hash,
            wishes=asdict(wishes),
            requested_at=now,
        )
        AccountMail.objects.create(subscriber=subscriber, consent=consent, kind=kind, next_attempt_at=now)
    nudge("send_account_mails")


def _mailed_enough(subscriber: Subscriber, kind: AccountMailKind, now: datetime) -> bool:
    """One such mail a day and address, unless its link was used; three in all while nobody has ever confirmed.

    Of this kind only: who was told "you are subscribed already" and then unsubscribed can come back the same day.
    """
    mails = subscriber.account_mails.filter(kind=kind)
    unused = mails.filter(consent__confirmed_at__isnull=True)
    if unused.filter(created_at__gt=now - MAIL_AGAIN_AFTER).exists():
        return True
    return subscriber.confirmed_at is None and mails.count() >= CONFIRM_MAILS_EVER


def _update_unconfirmed(subscriber: Subscriber, wishes: Wishes) -> None:
    """A second sign-up on the same day corrects the first: the link that is under way will bring the newer wishes."""
    newest = subscriber.consents.order_by("-requested_at").first()
    if newest and newest.confirmed_at is None:
        newest.wishes = asdict(wishes)
        newest.save(update_fields=["wishes"])


def consent_state(consent: Consent | None, now: datetime) -> str:
    """What a confirm link is good for: unknown, already used, expired or ready."""
    if consent is None:
        return "unknown"
    if consent.confirmed_at:
        return "already"
    return "ready" if consent.requested_at > now - CONFIRM_WITHIN else "expired"


def confirm(consent: Consent, now: datetime) -> bool:
    """Make the subscriber active with the wishes of this consent; False if it was used before, is too old or void."""
    fresh = Consent.objects.filter(pk=consent.pk, confirmed_at__isnull=True, requested_at__gt=now - CONFIRM_WITHIN)
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
        suppressed = Suppression.objects.filter(address_hash=subscriber.address_hash).exists()
        if suppressed or fresh.update(confirmed_at=now) != 1:
            return False
        wishes = Wishes.from_json(consent.wishes)
        _activate(subscriber, wishes, now)
        if wishes.name_interests() or not subscriber.interests.exists():
            replace_interests(subscriber, wishes, now)
        AccountMail.objects.create(
            subscriber=subscriber, consent=consent, kind=AccountMailKind.WELCOME, next_attempt_at=now
        )
    nudge("send_account_mails")
    return True


def _activate(subscriber: Subscriber, wishes: Wishes, now: datetime) -> None:
    subscriber.timezone, subscriber.send_hour = wishes.timezone, wishes.send_hour
    subscriber.frequency, subscriber.confirmed_at = wishes.frequency, now
    subscriber.status, subscriber.paused_until, subscriber.paused_because = SubscriberStatus.ACTIVE, None, ""
    subscriber.next_digest_at = next_digest(subscriber, now)
    subscriber.save(
        update_fields=[
            "timezone",
            "send_hour",
            "frequency",
            "confirmed_at",
            "status",
            "paused_until",
            "paused_because",
            "next_digest_at",
        ]
    )


def unconfirmed(now: datetime) -> QuerySet[Consent]:
    """Consents that deserve the one reminder: asked for two days ago, not yet used, not yet too old.

    Who has used another link since needs none, least of all after unsubscribing.
    """
    window = (now - CONFIRM_WITHIN + timedelta(days=1), now - REMIND_AFTER)
    newest = Q(subscriber__confirmed_at__isnull=True) | Q(requested_at__gt=F("subscriber__confirmed_at"))
    return Consent.objects.filter(
        newest,
        confirmed_at__isnull=True,
        requested_at__range=window,
        subscriber__status__in=[SubscriberStatus.PENDING, SubscriberStatus.UNSUBSCRIBED],
    ).exclude(mails__kind=AccountMailKind.REMINDER)


def remind(now: datetime) -> int:
    """Put one reminder into the outbox for each sign-up that was not confirmed; the number of reminders."""
    waiting = list(unconfirmed(now).filter(mails__kind=AccountMailKind.CONFIRM)[: settings.SIGN_UPS_PER_HOUR])
    mails = [
        AccountMail(
            subscriber_id=consent.subscriber_id, consent=consent, kind=AccountMailKind.REMINDER, next_attempt_at=now
        )
        for consent in waiting
    ]
    return len(AccountMail.objects.bulk_create(mails, ignore_conflicts=True))
