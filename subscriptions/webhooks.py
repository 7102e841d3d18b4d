"""What the mail provider reports back: only stored here, and acted upon later. The project's one signal receiver."""

import hashlib
import json
from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType
from django.core.exceptions import ValidationError
from django.utils.timezone import now

from subscriptions.addresses import address_hash
from subscriptions.models import AccountMail, DeliveryEvent, Digest, EventStatus, Meaning, Subscriber
from subscriptions.reports import UNREADABLE, meaning, without_addresses

# Who reads a mail and where they click is nobody's business, even if the provider counts it.
NOT_KEPT = {EventType.OPENED, EventType.CLICKED}
HANDLE_HEX = 32


def on_tracking_event(sender: object, event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    """Anymail calls this for each event; the same event twice, late or out of order is stored once."""
    row = _token(event, esp_name, now()) if event.event_type in NOT_KEPT else _row(event, esp_name, now())
    DeliveryEvent.objects.bulk_create([row] if row else [], ignore_conflicts=True)


def _token(event: AnymailTrackingEvent, provider: str, at: datetime) -> DeliveryEvent | None:
    """Of a reading or a click nothing is kept, but that Mailgun's token was used: it may not come a second time."""
    if provider != "Mailgun":
        return None
    bare = {"happened_at": at, "received_at": at, "next_attempt_at": at, "status": EventStatus.DONE}
    return DeliveryEvent(provider=provider, event_id=_event_id(event), event_type="not kept", **bare)


def _row(event: AnymailTrackingEvent, provider: str, at: datetime) -> DeliveryEvent:
    try:
        return _readable(event, provider, at)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        return _unreadable(event, provider, at, f"{type(error).__name__}: {error}")


def _readable(event: AnymailTrackingEvent, provider: str, at: datetime) -> DeliveryEvent:
    if event.event_type == UNREADABLE:
        return _unreadable(event, provider, at, event.description)
    digest, mail = _digest(event), _account_mail(event)
    hashed = _hash(event.recipient) or _hash_of_mailed(digest, mail)
    mailed = digest or mail
    return DeliveryEvent(
        provider=_text(provider, 32),
        event_id=_event_id(event),
        digest=digest,
        account_mail=mail,
        subscriber=mailed.subscriber if mailed else Subscriber.objects.filter(address_hash=hashed).first(),
        address_hash=hashed,
        event_type=_text(event.event_type, 32),
        reject_reason=_text(event.reject_reason, 64),
        description=without_addresses(_text(event.description or event.mta_response, 500)),
        meaning=meaning(event),
        happened_at=min(event.timestamp or at, at),
        received_at=at,
        next_attempt_at=at,
    )


def _unreadable(event: AnymailTrackingEvent, provider: str, at: datetime, error: str) -> DeliveryEvent:
    """Kept for the operator to see; nothing else in its batch is lost by it."""
    return DeliveryEvent(
        provider=_text(provider, 32),
        event_id=_fingerprint(event.event_type, event.esp_event),
        event_type=UNREADABLE,
        meaning=Meaning.NOTHING,
        error=without_addresses(_text(error, 500)),
        status=EventStatus.FAILED,
        happened_at=at,
        received_at=at,
        next_attempt_at=at,
    )


def _digest(event: AnymailTrackingEvent) -> Digest | None:
    handle = str((event.metadata or {}).get("digest", ""))
    if len(handle) != HANDLE_HEX:
        return None
    try:
        named = Digest.objects.filter(handle=bytes.fromhex(handle))
    except ValueError:
        return None
    return named.select_related("subscriber").first()


def _account_mail(event: AnymailTrackingEvent) -> AccountMail | None:
    key = str((event.metadata or {}).get("account_mail", ""))
    named = AccountMail.objects.filter(pk=int(key)) if key.isdecimal() and len(key) < HANDLE_HEX // 2 else None
    return named.select_related("subscriber").first() if named is not None else None


def _hash(address: str | None) -> bytes | None:
    try:
        return address_hash(address) if address else None
    except ValidationError:
        return None


def _hash_of_mailed(digest: Digest | None, mail: AccountMail | None) -> bytes | None:
    """Of a report that names the mail and no address: whoever it went to, unless they have another address since."""
    if mail and mail.to:
        return _hash(mail.to)
    mailed = digest or mail
    if mailed is None:
        return None
    moved = mailed.subscriber.address_changes.filter(confirmed_at__gte=mailed.claimed_at or mailed.next_attempt_at)
    return None if moved.exists() else bytes(mailed.subscriber.address_hash)


def _event_id(event: AnymailTrackingEvent) -> str:
    """The provider's own; of one that has none, what makes two reports the same report."""
    if not event.event_id:
        return _fingerprint(event.event_type, event.timestamp, event.recipient, event.message_id)
    own = str(event.event_id)
    # A notification of SES may be about several recipients.
    return own if event.esp_event is None or "mail" not in event.esp_event else _fingerprint(own, event.recipient)


def _fingerprint(*parts: object) -> str:
    told = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _text(value: object, length: int) -> str:
    """As text that any database takes."""
    return str(value or "").replace("\x00", "")[:length]
