"""A digest as staff may see it: what a subscriber would get now, without links that act in the reader's name."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from subscriptions.digests import compose
from subscriptions.mails.emails import Writer
from subscriptions.mails.mail_cards import Card
from subscriptions.models import Digest, Subscriber

NOWHERE = "/#this-is-a-preview"


def preview(subscriber: Subscriber, now: datetime) -> EmailMultiAlternatives:
    """Return the whole message, of unsaved rows: nothing is stored."""
    digest, items = compose.preview(subscriber, now.date())
    return PreviewWriter([digest], {digest.pk: items}, now).mail(digest)


class PreviewWriter(Writer):
    """Writes mails whose links to papers stay; the reader's own lead to the front page, and say why."""

    def words(self, digest: Digest, cards: Sequence[Card]) -> dict[str, Any]:
        words = super().words(digest, cards)
        own = [name for name in words if name.endswith("_url") and name != "site_url"]
        return words | dict.fromkeys(own, settings.SITE_URL + NOWHERE)
