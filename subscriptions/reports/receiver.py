"""Store what the mail provider reports; it is acted upon later. The project's one signal receiver."""

from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import Q
from django.utils.timezone import now

from subscriptions.models import AccountMail, DeliveryEvent, Digest, EventStatus, Meaning, Subscriber
from subscriptions.people.addresses import address_hash
from subscriptions.reports import safe_values
from subscriptions.reports.classification import UNREADABLE, meaning, without_addresses

# Who reads a mail and where they click is nobody's business, even if the provider counts it.
NOT_KEPT = {EventType.OPENED, EventType.CLICKED}
HANDLE_HEX = 32
ADDRESS_CHARACTERS = 320
WHAT_VALUES_RAISE = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)


def on_tracking_event(sender: object, event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    """Store one event, as Anymail calls this for each; the same event twice, late or out of order is stored once."""
    received_at = now()
    row = _row(event, esp_name, received_at)
    if row and not _store(row):
        _store(_unreadable(event, esp_name, received_at, "The database does not take it."))


def _store(row: DeliveryEvent) -> bool:
    """Store a row, and tell whether the database took it; if not, the rest of its batch is not lost."""
    try:
        with transaction.atomic():
            DeliveryEvent.objects.bulk_create([row], ignore_conflicts=True)
    except (DataError, ArithmeticError, ValueError):
        return False
    return True


def _row(event: AnymailTrackingEvent, provider: str, received_at: datetime) -> DeliveryEvent | None:
    try:
        return (
            _token(event, provider, received_at)
            if event.event_type in NOT_KEPT
            else _readable(event, provider, received_at)
        )
    except WHAT_VALUES_RAISE as error:
        return _unreadable(event, provider, received_at, f"{type(error).__name__}: {error}")


def _token(event: AnymailTrackingEvent, provider: str, received_at: datetime) -> DeliveryEvent | None:
    """Return a row for Mailgun's token, which may not come twice; nothing else of a reading or a click is kept."""
    if provider != "Mailgun":
        return None
    bare = {
        "happened_at": received_at,
        "received_at": received_at,
        "next_attempt_at": received_at,
        "status": EventStatus.DONE,
    }
    return DeliveryEvent(provider=provider, event_id=_event_id(event), event_type="not kept", **bare)


def _readable(event: AnymailTrackingEvent, provider: str, received_at: datetime) -> DeliveryEvent:
    if event.event_type == UNREADABLE:
        return _unreadable(event, provider, received_at, event.description)
    digest, mail = _digest(event), _account_mail(event)
    hashed = _hash(event.recipient) or _hash_of_mailed(digest, mail)
    mailed = digest or mail
    return DeliveryEvent(
        provider=safe_values.text(provider, 32),
        event_id=_event_id(event),
        digest=digest,
        account_mail=mail,
        subscriber=mailed.subscriber if mailed else Subscriber.objects.filter(address_hash=hashed).first(),
        address_hash=hashed,
        event_type=safe_values.text(event.event_type, 32),
        reject_reason=safe_values.text(event.reject_reason, 64),
        description=without_addresses(safe_values.text(event.description or event.mta_response, 500)),
        meaning=meaning(event),
        happened_at=safe_values.time(event.timestamp, received_at),
        received_at=received_at,
        next_attempt_at=received_at,
    )


def _unreadable(event: AnymailTrackingEvent, provider: str, received_at: datetime, error: str) -> DeliveryEvent:
    """Return a row for the operator to see; nothing else in its batch is lost by it."""
    return DeliveryEvent(
        provider=safe_values.text(provider, 32),
        event_id=_id_of_unreadable(event, provider),
        event_type=UNREADABLE,
        meaning=Meaning.NOTHING,
        error=without_addresses(safe_values.text(error, 500)),
        status=EventStatus.FAILED,
        happened_at=received_at,
        received_at=received_at,
        next_attempt_at=received_at,
    )


def _id_of_unreadable(event: AnymailTrackingEvent, provider: str) -> str:
    """Return Mailgun's token, which is used up whatever came with it, else a fingerprint of all that it says."""
    if provider == "Mailgun" and event.event_id:
        return safe_values.name(event.event_id)
    return safe_values.fingerprint(event.event_type, event.esp_event)


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
        return address_hash(address) if address and len(address) <= ADDRESS_CHARACTERS else None
    except ValidationError:
        return None


def _hash_of_mailed(digest: Digest | None, mail: AccountMail | None) -> bytes | None:
    """Hash the address that a mail went to, where a report names no address; None if the reader moved since."""
    if mail and mail.to:
        return _hash(mail.to)
    mailed = digest or mail
    if mailed is None:
        return None
    left_at = mailed.claimed_at or mailed.next_attempt_at
    moved = Q(confirmed_at__gte=left_at) | Q(taken_back_at__gte=left_at)
    if mailed.subscriber.address_changes.filter(moved).exists():
        return None
    return bytes(mailed.subscriber.address_hash)


def _event_id(event: AnymailTrackingEvent) -> str:
    """Return the provider's own id, else a fingerprint of what makes two reports the same report."""
    if not event.event_id:
        return safe_values.fingerprint(event.event_type, event.timestamp, event.recipient, event.message_id)
    own = safe_values.name(event.event_id)
    # A notification of SES may be about several recipients.
    return (
        own
        if event.esp_event is None or "mail" not in event.esp_event
        else safe_values.fingerprint(own, event.recipient)
    )
