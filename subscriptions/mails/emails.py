"""Every mail the service sends, as messages ready for the wire; nothing here touches a status."""

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import BadHeaderError, EmailMultiAlternatives
from django.db.models import Max, TextField, prefetch_related_objects
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.urls import reverse

from papers.among import among
from papers.feeds.announcement_status import Announced, Header, edition_header
from papers.models import Edition
from papers.text.words import shortened
from subscriptions.lifecycle import BACK_WITHIN, CONFIRM_WITHIN
from subscriptions.mails.frames import ROOM, MailSection, framed
from subscriptions.mails.headers import account_headers, digest_headers, for_provider, headers_of_digests
from subscriptions.mails.mail_cards import Card, CardMaker, PaperIsBroken
from subscriptions.mails.mime import DirectMessage, encoded_header, sender
from subscriptions.mails.sections import NEWS, Section, sections
from subscriptions.mails.templates import Words, as_link, ascii_html
from subscriptions.mails.top_lines import changes_line, merged_line, rhythm_line, summary_line
from subscriptions.mails.typesetting import clean, one_line, wrapped
from subscriptions.models import (
    AccountMail,
    AccountMailKind,
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    Role,
    Subscriber,
)
from subscriptions.people import links
from subscriptions.people.addresses import ascii_domain
from subscriptions.people.calendar import local_date
from subscriptions.people.tokens import Purpose

logger = logging.getLogger(__name__)
PREHEADER, NOTE = 110, 1000  # characters
HTML_LIMIT = 80_000  # bytes; beyond 102 kB mail programs clip a mail, and hide its end
TEMPLATES = {
    AccountMailKind.CONFIRM: "confirm",
    AccountMailKind.REMINDER: "reminder",
    AccountMailKind.WELCOME: "welcome",
    AccountMailKind.ALREADY: "already",
    AccountMailKind.NEW_ADDRESS: "new_address",
    AccountMailKind.ADDRESS_CHANGED: "address_changed",
    AccountMailKind.MOVED_BACK: "moved_back",
    AccountMailKind.LINK: "link",
    AccountMailKind.GOODBYE: "goodbye",
}

TO_THE_READER = (AccountMailKind.WELCOME, AccountMailKind.ALREADY, AccountMailKind.LINK)


FOLLOWED = ("subscriber_id", Cast("topic__categories", TextField()), "topic__name", "came_from", "came_at")
Followed = tuple[int, str | None, str | None, str, datetime | None]
SHOWN_WHOLE = (Role.PICK, Role.NEWS)


class NothingToShow(Exception):
    """None of a digest's papers can be shown."""


def account_mail(mail: AccountMail, now: datetime) -> EmailMultiAlternatives:
    """Return the message of one row of the outbox; it holds no text that a visitor typed."""
    name = TEMPLATES[AccountMailKind(mail.kind)]
    words = {
        "site_name": one_line(settings.SITE_NAME),
        "site_url": settings.SITE_URL,
        "expires_days": CONFIRM_WITHIN.days,
        "can_reply": bool(settings.REPLY_TO),
        **_urls(mail, now),
    }
    subject, html, text = [render_to_string(f"emails/{name}.{part}", words) for part in ("subject.txt", "html", "txt")]
    message = _message(one_line(subject), to=mail.to or mail.subscriber.email, of=settings.ACCOUNT_FROM_EMAIL)
    message.body = wrapped(text.strip()) + "\n"
    message.attach_alternative(ascii_html(html), "text/html")
    message.extra_headers = account_headers(mail.pk, name)
    for_provider(message, {"account_mail": str(mail.pk)}, f"account-{name}", settings.ACCOUNT_ESP_EXTRA)
    return message


def _urls(mail: AccountMail, now: datetime) -> dict[str, str]:
    """Return the links of a mail, made when it leaves; one to a former address opens nothing of the reader's today."""
    kind, reader = AccountMailKind(mail.kind), mail.subscriber
    if kind in (AccountMailKind.CONFIRM, AccountMailKind.REMINDER) and mail.consent:
        return {"action_url": links.url(Purpose.CONFIRM, mail.consent)}
    if kind == AccountMailKind.NEW_ADDRESS and mail.change:
        return {"action_url": links.url(Purpose.NEW_ADDRESS, mail.change)}
    if kind == AccountMailKind.ADDRESS_CHANGED and mail.change:
        back, end = links.url(Purpose.MOVE_BACK, mail.change), links.url(Purpose.UNSUBSCRIBE, reader)
        return {"action_url": back, "unsubscribe_url": end, "back_days": str(BACK_WITHIN.days)}
    if kind in (AccountMailKind.GOODBYE, AccountMailKind.MOVED_BACK):
        return {"action_url": settings.SITE_URL + reverse("subscribe")}
    if kind not in TO_THE_READER or mail.to:
        raise ValueError(
            f"No link is known for a mail of the kind {kind.value!r} to this address: one to somebody's preferences"
            " goes to nobody else, and to no former address."
        )
    urls = {"action_url": links.url(Purpose.PREFERENCES, reader)}
    if kind == AccountMailKind.LINK:
        urls["account_url"] = links.url(Purpose.ACCOUNT, reader, until=now + links.ACCOUNT_FOR)
    return urls


def digest_message(digest: Digest, items: Sequence[DigestItem], now: datetime) -> EmailMultiAlternatives:
    """Return the message of one digest, which need not be stored."""
    return Writer([digest], {digest.pk: items}, now).mail(digest)


class ByRole(NamedTuple):
    """The items of one digest."""

    picks: list[DigestItem]
    news: list[DigestItem]
    near_misses: list[DigestItem]


def _by_role(items: Sequence[DigestItem]) -> ByRole:
    found: dict[str, list[DigestItem]] = {Role.PICK.value: [], Role.NEWS.value: [], Role.NEAR_MISS.value: []}
    for item in items:
        if item.role in found:
            found[item.role].append(item)
    return ByRole(*found.values())


class Writer:
    """Writes the mails of a batch: it asks the database a constant number of times when made, and never after.

    digests come with their subscribers; items holds each one's by the digest's key, ranks in order. left_out names by
    digest the papers that cannot be shown to anybody, and that its mail therefore does without.
    """

    def __init__(self, digests: Sequence[Digest], items: Mapping[int, Sequence[DigestItem]], now: datetime) -> None:
        self._now = now
        self._maker = CardMaker(item for one in digests for item in items.get(one.pk, ()) if item.role in SHOWN_WHOLE)
        self._headers = headers_of_digests()
        # A mail is forwarded: its link to the preferences is the digest's own, and only asks for one.
        self._web, self._asking = links.linker(Purpose.DIGEST), links.linker(Purpose.DIGEST, "send_link")
        self._unsubscribe = links.linker(Purpose.UNSUBSCRIBE)
        people = [one.subscriber_id for one in digests]
        stored = [one for one in people if one is not None]  # an example's reader is no row
        followed = list(among(Interest.objects.all(), "subscriber_id", stored).values_list(*FOLLOWED))
        self._news, self._became = _news(people, followed, now), _became(followed)
        self._notes = _notes({one.local_date for one in digests})
        self._of_role = {one.pk: _by_role(items.get(one.pk, ())) for one in digests}
        self._broken: set[int] = set()
        self.left_out: dict[int, list[int]] = {}

    def mail(self, digest: Digest) -> EmailMultiAlternatives:
        """Write both parts with the same papers, and the headers of a list; raise only what is wrong with this digest.

        That is NothingToShow if all its papers are broken, BadHeaderError if its address cannot be written to.
        """
        encoded_header("To", digest.subscriber.email)
        web = self._web(digest)
        web_url = as_link(web)
        parts = self.sections(digest, web_url)
        words, handle = self.words(digest, parts) | {"web_url": web}, bytes(digest.handle)
        whole = framed(words, web_url, parts)
        message = _message(whole.subject, to=digest.subscriber.email, of=settings.DEFAULT_FROM_EMAIL)
        message.made_of(whole.ready).sent_at = self._now
        message.extra_headers = digest_headers(handle, words["unsubscribe_url"], self._headers)
        for_provider(message, {"digest": handle.hex()}, "digest", settings.DIGEST_ESP_EXTRA)
        return message

    def sections(self, digest: Digest, web_url: Words) -> list[MailSection]:
        """Return the papers that can be shown, numbered without a gap; the last in brief if all would be too long."""
        picks = list(filter(self._maker.has, self._of_role[digest.pk].picks))
        shown, number = list[MailSection](), 1
        for section in sections(picks):
            if cards := self._cards(digest, section, number, web_url):
                number += len(cards)
                shown.append(MailSection(section.heading, cards, []))
        if picks and not shown:
            raise NothingToShow(f"None of its {len(picks)} papers can be shown.")
        self._shorten([one.cards for one in shown])
        return self._with_news(digest, shown)

    def _with_news(self, digest: Digest, shown: list[MailSection]) -> list[MailSection]:
        """Put what happened to papers that the reader kept first: it is short, rare, and theirs."""
        news = [self._maker.news(item) for item in self._of_role[digest.pk].news if self._maker.has(item)]
        return [MailSection(NEWS, [], news), *shown] if news else shown

    def _cards(self, digest: Digest, section: Section, number: int, web_url: Words) -> list[Card]:
        cards, told = list[Card](), section.tells_interest
        for item in section.items:
            try:
                cards.append(self._maker.card(item, number + len(cards), web_url, told=told))
            except PaperIsBroken:
                self._leave_out(digest, item)
        return cards

    def _leave_out(self, digest: Digest, item: DigestItem) -> None:
        if item.paper_id not in self._broken:
            logger.exception("Paper %s cannot be shown, and is left out of digests.", item.paper_id)
        self._broken.add(item.paper_id)
        left_out = self.left_out.setdefault(digest.pk, [])
        if item.paper_id not in left_out:
            left_out.append(item.paper_id)

    def _shorten(self, parts: Sequence[list[Card]]) -> None:
        excess = ROOM - HTML_LIMIT + sum([card.size for cards in parts for card in cards])
        for cards in reversed(parts):
            for place, card in reversed(list(enumerate(cards))):
                if excess <= 0:
                    return
                brief = self._maker.card(card.item, card.rank, card.web_url, told=card.told, brief=True)
                excess -= card.size - brief.size
                cards[place] = brief

    def words(self, digest: Digest, parts: Sequence[MailSection]) -> dict[str, Any]:
        """Return all that the templates of a digest show besides its papers and the address of its web copy."""
        cards = [card for part in parts for card in part.cards]
        items, first = self._of_role[digest.pk], [card.paper for card in cards[:4]]
        sizes = {part.heading: len(part.cards) + len(part.news) for part in parts}
        return {
            "preferences_url": self._asking(digest),
            "unsubscribe_url": self._unsubscribe(digest.subscriber),
            "site_name": _site_name(settings.SITE_NAME),
            "site_url": settings.SITE_URL,
            "date": digest.local_date,
            "count": len(cards),
            "edition_header": self._news[digest.subscriber_id],
            "edition_note": self._notes[digest.local_date],
            "merged_line": merged_line(self._became.get(digest.subscriber_id, ())),
            "rhythm": rhythm_line(digest.subscriber, digest.local_date),
            "near_misses_count": len(items.near_misses),
            "first_title": first[0].title if first else "",
            "preheader": shortened("; ".join([paper.title_apart for paper in first[1:]]), PREHEADER),
            "summary_line": summary_line(digest, items.picks, items.near_misses, len(cards)),
            "changes_line": changes_line(digest, [card.paper.came_on for card in cards], sizes),
        }


_site_name = cache(one_line)


def _news(subscribers: Collection[int], followed_by: Collection[Followed], now: datetime) -> dict[int, str]:
    """Return, by subscriber, what arXiv announced in the categories of their topics.

    In all for no topics, and for whom other interests bring papers of any category.
    """
    followed: dict[int, set[str]] = {subscriber: set() for subscriber in subscribers}
    anything = set[int]()
    for subscriber, stored, *_ in followed_by:
        if categories := _categories(stored):
            followed[subscriber].update(categories)
        else:
            anything.add(subscriber)
    announced, words = Announced(now), cache(lambda header: header.words if header else "")
    return {
        subscriber: words(announced.header(set() if subscriber in anything else names))
        for subscriber, names in followed.items()
    }


@lru_cache(maxsize=1024)
def _categories(stored: str | None) -> tuple[str, ...]:
    """Read the categories of a topic, which many readers follow; none where an interest is no topic."""
    return tuple(json.loads(stored) or ()) if stored else ()


def _became(followed_by: Collection[Followed]) -> dict[int, list[tuple[str, str]]]:
    """Return, by subscriber, the topics that were merged since their last digest, each with the one that stays."""
    moved = [row for row in followed_by if row[4]]
    if not moved:
        return {}
    sent = Digest.objects.filter(subscriber__in={row[0] for row in moved}, status=DeliveryStatus.SENT).order_by()
    last = dict(sent.values_list("subscriber").annotate(Max("finished_at")))
    found: dict[int, list[tuple[str, str]]] = {}
    for subscriber, _, name, came_from, came_at in moved:
        if last.get(subscriber) is None or last[subscriber] < came_at:
            found.setdefault(subscriber, []).append((one_line(came_from), one_line(name or "")))
    return found


def _notes(days: set[date]) -> dict[date, str]:
    """Return, by day, the curator's note on the newest edition, if it is of that day or of the one before."""
    if not days:
        return {}
    span = (min(days) - timedelta(days=1), max(days))
    written = dict(Edition.objects.filter(date__range=span).order_by("date").values_list("date", "note"))
    newest = {day: written.get(day, written.get(day - timedelta(days=1), "")) for day in days}
    return {day: shortened(clean(note).strip(), NOTE) for day, note in newest.items()}


def edition_note(day: date) -> str:
    """Return the curator's note on the newest edition, if it is of that day or of the one before."""
    return _notes({day})[day]


def header_for(subscriber: Subscriber, now: datetime) -> Header | None:
    """Return what arXiv announced in the categories of the subscriber's topics, in all as mails do."""
    # Asks nothing where the interests have been fetched before.
    prefetch_related_objects([subscriber], "interests__topic")
    topics = [interest.topic for interest in subscriber.interests.all()]
    known = [topic.categories for topic in topics if topic and topic.categories]
    return edition_header(set().union(*known) if len(known) == len(topics) else set(), now)


def header_on_the_web(digest: Digest, now: datetime) -> Header | None:
    """Return the header on the digest's own day only: later it would speak of another announcement."""
    subscriber = digest.subscriber
    return header_for(subscriber, now) if local_date(now, subscriber.timezone) == digest.local_date else None


def _message(subject: str, *, to: str, of: str) -> DirectMessage:
    return DirectMessage(subject, from_email=sender(of), to=[_as_dns_knows_it(to)], reply_to=_reply_to())


def _as_dns_knows_it(address: str) -> str:
    """Write an address so that all backends send to one domain, and know it again in the provider's answer."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{ascii_domain(domain)}"
    except UnicodeError as error:
        raise BadHeaderError("The domain of an address cannot be written in ASCII.") from error


def _reply_to() -> list[str]:
    return [sender(settings.REPLY_TO)] if settings.REPLY_TO else []
