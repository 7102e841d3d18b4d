"""The only code that changes a subscriber's status."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from subscriptions import rates, scheduling
from subscriptions.addresses import address_hash, canonical, mailbox
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    Consent,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.nudges import nudge
from subscriptions.wishes import Wishes as Wishes
from subscriptions.wishes import replace_interests

CONFIRM_WITHIN = timedelta(days=7)
REMIND_AFTER = timedelta(days=2)
MAIL_AGAIN_AFTER = timedelta(hours=24)
CONFIRM_MAILS_EVER = 3
NOT_PAUSED: dict[str, Any] = {"paused_until": None, "paused_because": ""}
MAILED_ONCE_CONFIRMED = {SubscriberStatus.ACTIVE, SubscriberStatus.PAUSED}


def sign_up(address: str, wishes: Wishes, *, form_text_hash: str, now: datetime, network: str | None = None) -> bool:
    """Note a wish to subscribe and put a mail into the outbox; False if none goes out for it.

    Nothing that exists is changed by it, since whoever fills in the form may not own the address: the wishes apply
    when the link in the mail is used. For workers only: a page must not learn anything about the address.
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
            form_text_hash=form_text_hash, wishes=asdict(wishes), requested_at=now, network_address=network
        )
        kind = AccountMailKind.ALREADY if known else AccountMailKind.CONFIRM
        AccountMail.objects.create(subscriber=subscriber, consent=consent, kind=kind, next_attempt_at=now)
    return True


def _may_be_mailed(email: str, known: bool, now: datetime) -> bool:
    """One mail a day and mailbox, and three in all to whom is no subscriber, until its link is used."""
    ever = None if known else CONFIRM_MAILS_EVER
    return rates.take_turn(_mailbox_key(email), every=MAIL_AGAIN_AFTER, ever=ever, now=now)


def _mailbox_key(email: str) -> str:
    """The same however an address is spelt with dots and +tags, and still known when its subscriber is forgotten."""
    return rates.secret_key("mailbox", mailbox(email))


def _update_unconfirmed(email: str, wishes: Wishes) -> None:
    """A second sign-up on the same day corrects the first: the link that is under way will bring the newer wishes."""
    newest = Consent.objects.filter(subscriber__email=email).order_by("-requested_at").first()
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
        rates.give_back(_mailbox_key(subscriber.email))
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
    subscriber.next_digest_at = _next_digest(subscriber, now)
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


def change_preferences(subscriber: Subscriber, wishes: Wishes, now: datetime, **other: Any) -> None:
    """Save interests, schedule and the other settings by name; the next digest follows the new schedule."""
    changed = {"timezone": wishes.timezone, "send_hour": wishes.send_hour, "frequency": wishes.frequency} | other
    for name, value in changed.items():
        setattr(subscriber, name, value)
    with transaction.atomic():
        subscriber.save(update_fields=list(changed))
        change_schedule(subscriber, now)
        replace_interests(subscriber, wishes, now)


def change_schedule(subscriber: Subscriber, now: datetime) -> None:
    """After a change of hour, zone or days: the next digest, and never a second one for a day already served."""
    if subscriber.status == SubscriberStatus.ACTIVE:
        subscriber.next_digest_at = _next_digest(subscriber, now)
        subscriber.save(update_fields=["next_digest_at"])


def _next_digest(subscriber: Subscriber, now: datetime) -> datetime:
    last = subscriber.digests.order_by("-due_at").first()
    return scheduling.next_after_change(subscriber, now, last)


def pause(subscriber: Subscriber, until: date | None, because: PauseReason = PauseReason.ASKED) -> bool:
    """Send nothing until that date, or until resumed; False if the subscriber is not active or paused."""
    changeable = Subscriber.objects.filter(pk=subscriber.pk, status__in=MAILED_ONCE_CONFIRMED)
    return changeable.update(status=SubscriberStatus.PAUSED, paused_until=until, paused_because=because) == 1


def resume(subscriber: Subscriber, now: datetime) -> bool:
    paused = Subscriber.objects.filter(pk=subscriber.pk, status=SubscriberStatus.PAUSED)
    due = _next_digest(subscriber, now)
    return paused.update(next_digest_at=due, status=SubscriberStatus.ACTIVE, **NOT_PAUSED) == 1


def wake(now: datetime) -> int:
    """Subscribers whose pause is over become active; their next digest comes at their next sending hour."""
    # A date begins up to 14 hours earlier in the east than in UTC: look a day ahead, then decide by their own date.
    over = Subscriber.objects.filter(status=SubscriberStatus.PAUSED, paused_until__lte=now.date() + timedelta(days=1))
    return sum(resume(subscriber, now) for subscriber in over if _pause_is_over(subscriber, now))


def _pause_is_over(subscriber: Subscriber, now: datetime) -> bool:
    until = subscriber.paused_until
    return until is not None and until <= scheduling.local_date(now, subscriber.timezone)


def unsubscribe(subscriber: Subscriber, now: datetime) -> None:
    """Stop all digests at once; also of one that is queued, since the claim looks at the status."""
    with transaction.atomic():
        Subscriber.objects.filter(pk=subscriber.pk).exclude(status=SubscriberStatus.SUPPRESSED).update(
            status=SubscriberStatus.UNSUBSCRIBED, **NOT_PAUSED
        )
        given = subscriber.consents.filter(confirmed_at__isnull=False, withdrawn_at__isnull=True)
        given.update(withdrawn_at=now)


def suppress(address: str, reason: str, note: str = "") -> Suppression:
    """Never mail this address again, whatever path it comes back by."""
    with transaction.atomic():
        hashed = address_hash(address)
        defaults = {"reason": reason, "note": note}
        suppression, _ = Suppression.objects.get_or_create(address_hash=hashed, defaults=defaults)
        Subscriber.objects.filter(address_hash=hashed).update(status=SubscriberStatus.SUPPRESSED, **NOT_PAUSED)
    return suppression


def erase(subscriber: Subscriber) -> None:
    """Remove the person and everything about them; a suppression stays, as a hash that nobody can read."""
    subscriber.delete()


def forget_unconfirmed(now: datetime) -> int:
    """Erase who signed up and never confirmed in time: the mail promised it. The number of people forgotten."""
    asked_since = Consent.objects.filter(subscriber=OuterRef("pk"), requested_at__gt=now - CONFIRM_WITHIN)
    given_up = Subscriber.objects.filter(~Exists(asked_since), status=SubscriberStatus.PENDING)
    people = list(given_up[:500])
    for subscriber in people:
        erase(subscriber)
    return len(people)


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
