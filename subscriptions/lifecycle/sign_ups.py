"""From a sign-up to the confirmed subscription."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from subscriptions.enqueue import enqueue
from subscriptions.interests import feedback
from subscriptions.lifecycle.status_changes import MAILED_ONCE_CONFIRMED, mailbox_key, next_digest
from subscriptions.limits import rate_buckets
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    Consent,
    Control,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.people.addresses import address_hash, canonical
from subscriptions.people.calendar import local_date
from subscriptions.people.wishes import SETTINGS, Wishes, replace_interests, take_library

CONFIRM_WITHIN = timedelta(days=7)
REMIND_AFTER = timedelta(days=2)
MAIL_AGAIN_AFTER = timedelta(hours=24)
CONFIRM_MAILS_EVER = 3


def sign_up(
    address: str,
    wishes: Wishes,
    *,
    form_text_hash: str,
    now: datetime,
    network: str | None = None,
    proven: bool = False,
) -> bool:
    """Note a wish to subscribe and put a mail into the outbox; return False if none goes out for it.

    It changes nothing that exists, since whoever fills in the form may not own the address: the wishes apply when the
    link in the mail is used. For workers only: a page must not learn anything about the address. The network
    is the client's IP address, where the operator wants it kept. Sign-ups with a proof of work are mailed first.
    """
    email = canonical(address)
    if Suppression.objects.filter(address_hash=address_hash(email)).exists():
        return False
    with transaction.atomic():
        known = Subscriber.objects.filter(email=email, status__in=MAILED_ONCE_CONFIRMED).exists()
        if not _may_be_mailed(email, known, now):
            _update_unconfirmed(email, wishes)
            return False
        defaults = {"address_hash": address_hash(email), "digest_size": settings.DIGEST_SIZE}
        subscriber, _ = Subscriber.objects.get_or_create(email=email, defaults=defaults)
        consent = subscriber.consents.create(
            email=email,
            network_address=network,
            form_text_hash=form_text_hash,
            wishes=asdict(wishes),
            requested_at=now,
        )
        kind = AccountMailKind.ALREADY if known else AccountMailKind.CONFIRM
        AccountMail.objects.create(
            subscriber=subscriber, consent=consent, kind=kind, next_attempt_at=now, proven=proven
        )
    return True


def _may_be_mailed(email: str, known: bool, now: datetime) -> bool:
    """Allow one mail a day and mailbox, and three in all to somebody who is no subscriber, until its link is used."""
    ever = None if known else CONFIRM_MAILS_EVER
    return rate_buckets.take_turn(mailbox_key(email), every=MAIL_AGAIN_AFTER, ever=ever, now=now)


def _update_unconfirmed(email: str, wishes: Wishes) -> None:
    """Correct the first sign-up by a second one on the same day: the link under way will bring the newer wishes."""
    newest = Consent.objects.filter(subscriber__email=email).order_by("-requested_at").first()
    if newest and newest.confirmed_at is None:
        newest.wishes = asdict(wishes)
        newest.save(update_fields=["wishes"])


def consent_state(consent: Consent | None, now: datetime) -> str:
    """Return what a confirm link is good for: unknown, already (used), expired or ready."""
    if consent is None:
        return "unknown"
    if consent.confirmed_at:
        return "already"
    return "ready" if consent.requested_at > now - CONFIRM_WITHIN else "expired"


def confirm(consent: Consent, now: datetime) -> bool:
    """Make the subscriber active with the wishes of this consent; return False if it was used, is too old or void."""
    fresh = Consent.objects.filter(pk=consent.pk, confirmed_at__isnull=True, requested_at__gt=now - CONFIRM_WITHIN)
    with transaction.atomic():
        subscriber = Subscriber.objects.select_for_update().get(pk=consent.subscriber_id)
        suppressed = Suppression.objects.filter(address_hash=subscriber.address_hash).exists()
        if suppressed or fresh.update(confirmed_at=now) != 1:
            return False
        rate_buckets.give_back(mailbox_key(subscriber.email))
        wishes = Wishes.from_json(consent.wishes)
        _activate(subscriber, wishes, now)
        if wishes.name_interests() or not subscriber.interests.exists():
            replace_interests(subscriber, wishes, now)
        take_library(subscriber, wishes.library, now)
        feedback.say(subscriber, wishes.more, wishes.less, now)
        AccountMail.objects.create(
            subscriber=subscriber, consent=consent, kind=AccountMailKind.WELCOME, next_attempt_at=now
        )
    enqueue("send_account_mails")
    return True


def _activate(subscriber: Subscriber, wishes: Wishes, now: datetime) -> None:
    subscriber.timezone, subscriber.send_hour = wishes.timezone, wishes.send_hour
    subscriber.frequency, subscriber.confirmed_at = wishes.frequency, now
    subscriber.status, subscriber.paused_until, subscriber.paused_because = SubscriberStatus.ACTIVE, None, ""
    subscriber.asked_on = subscriber.slowed_on = None
    subscriber.last_sign_on = local_date(now, subscriber.timezone)
    said = [name for name in SETTINGS if getattr(wishes, name) not in (None, ())]
    for name in said:
        value = getattr(wishes, name)
        setattr(subscriber, name, list(value) if isinstance(value, tuple) else value)
    subscriber.next_digest_at = next_digest(subscriber, now)  # by the days that were just chosen
    subscriber.save(
        update_fields=[
            *said,
            "timezone",
            "send_hour",
            "frequency",
            "confirmed_at",
            "status",
            "paused_until",
            "paused_because",
            "asked_on",
            "slowed_on",
            "last_sign_on",
            "next_digest_at",
        ]
    )


def unconfirmed(now: datetime) -> QuerySet[Consent]:
    """Return consents that deserve the one reminder: asked for two days ago, not yet used, not yet too old.

    Somebody who has used another link since needs none, least of all after unsubscribing. Who asked before the database
    was restored may have confirmed, or had the reminder, while it did not see it.
    """
    window = (now - CONFIRM_WITHIN + timedelta(days=1), now - REMIND_AFTER)
    restored = Control.objects.filter(restored_at__gte=OuterRef("requested_at"))
    newest = Q(subscriber__confirmed_at__isnull=True) | Q(requested_at__gt=F("subscriber__confirmed_at"))
    return Consent.objects.filter(
        newest,
        ~Exists(restored),
        confirmed_at__isnull=True,
        requested_at__range=window,
        subscriber__status__in=[SubscriberStatus.PENDING, SubscriberStatus.UNSUBSCRIBED],
    ).exclude(mails__kind=AccountMailKind.REMINDER)


def remind(now: datetime) -> int:
    """Put one reminder into the outbox for each sign-up that was not confirmed; return the number of reminders."""
    waiting = list(unconfirmed(now).filter(mails__kind=AccountMailKind.CONFIRM)[: settings.SIGN_UPS_PER_HOUR])
    mails = [
        AccountMail(
            subscriber_id=consent.subscriber_id, consent=consent, kind=AccountMailKind.REMINDER, next_attempt_at=now
        )
        for consent in waiting
    ]
    return len(AccountMail.objects.bulk_create(mails, ignore_conflicts=True))
