"""Mails as staff may see them: byte for byte what is sent, but for secrets that open nothing.

A link of a mail acts in its reader's name, and the handle of a digest names it in reports. A preview has others in
their place, of the same length and shape, which belong to no row.
"""

from copy import copy
from datetime import datetime
from typing import TypeVar

from django.core.mail import EmailMultiAlternatives

from subscriptions.digests import compose
from subscriptions.digests.bulk_writes import items_of_digests
from subscriptions.handles import new_handle
from subscriptions.mails import emails
from subscriptions.models import AccountMail, AddressChange, Consent, DeliveryStatus, Digest, SkipReason, Subscriber

Held = TypeVar("Held", Subscriber, Digest, Consent, AddressChange)


class NothingWouldBeSent(Exception):
    """No mail would be sent; the text says why."""


def preview(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    """Return the message that the subscriber would be sent now; nothing is stored. Raises NothingWouldBeSent."""
    digest, items = compose.preview(without_secrets(subscriber), now)
    if digest.status == DeliveryStatus.SKIPPED:
        raise NothingWouldBeSent(SkipReason(digest.reason).label)
    return emails.digest_message(digest, items, now)


def of_digest(digest: Digest, now: datetime) -> EmailMultiAlternatives:
    """Return the message of a stored digest as it would be written now: its papers stay, what is told of them grows.

    Raises NothingWouldBeSent for one without papers.
    """
    items = items_of_digests([digest.pk]).get(digest.pk)
    if not items:
        raise NothingWouldBeSent(digest.reason_label or "no papers were chosen")
    shown = without_secrets(digest)
    shown.subscriber = without_secrets(digest.subscriber)
    return emails.digest_message(shown, items, now)


def of_account_mail(mail: AccountMail, now: datetime) -> EmailMultiAlternatives:
    """Return the message of a row of the outbox as it would be written now."""
    shown = copy(mail)
    shown.subscriber = without_secrets(mail.subscriber)
    shown.consent = without_secrets(mail.consent) if mail.consent else None
    shown.change = without_secrets(mail.change) if mail.change else None
    if shown.change:
        shown.change.subscriber = shown.subscriber
    if shown.consent:
        shown.consent.subscriber = shown.subscriber
    return emails.account_mail(shown, now)


def without_secrets(row: Held) -> Held:
    """Return an unsaved copy of a row with another handle: no link that is made of it opens anything."""
    shown = copy(row)
    shown.handle = new_handle()
    return shown
