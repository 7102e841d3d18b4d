"""Preferences, pauses and the ways out."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from papers.periods import utc_date
from subscriptions.enqueue import enqueue
from subscriptions.limits import rate_buckets
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    Departure,
    LeftBecause,
    PauseReason,
    Subscriber,
    SubscriberStatus,
    Suppression,
)
from subscriptions.models.people import SubscriberQuerySet
from subscriptions.people import calendar
from subscriptions.people.addresses import address_hash, mailbox
from subscriptions.people.wishes import Wishes, replace_interests

NOT_PAUSED: dict[str, Any] = {"paused_until": None, "paused_because": ""}
MAILED_ONCE_CONFIRMED = {SubscriberStatus.ACTIVE, SubscriberStatus.PAUSED}


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
    """Set the next digest after a change of hour, zone or days, and never a second one for a day already served."""
    if subscriber.status == SubscriberStatus.ACTIVE:
        subscriber.next_digest_at = next_digest(subscriber, now)
        subscriber.save(update_fields=["next_digest_at"])


def next_digest(subscriber: Subscriber, now: datetime) -> datetime:
    last = subscriber.digests.order_by("-due_at").first()
    return calendar.next_after_change(subscriber, now, last)


def pause(subscriber: Subscriber, until: date | None, because: PauseReason = PauseReason.ASKED) -> bool:
    """Send nothing until that date, or until resumed; return False if the subscriber is not active or paused."""
    changeable = Subscriber.objects.filter(pk=subscriber.pk, status__in=MAILED_ONCE_CONFIRMED)
    return changeable.update(status=SubscriberStatus.PAUSED, paused_until=until, paused_because=because) == 1


def resume(subscriber: Subscriber, now: datetime) -> bool:
    """Let digests come again; return False if the subscriber is not paused."""
    paused = Subscriber.objects.filter(pk=subscriber.pk, status=SubscriberStatus.PAUSED)
    due = next_digest(subscriber, now)
    return paused.update(next_digest_at=due, status=SubscriberStatus.ACTIVE, **NOT_PAUSED) == 1


def wake(now: datetime) -> int:
    """Make subscribers whose pause is over active; their next digest comes at their next sending hour."""
    # A date begins up to 14 hours earlier in the east than in UTC: look a day ahead, then decide by their own date.
    over = Subscriber.objects.filter(status=SubscriberStatus.PAUSED, paused_until__lte=now.date() + timedelta(days=1))
    return sum(resume(subscriber, now) for subscriber in over if _pause_is_over(subscriber, now))


def _pause_is_over(subscriber: Subscriber, now: datetime) -> bool:
    until = subscriber.paused_until
    return until is not None and until <= calendar.local_date(now, subscriber.timezone)


def unsubscribe(
    subscriber: Subscriber, now: datetime, *, goodbye: bool = False, because: LeftBecause = LeftBecause.PAGE
) -> bool:
    """Stop all digests at once, also one that is queued, since the claim looks at the status.

    With goodbye, a subscriber gets one mail that says so; that somebody left is counted, with the way they did.
    Returns False if there was no subscription to end.
    """
    with transaction.atomic():
        mine = Subscriber.objects.filter(pk=subscriber.pk)
        ended = _end(mine.filter(status__in=MAILED_ONCE_CONFIRMED)) == 1
        if not ended:
            _end(mine.filter(status=SubscriberStatus.PENDING))
        consents = subscriber.consents.filter(confirmed_at__isnull=False, withdrawn_at__isnull=True)
        consent = consents.order_by("-requested_at").first()
        consents.update(withdrawn_at=now)
        if ended:  # earlier mails that said "you are subscribed already" must not keep them from coming back
            rate_buckets.give_back(mailbox_key(subscriber.email))
            Departure.objects.create(day=utc_date(now), reason=because)
        if ended and goodbye:
            AccountMail.objects.create(
                subscriber=subscriber, consent=consent, kind=AccountMailKind.GOODBYE, next_attempt_at=now
            )
            enqueue("send_account_mails")
    return ended


def _end(subscribers: SubscriberQuerySet) -> int:
    return subscribers.update(status=SubscriberStatus.UNSUBSCRIBED, **NOT_PAUSED)


def mailbox_key(email: str) -> str:
    """Return the bucket's key for sign-up mails: the same however an address is spelt with dots and +tags."""
    return rate_buckets.secret_key("mailbox", mailbox(email))


def suppress(address: str, reason: str, note: str = "") -> Suppression:
    """Suppress an address: it is never mailed again, in whatever way it comes back."""
    with transaction.atomic():
        hashed = address_hash(address)
        defaults = {"reason": reason, "note": note}
        suppression, _ = Suppression.objects.get_or_create(address_hash=hashed, defaults=defaults)
        theirs = Subscriber.objects.filter(address_hash=hashed)
        if _suppress(theirs.filter(status__in=MAILED_ONCE_CONFIRMED)):
            Departure.objects.create(reason=reason if reason in LeftBecause.values else LeftBecause.OPERATOR)
        _suppress(theirs.exclude(status=SubscriberStatus.SUPPRESSED))
    return suppression


def _suppress(subscribers: SubscriberQuerySet) -> int:
    return subscribers.update(status=SubscriberStatus.SUPPRESSED, **NOT_PAUSED)
