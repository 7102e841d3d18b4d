"""Store what the mail provider reports; it is acted upon later. The project's one signal receiver."""

from datetime import datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType
from django.db import DataError, transaction

from papers.shared_clock import now
from subscriptions.models import DeliveryEvent, EventStatus, Meaning
from subscriptions.reports import safe_values, ties
from subscriptions.reports.classification import UNREADABLE, Judged, judge
from subscriptions.reports.safe_values import WHAT_VALUES_RAISE, without_addresses

# Who reads a mail and where they click is nobody's business, even if the provider counts it.
NOT_KEPT = {EventType.OPENED, EventType.CLICKED}
UNKNOWN = "The word %r is not known here, and nothing follows from it."


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
        judged = judge(provider, event)
        if event.event_type in NOT_KEPT or judged.is_of_reading:
            return _token(event, provider, received_at)
        if event.event_type == UNREADABLE:
            return _about_nobody(event, provider, received_at, judged)
        return _readable(event, provider, received_at, judged)
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


def _readable(event: AnymailTrackingEvent, provider: str, received_at: datetime, judged: Judged) -> DeliveryEvent:
    """Return a row that waits to be acted upon; one about nobody that we mail, or with an unknown word, waits not."""
    found = ties.tie(event)
    hashed = (ties.hash_of(event.recipient) or ties.hash_of_mailed(found)) if found.reader else None
    return DeliveryEvent(
        provider=safe_values.text(provider, 32),
        event_id=_event_id(event),
        provider_id=safe_values.name(event.message_id) if event.message_id else "",
        digest=found.digest,
        account_mail=found.account_mail,
        subscriber_id=found.reader,
        address_hash=hashed,
        event_type=_type(event, judged),
        reject_reason=safe_values.text(event.reject_reason, 64),
        description=without_addresses(safe_values.text(event.description or event.mta_response, 500)),
        meaning=judged.meaning,
        status=_status(found, judged),
        error="" if judged.is_known else UNKNOWN % judged.word,
        happened_at=safe_values.time(event.timestamp, received_at),
        received_at=received_at,
        next_attempt_at=received_at,
    )


def _status(found: ties.Tie, judged: Judged) -> EventStatus:
    if not judged.is_known:
        return EventStatus.FAILED
    return EventStatus.WAITING if found.reader else EventStatus.FOREIGN


def _type(event: AnymailTrackingEvent, judged: Judged) -> str:
    """Return Anymail's word for what happened, and the provider's own where Anymail has none."""
    has_none = event.event_type in (EventType.UNKNOWN, UNREADABLE)
    return safe_values.text(judged.word if has_none and judged.word else event.event_type, 32)


def _about_nobody(event: AnymailTrackingEvent, provider: str, received_at: datetime, judged: Judged) -> DeliveryEvent:
    """Return a row for news of the account: Anymail finds no mail in it, and it is none that anybody must look at."""
    row = _unreadable(event, provider, received_at, event.description)
    if judged.is_known and judged.meaning == Meaning.NOTHING:
        row.event_type, row.status, row.error = _type(event, judged), EventStatus.FOREIGN, ""
    return row


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


def _event_id(event: AnymailTrackingEvent) -> str:
    """Return the provider's own id, else a fingerprint of all that it says: two reports of one second stay two."""
    if not event.event_id:
        return safe_values.fingerprint(event.event_type, event.esp_event)
    own = safe_values.name(event.event_id)
    # A notification of SES may be about several recipients.
    return (
        own
        if event.esp_event is None or "mail" not in event.esp_event
        else safe_values.fingerprint(own, event.recipient)
    )
