"""Find the mail that a report is about: only reports of mails of ours say something of a reader.

An account at a provider may serve other sites too, and their mail goes to the same people. Three things tie a report to
a mail: our metadata, our handle (as the Message-ID, or as a tag), and the provider's id of the mail. The handle is 128
random bits, so that nothing of another site looks like one; the id is looked for among the mails of the reader whom the
report names, since the hot path has no index for it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from anymail.signals import AnymailTrackingEvent
from django.core.exceptions import ValidationError
from django.db.models import Q

from subscriptions.handles import HANDLE_BYTES, account_mail_handle
from subscriptions.models import AccountMail, AddressChange, DeliveryEvent, Digest, Subscriber
from subscriptions.people.addresses import address_hash, canonical
from subscriptions.reports.safe_values import WHAT_VALUES_RAISE

ADDRESS_CHARACTERS = 320
HANDLE_HEX = HANDLE_BYTES * 2
# A whole value and never part of a text: what another mail server says in its answer names no mail of ours.
HANDLE = re.compile(rf"<?([0-9a-f]{{{HANDLE_HEX}}})(?:@[^\s<>@]+>?)?", re.IGNORECASE)
AT_ONCE = 500  # handles in one query
MOST_HANDLES = 20  # of one report; each mail bears one
LATEST_MAILS = 50  # account mails of one reader among which a handle is looked for


@dataclass(frozen=True, slots=True)
class Tie:
    """What is known of a report's mail, and the reader whom the report names or whose mail it is."""

    digest: Digest | None = None
    account_mail: AccountMail | None = None
    reader: int | None = None  # the subscriber's key

    @property
    def is_ours(self) -> bool:
        return bool(self.digest or self.account_mail)


def look_up(events: Iterable[AnymailTrackingEvent]) -> None:
    """Look up the digests that a batch may be about at once, and leave them with each event for `tie`."""
    batch, named = list(events), set[str]()
    for event in batch:
        with suppress(*WHAT_VALUES_RAISE):  # one event undoes nothing of its batch
            named.update(_handles(event))
    whole = [bytes.fromhex(handle) for handle in named]
    digests: dict[str, Digest] = {}
    for start in range(0, len(whole), AT_ONCE):
        found = Digest.objects.filter(handle__in=whole[start : start + AT_ONCE])
        found = found.only("handle", "subscriber", "claimed_at", "next_attempt_at")
        digests |= {bytes(digest.handle).hex(): digest for digest in found}
    for event in batch:
        event.digests_named = digests


def tie(event: AnymailTrackingEvent) -> Tie:
    """Tie a report by what it says; where that is only a reader, `by_provider_id` may still tell."""
    if not hasattr(event, "digests_named"):
        look_up([event])
    handles = _handles(event)
    digests = (event.digests_named.get(handle) for handle in handles)
    if digest := next((digest for digest in digests if digest), None):
        return Tie(digest=digest, reader=digest.subscriber_id)
    if mail := _named_account_mail(str(_metadata(event).get("account_mail", "")), event.recipient):
        return Tie(account_mail=mail, reader=mail.subscriber_id)
    reader = _reader(event.recipient)
    if reader and handles and (mail := _account_mail_of(reader, set(handles))):
        return Tie(account_mail=mail, reader=reader)
    return Tie(reader=reader)


def by_provider_id(event: DeliveryEvent) -> Tie:
    """Tie a stored report by the provider's id of its mail, among the mails of the reader whom it names."""
    if not event.provider_id or event.subscriber_id is None:
        return Tie()
    mine = {"subscriber": event.subscriber_id, "provider_id": event.provider_id}
    digest = Digest.objects.filter(**mine).first()
    return Tie(digest=digest, account_mail=None if digest else AccountMail.objects.filter(**mine).first())


def hash_of(address: str | None) -> bytes | None:
    """Return the hash of an address, None for what is none."""
    try:
        return address_hash(address) if address and len(address) <= ADDRESS_CHARACTERS else None
    except ValidationError:
        return None


def hash_of_mailed(found: Tie) -> bytes | None:
    """Hash the address that a mail went to, where a report names no address; None if the reader moved since."""
    mailed = found.digest or found.account_mail
    if found.account_mail and found.account_mail.to:
        return hash_of(found.account_mail.to)
    if mailed is None:
        return None
    left_at = mailed.claimed_at or mailed.next_attempt_at
    moved = Q(confirmed_at__gte=left_at) | Q(taken_back_at__gte=left_at)
    if mailed.subscriber.address_changes.filter(moved).exists():
        return None
    return bytes(mailed.subscriber.address_hash)


def handles_in(report: Any) -> Iterator[str]:
    """Yield what may be a handle of ours anywhere in a report: a value that is 32 hexadecimal digits, or a Message-ID
    that begins with them.
    """
    if isinstance(report, Mapping):
        for value in report.values():
            yield from handles_in(value)
    elif isinstance(report, (list, tuple)):
        for value in report:
            yield from handles_in(value)
    elif isinstance(report, str) and (found := HANDLE.fullmatch(report)):
        yield found[1].lower()


def _metadata(event: AnymailTrackingEvent) -> Mapping[str, Any]:
    return event.metadata if isinstance(event.metadata, Mapping) else {}


def _handles(event: AnymailTrackingEvent) -> list[str]:
    """Return what may be handles, that of our metadata first: other values may have been passed on by others."""
    ours = str(_metadata(event).get("digest", ""))
    if len(ours) == HANDLE_HEX and HANDLE.fullmatch(ours):
        return [ours.lower()]
    return list(islice(handles_in([event.esp_event, event.tags]), MOST_HANDLES))


def _named_account_mail(key: str, address: str | None) -> AccountMail | None:
    """Return the account mail of this number, if it went where the report says: another site counts its mails too."""
    if not key.isdecimal() or len(key) >= HANDLE_HEX // 2:
        return None
    mail = AccountMail.objects.filter(pk=int(key)).select_related("subscriber").first()
    return mail if mail and (not address or _went_to(mail, hash_of(address))) else None


def _went_to(mail: AccountMail, hashed: bytes | None) -> bool:
    if hashed in (bytes(mail.subscriber.address_hash), hash_of(mail.to)):
        return hashed is not None
    changes = mail.subscriber.address_changes.values_list("old_email", "new_email")
    return hashed in {hash_of(address) for change in changes for address in change if address}


def _account_mail_of(reader: int, handles: set[str]) -> AccountMail | None:
    mails = AccountMail.objects.filter(subscriber=reader).order_by("-pk")[:LATEST_MAILS]
    return next((mail for mail in mails if account_mail_handle(mail.pk) in handles), None)


def _reader(address: str | None) -> int | None:
    """Return who has this address, else who had it before or asked for it; both stand in the changes of 90 days."""
    hashed = hash_of(address)
    if hashed is None or address is None:
        return None
    if reader := Subscriber.objects.filter(address_hash=hashed).values_list("pk", flat=True).first():
        return reader
    plain = canonical(address)
    changes = AddressChange.objects.filter(Q(old_email=plain) | Q(new_email=plain))
    return changes.order_by("-pk").values_list("subscriber_id", flat=True).first()
