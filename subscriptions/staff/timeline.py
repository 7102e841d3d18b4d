"""All that happened between us, the provider and a reader, in one line of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, SkipReason, Subscriber

MOST = 60  # lines, and rows of each kind that are looked at


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    kind: str
    words: str
    row: object | None = None  # what the line is about, if it has a page
    is_bad: bool = False


def timeline(subscriber: Subscriber) -> list[Moment]:
    """Return the newest moments, the newest first; as many queries however many there are."""
    kinds = (_digests, _account_mails, _reports, _consents, _acts)
    found = [moment for kind in kinds for moment in kind(subscriber)]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:MOST]


def _digests(subscriber: Subscriber) -> Iterator[Moment]:
    for digest in subscriber.digests.order_by("-local_date")[:MOST]:
        bad = digest.status in (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)
        words = f"of {digest.local_date:%d %b} {digest.status}{_why(digest)}"
        yield Moment(digest.finished_at or digest.due_at, "digest", words, digest, is_bad=bad)


def _why(digest: Digest) -> str:
    reason = SkipReason(digest.reason).label if digest.reason in SkipReason.values else digest.reason
    return f": {reason}" if reason else ""


def _account_mails(subscriber: Subscriber) -> Iterator[Moment]:
    for mail in subscriber.account_mails.order_by("-pk")[:MOST]:
        bad = mail.status in (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN)
        words = f"“{mail.kind}” {mail.status}{f': {mail.reason}' if mail.reason else ''}"
        yield Moment(mail.finished_at or mail.created_at, "account mail", words, mail, is_bad=bad)


def _reports(subscriber: Subscriber) -> Iterator[Moment]:
    """Yield reports of mails, and those that name nothing but the present address."""
    by_address = Q(address_hash=subscriber.address_hash, subscriber__isnull=True)
    for mine in (Q(subscriber=subscriber), by_address):
        for event in DeliveryEvent.objects.filter(mine).order_by("-pk")[:MOST]:
            said = ", ".join(filter(None, (event.get_meaning_display(), event.reject_reason, event.description[:200])))
            bad = event.event_type in ("bounced", "complained", "rejected", "failed")
            words = f"{event.event_type}, says {event.provider}{f' ({said})' if said != 'nothing' else ''}"
            yield Moment(event.happened_at, "report", words, event, is_bad=bad)


def _consents(subscriber: Subscriber) -> Iterator[Moment]:
    for consent in subscriber.consents.order_by("-requested_at")[:MOST]:
        yield Moment(consent.requested_at, "consent", f"asked for, by the {consent.source}", consent)
        if consent.confirmed_at:
            yield Moment(consent.confirmed_at, "consent", "confirmed", consent)
        if consent.withdrawn_at:
            yield Moment(consent.withdrawn_at, "consent", "withdrawn", consent)


def _acts(subscriber: Subscriber) -> Iterator[Moment]:
    place = ContentType.objects.get_for_model(Subscriber)
    entries = LogEntry.objects.filter(content_type=place, object_id=str(subscriber.pk)).select_related("user")
    for entry in entries.order_by("-action_time")[:MOST]:
        yield Moment(entry.action_time, "staff", f"{entry.user}: {entry.get_change_message()}")
