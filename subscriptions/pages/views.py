"""Pages of subscribers. GET changes nothing, but that a web copy was read today; the object comes from the token."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from papers.models import Paper
from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.interests import feedback
from subscriptions.mails.emails import edition_note, header_on_the_web
from subscriptions.mails.news_lines import KeptPaper, kept_paper
from subscriptions.mails.pick_cards import PickCard, cards
from subscriptions.mails.sections import in_order, sections
from subscriptions.models import (
    Digest,
    DigestItem,
    FeedbackKind,
    LeftBecause,
    Role,
    Subscriber,
)
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.rhythm import rhythm_kept, rhythm_today
from subscriptions.people import signs
from subscriptions.people.tokens import Purpose

WORDS = [("", "not rated"), *FeedbackKind.choices]


@page
@opened_by(Purpose.UNSUBSCRIBE, unknown_too=True)
def unsubscribe(request: HttpRequest, subscriber: Subscriber | None, token: str) -> HttpResponse:
    """Show a page to people, and answer the one-click POST of mail programs (RFC 8058) without cookie or page.

    An unknown token is answered like a known one: a stale link must not look like a failure to a mail program.
    """
    one_click = request.POST.get("List-Unsubscribe") == "One-Click"
    if request.method == "POST" and subscriber:
        because = LeftBecause.ONE_CLICK if one_click else LeftBecause.PAGE
        lifecycle.unsubscribe(subscriber, now(), goodbye=True, because=because)
    if one_click:
        return HttpResponse("Unsubscribed.", content_type="text/plain")
    state = "done" if request.method == "POST" else "ask"
    context = {"state": state, "token": token, "is_known": subscriber is not None}
    return render(request, "subscriptions/unsubscribe.html", context)


@page
@opened_by(Purpose.DIGEST)
def digest(request: HttpRequest, digest_shown: Digest, token: str) -> HttpResponse:
    """Show the web copy of a mail, on which the reader rates the whole list at once."""
    rhythm = rhythm_today(digest_shown.subscriber, now())
    if request.method == "POST":
        messages.success(request, _answer(request, digest_shown))
        return back_to("digest", token)
    if request.method == "GET":
        signs.note_reading(digest_shown, now())
    context = {"digest": digest_shown, "words": WORDS, "token": token, "rhythm": rhythm} | _papers(digest_shown)
    return render(request, "subscriptions/digest.html", context)


def _papers(digest_shown: Digest) -> dict[str, Any]:
    """Return what the web copy shows of the papers of that day."""
    items = list(digest_shown.items.all())
    words = feedback.words_on(digest_shown.subscriber, [item.paper_id for item in items])
    parts = _sections([item for item in items if item.role == Role.PICK], words)
    return {
        "sections": parts,
        "withdrawn": [card for part in parts for card in part.cards if card.withdrawn_on],
        "news": _news([item for item in items if item.role == Role.NEWS]),
        "near_misses": _rated_cards([item for item in items if item.role == Role.NEAR_MISS], words),
        "edition_header": header_on_the_web(digest_shown, now()),
        "edition_note": edition_note(digest_shown.local_date),
    }


def _answer(request: HttpRequest, digest_shown: Digest) -> str:
    """Store what was said, and return the words for it; the button that keeps the rhythm says nothing of papers."""
    if "rhythm" in request.POST:
        return rhythm_kept(digest_shown.subscriber)
    feedback.rate(digest_shown, request.POST.dict(), now())
    return "Thank you. Your next digest follows what you said."


class CardSection(NamedTuple):
    heading: str
    cards: list[PickCard]


def _sections(picks: list[DigestItem], words: Mapping[int, str]) -> list[CardSection]:
    """Return the picks in the sections of the mail, and numbered as there."""
    parts = sections(picks)
    told = {item.paper_id for part in parts if part.tells_interest for item in part.items}
    shown = {card.paper_id: card for card in _rated_cards(in_order(parts), words, told)}
    numbered = {key: replace(card, rank=number) for number, (key, card) in enumerate(shown.items(), 1)}
    return [
        CardSection(part.heading, [numbered[item.paper_id] for item in part.items if item.paper_id in numbered])
        for part in parts
    ]


def _news(items: list[DigestItem]) -> list[KeptPaper]:
    papers = Paper.objects.in_bulk([item.paper_id for item in items])
    return [kept_paper(papers[item.paper_id], item.reason, "") for item in items if item.paper_id in papers]


def _rated_cards(items: list[DigestItem], words: Mapping[int, str], told: Collection[int] = ()) -> list[PickCard]:
    return [replace(card, word=words.get(card.paper_id, "")) for card in cards(items, told)]
