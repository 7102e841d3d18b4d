"""Every mail the service sends, as messages ready for the wire; nothing here touches a status."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from email.utils import parseaddr
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator

from papers.headers import Header, edition_header
from papers.models import Edition
from subscriptions import tokens
from subscriptions.cards import PickCard, cards
from subscriptions.lifecycle import CONFIRM_WITHIN
from subscriptions.models import AccountMail, AccountMailKind, Digest, DigestItem, Role, Subscriber
from subscriptions.scheduling import local_date
from subscriptions.tokens import Purpose

SUBJECT_LENGTH = 150
TEMPLATES = {
    AccountMailKind.CONFIRM: "confirm",
    AccountMailKind.REMINDER: "reminder",
    AccountMailKind.WELCOME: "welcome",
    AccountMailKind.ALREADY: "already",
}
# Rules for dark mode must stay rules: an inliner that drops the style element would lose them.
INLINER = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def link(purpose: Purpose, handle: bytes | memoryview) -> str:
    return settings.SITE_URL + reverse(purpose.value, args=[tokens.make(purpose, handle)])


def account_mail(mail: AccountMail) -> EmailMultiAlternatives:
    """The message of one row of the outbox; it holds no text that a visitor typed."""
    if mail.kind in {AccountMailKind.CONFIRM, AccountMailKind.REMINDER} and mail.consent:
        action_url = link(Purpose.CONFIRM, mail.consent.handle)
    else:
        action_url = link(Purpose.PREFERENCES, mail.subscriber.handle)
    context = {"action_url": action_url, "expires_days": CONFIRM_WITHIN.days}
    name = TEMPLATES[AccountMailKind(mail.kind)]
    message = _message(name, context, mail.subscriber.email, settings.ACCOUNT_FROM_EMAIL)
    message.extra_headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}
    _for_provider(message, {"account_mail": str(mail.pk)}, f"account-{name}")
    return message


def digest_mail(digest: Digest, now: datetime) -> EmailMultiAlternatives:
    """The message of a composed digest, both parts with the same papers, and its unsubscribe headers."""
    items = list(digest.items.all())
    message = digest_message(digest, items, now)
    _for_provider(message, {"digest": bytes(digest.handle).hex()}, "digest")
    return message


class Writer:
    def __init__(self, digests: Sequence[Digest], items: Any, now: datetime) -> None:
        self.items, self.now = items, now

    def mail(self, digest: Digest) -> EmailMultiAlternatives:
        return digest_mail(digest, self.now)


def digest_message(digest: Digest, items: Sequence[DigestItem], now: datetime) -> EmailMultiAlternatives:
    context = digest_context(digest, items, now)
    message = _message("digest", context, digest.subscriber.email, settings.DEFAULT_FROM_EMAIL)
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    message.extra_headers |= {
        # The same for every attempt, so that a receiver can tell a second copy.
        "Message-ID": f"<{bytes(digest.handle).hex()}@{domain}>",
        "List-Unsubscribe": f"<{context['unsubscribe_url']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"{settings.SITE_NAME} <digest.{domain}>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    return message


def digest_context(digest: Digest, items: Sequence[DigestItem], now: datetime) -> dict[str, Any]:
    chosen = cards([item for item in items if item.role == Role.PICK])
    near = [item for item in items if item.role == Role.NEAR_MISS]
    return {
        "date": digest.local_date,
        "count": len(chosen),
        "cards": chosen,
        "edition_header": header_for(digest.subscriber, now),
        "edition_note": edition_note(digest.local_date),
        "near_misses_count": len(near),
        "web_url": link(Purpose.DIGEST, digest.handle),
        "preferences_url": link(Purpose.PREFERENCES, digest.subscriber.handle),
        "unsubscribe_url": link(Purpose.UNSUBSCRIBE, digest.subscriber.handle),
        "preheader": _preheader(chosen),
        "summary_line": _summary(digest, chosen),
    }


def header_for(subscriber: Subscriber, now: datetime) -> Header | None:
    """What arXiv announced in the categories of the topics that the subscriber follows; in all, who follows none."""
    # Asks nothing where delivery has fetched them for its whole batch.
    prefetch_related_objects([subscriber], "interests__topic")
    topics = [interest.topic for interest in subscriber.interests.all() if interest.topic]
    return edition_header({category for topic in topics for category in topic.categories}, now)


def header_on_the_web(digest: Digest, now: datetime) -> Header | None:
    """On the digest's own day only: later it would speak of another announcement."""
    subscriber = digest.subscriber
    return header_for(subscriber, now) if local_date(now, subscriber.timezone) == digest.local_date else None


def edition_note(day: date) -> str:
    """The curator's word of the newest edition, if it is one of these days."""
    recent = Edition.objects.filter(date__range=(day - timedelta(days=1), day))
    newest = recent.order_by("-date").first()
    return newest.note if newest else ""


def _preheader(chosen: Sequence[PickCard]) -> str:
    return Truncator("; ".join(card.title for card in chosen[1:4])).chars(140)


def _summary(digest: Digest, chosen: Sequence[PickCard]) -> str:
    """How many of how many; a short digest says that it is short on purpose."""
    if len(chosen) < digest.subscriber.digest_size:
        return f"{len(chosen)} of {digest.considered} recent papers cleared your bar today. Nothing else did."
    return f"The {len(chosen)} that fit you best among {digest.considered} recent papers."


def _message(name: str, context: dict[str, Any], to: str, sender: str) -> EmailMultiAlternatives:
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **context}
    subject = " ".join(render_to_string(f"emails/{name}.subject.txt", context).split())
    message = EmailMultiAlternatives(
        subject=Truncator(subject).chars(SUBJECT_LENGTH),
        body=render_to_string(f"emails/{name}.txt", context).strip() + "\n",
        from_email=sender,
        to=[to],
    )
    message.attach_alternative(INLINER.inline(render_to_string(f"emails/{name}.html", context)), "text/html")
    return message


def _for_provider(message: EmailMultiAlternatives, metadata: dict[str, str], tag: str) -> None:
    """Words that Anymail's backends understand and all others ignore: what comes back names the row."""
    vars(message).update(metadata=metadata, tags=[tag], track_opens=False, track_clicks=False)
