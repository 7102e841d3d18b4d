"""What the mail provider reports back: stored first, then acted upon. The project's one signal receiver."""

import hashlib
import logging
from collections.abc import Mapping
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason
from django.core.exceptions import ValidationError
from django.utils.timezone import now

from subscriptions import lifecycle
from subscriptions.addresses import address_hash
from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, Subscriber

logger = logging.getLogger(__name__)
HARD_BOUNCES = {RejectReason.BOUNCED, RejectReason.INVALID}
# Anymail reports a full mailbox and one that does not exist alike; the providers' own words tell them apart.
SOFT_WORDS = {"softbounce", "soft_bounce", "soft", "transient", "temporary", "undetermined"}
HANDLE_HEX = 32


def on_tracking_event(sender: object, event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    """Anymail calls this for each event; the same event twice, late or out of order changes nothing."""
    stored = store(event, esp_name)
    if stored is not None:
        act(event, stored)


def store(event: AnymailTrackingEvent, provider: str) -> DeliveryEvent | None:
    """The stored event, or None if it was stored before."""
    hashed = _hash(event.recipient)
    stored, new = DeliveryEvent.objects.get_or_create(
        provider=provider,
        event_id=event.event_id or _fingerprint(event),
        defaults={
            "digest": _digest(event),
            "subscriber": Subscriber.objects.filter(address_hash=hashed).first(),
            "address_hash": hashed,
            "event_type": event.event_type,
            "reject_reason": event.reject_reason or "",
            "description": event.description or "",
            "happened_at": event.timestamp or now(),
        },
    )
    return stored if new else None


def act(event: AnymailTrackingEvent, stored: DeliveryEvent) -> None:
    if stored.digest and event.event_type == EventType.DELIVERED:
        uncertain = Digest.objects.filter(pk=stored.digest.pk, status=DeliveryStatus.UNCERTAIN)
        uncertain.update(status=DeliveryStatus.SENT, reason="")
    if event.recipient and is_final(event):
        lifecycle.suppress(event.recipient, reason=event.event_type)


def is_final(event: AnymailTrackingEvent) -> bool:
    """A complaint, or a bounce that says that the mailbox does not exist."""
    if event.event_type == EventType.BOUNCED:
        return event.reject_reason in HARD_BOUNCES and SOFT_WORDS.isdisjoint(_words(event.esp_event))
    return bool(event.event_type == EventType.COMPLAINED)


def _words(report: Any) -> set[str]:
    """All values of a provider's own report, however nested, in lower case."""
    if isinstance(report, Mapping):
        return set().union(*(_words(value) for value in report.values()))
    return {str(report).lower()}


def _digest(event: AnymailTrackingEvent) -> Digest | None:
    handle = str((event.metadata or {}).get("digest", ""))
    try:
        return Digest.objects.filter(handle=bytes.fromhex(handle)).first() if len(handle) == HANDLE_HEX else None
    except ValueError:
        return None


def _hash(address: str | None) -> bytes | None:
    try:
        return address_hash(address) if address else None
    except ValidationError:
        return None


def _fingerprint(event: AnymailTrackingEvent) -> str:
    """A provider without event ids: what makes two reports the same report."""
    parts = (event.event_type, event.timestamp, event.recipient, event.message_id)
    return hashlib.sha256(repr(parts).encode()).hexdigest()
