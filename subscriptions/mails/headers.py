"""Headers that tell mail programs and providers what a mail is, and how to unsubscribe."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from subscriptions.handles import account_mail_handle
from subscriptions.mails.mime import name_and_address, sender_name
from subscriptions.people.tokens import TOKEN_LENGTH
from subscriptions.providers import table

AUTOMATIC = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}


@lru_cache(maxsize=64)
def domain_of(sender: str) -> str:
    """Return the domain of an address, '' for anything else."""
    _, at, domain = name_and_address(sender)[1].rpartition("@")
    return domain if at else ""


def digest_headers(handle: bytes, unsubscribe_url: str, shared: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of one digest; shared are those of all digests."""
    return {
        # The same for every attempt, so that a receiver can tell a second copy.
        "Message-ID": f"<{handle.hex()}@{domain_of(settings.DEFAULT_FROM_EMAIL)}>",
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        **shared,
    }


def longest_unsubscribe_line() -> str:
    """Return the line that holds the link, for any subscriber, where it needs a line of its own."""
    return f" <{settings.SITE_URL}{reverse('unsubscribe', args=['~' * TOKEN_LENGTH])}>"


def headers_of_digests() -> dict[str, str]:
    """Return the headers that all digests have."""
    return {
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{_in_ascii(settings.SITE_NAME)} <digest.{domain_of(settings.DEFAULT_FROM_EMAIL)}>".strip(),
        "Feedback-ID": _feedback_id("digest"),
        **AUTOMATIC,
    }


def _in_ascii(name: str) -> str:
    """Return a name without accents: providers differ in how they encode a header that is not their own."""
    return sender_name(unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode())


def account_headers(pk: int, name: str) -> dict[str, str]:
    """Return the headers of an account mail, whose id must not tell how many there are."""
    return {
        "Message-ID": f"<{account_mail_handle(pk)}@{domain_of(settings.ACCOUNT_FROM_EMAIL)}>",
        "Feedback-ID": _feedback_id(f"account-{name}"),
        **AUTOMATIC,
    }


def _feedback_id(kind: str) -> str:
    """Return the id by which Gmail counts complaints: the kind of mail, the site, and who sends for it."""
    return f"{kind}:{urlsplit(settings.SITE_URL).hostname}:paper-round"


def for_provider(message: EmailMultiAlternatives, metadata: dict[str, str], tag: str, extra: Mapping[str, Any]) -> None:
    """Add what Anymail's backends understand and all others ignore: reports then name the row."""
    words: dict[str, Any] = {"metadata": metadata, "tags": [tag, *_handle_as_tag(message)]}
    row = table.in_use()
    if row:
        message.extra_headers |= row.keeps_id
    # Anymail refuses a wish that a provider cannot be told with a message: there tracking is set in the account.
    if not (row and row.tracking):
        words |= {"track_opens": False, "track_clicks": False}
    if extra:
        words["esp_extra"] = dict(extra)
    vars(message).update(words)


def _handle_as_tag(message: EmailMultiAlternatives) -> list[str]:
    """Return the mail's handle where the provider's reports repeat neither metadata nor our Message-ID, but tags."""
    row = table.in_use()
    if row is None or "tag" not in row.ties:
        return []
    return [message.extra_headers["Message-ID"].strip("<>").partition("@")[0]]
