"""Pages of subscribers. GET changes nothing; the object always comes from the token."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from subscriptions import lifecycle
from subscriptions.digests.status_line import cold_line, status_line
from subscriptions.interests import feedback
from subscriptions.mails.emails import edition_note, header_on_the_web
from subscriptions.mails.pick_cards import PickCard, cards
from subscriptions.models import (
    Digest,
    DigestItem,
    FeedbackKind,
    InterestKind,
    LibraryUpload,
    Role,
    Subscriber,
)
from subscriptions.pages import devices, term_views
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.forms import (
    LibraryForm,
    PauseForm,
    PreferencesForm,
)
from subscriptions.people import library_uploads, links, wishes
from subscriptions.people.tokens import Purpose

TAUGHT_SHOWN = 100
MUTED = "Muted: {}. It chooses no papers until you unmute it."
HEARD = "Unmuted: {}. Your next digest follows it again."
WORDS = [("", "not rated"), *FeedbackKind.choices]


@page
@opened_by(Purpose.PREFERENCES)
def preferences(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    form = PreferencesForm(request.POST or None, initial=PreferencesForm.initial_of(subscriber))
    if request.method == "POST" and form.is_valid():
        lifecycle.change_preferences(subscriber, form.wishes(), now(), **form.other_settings())
        messages.success(request, "Saved. Your next digest follows your new preferences.")
        return redirect("preferences", token)
    context = {"subscriber": subscriber, "form": form, "topics_by_field": form.topics_by_field(), "token": token}
    context |= {"why": status_line(subscriber, now()), "recent": _recent(subscriber), "can_send_now": settings.DEBUG}
    context |= {"taught": feedback.taught(subscriber)[:TAUGHT_SHOWN], "taught_count": subscriber.feedback.count()}
    context["interests"] = interests = list(subscriber.interests.select_related("topic"))
    context["terms"] = term_views.fields_with_hits(form, subscriber)
    context["cold"] = cold_line(subscriber, interests)
    context["muted_count"] = sum(interest.muted for interest in interests)
    context |= _library(subscriber)
    context["may_ask_for_link"] = lifecycle.may_ask_for_link(subscriber)
    context["remembered"] = devices.is_remembered(request, subscriber, now())
    context["unsubscribe_token"] = links.token(Purpose.UNSUBSCRIBE, subscriber)
    return render(request, "subscriptions/preferences.html", context, status=400 if form.errors else 200)


def _recent(subscriber: Subscriber) -> list[dict[str, Any]]:
    return [
        {
            "local_date": digest.local_date,
            "status": digest.get_status_display(),
            "reason": digest.reason_label,
            "token": links.token(Purpose.DIGEST, digest) if digest.composed_at else "",
        }
        for digest in subscriber.digests.select_related("subscriber")[:14]
    ]


@require_POST
@opened_by(Purpose.PREFERENCES)
def pause(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    form = PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please give a date in the future, or none to pause until you resume.")
    elif lifecycle.pause(subscriber, form.cleaned_data["until"]):
        messages.success(request, "Paused.")
    return redirect("preferences", token)


@require_POST
@opened_by(Purpose.PREFERENCES)
def resume(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    if lifecycle.resume(subscriber, now()):
        messages.success(request, "Resumed.")
    return redirect("preferences", token)


@page
@opened_by(Purpose.UNSUBSCRIBE, unknown_too=True)
def unsubscribe(request: HttpRequest, subscriber: Subscriber | None, token: str) -> HttpResponse:
    """Show a page to people, and answer the one-click POST of mail programs (RFC 8058) without cookie or page.

    An unknown token is answered like a known one: a stale link must not look like a failure to a mail program.
    """
    if request.method == "POST" and subscriber:
        lifecycle.unsubscribe(subscriber, now(), goodbye=True)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("Unsubscribed.", content_type="text/plain")
    state = "done" if request.method == "POST" else "ask"
    return render(request, "subscriptions/unsubscribe.html", {"state": state, "token": token})


@require_POST
@opened_by(Purpose.PREFERENCES)
def forget(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Take back what was said of one paper, or of all."""
    if "everything" in request.POST:
        messages.success(request, f"Forgotten: {feedback.reset(subscriber)} ratings. Your other interests stay.")
    elif feedback.forget(subscriber, request.POST.get("paper", "")):
        messages.success(request, "Forgotten. Your next digest no longer counts it.")
    return redirect(reverse("preferences", args=[token]) + "#taught")


@require_POST
@opened_by(Purpose.PREFERENCES)
def library(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Keep an uploaded bibliography for a worker to read, or remove what was uploaded."""
    form = LibraryForm(request.POST, request.FILES)
    if "remove" in request.POST:
        if library_uploads.remove(subscriber):
            messages.success(request, "Your library is removed. Your other interests stay.")
    elif problem := _not_taken(subscriber, form):
        messages.error(request, problem)
        return redirect("preferences", token)
    return redirect(reverse("preferences", args=[token]) + "#library")


def _not_taken(subscriber: Subscriber, form: LibraryForm) -> str:
    """Return why the file of the form is not taken, in words for the reader; '' if it is."""
    if not form.is_valid():
        return str(form.errors["file"][0])
    pieces = iter(partial(form.cleaned_data["file"].read, library_uploads.PIECE), b"")
    return library_uploads.receive(subscriber, pieces, now()).value


@require_safe
@opened_by(Purpose.PREFERENCES)
def library_state(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Show the state of an uploaded file: for a page that asks every few seconds, and for a reader who looks again."""
    context = {"token": token} | _library(subscriber)
    if not request.headers.get("HX-Request"):
        return redirect(reverse("preferences", args=[token]) + "#library")
    if context["upload"] and context["upload"].is_open:
        return HttpResponse(status=204)  # nothing new: what is on the page stays
    return render(request, "subscriptions/_library.html", context)


def _library(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "library": subscriber.interests.filter(kind=InterestKind.LIBRARY).first(),
        "upload": LibraryUpload.objects.filter(subscriber=subscriber).first(),
    }


@require_POST
@opened_by(Purpose.PREFERENCES)
def mute(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Silence one interest, or let it be heard again."""
    muted = "mute" in request.POST
    handle = request.POST.get("mute" if muted else "unmute", "")
    if interest := wishes.mute(subscriber, handle, now(), muted=muted):
        messages.success(request, (MUTED if muted else HEARD).format(Truncator(interest).chars(60)))
    return redirect(reverse("preferences", args=[token]) + "#mute")


@page
@opened_by(Purpose.DIGEST)
def digest(request: HttpRequest, digest_shown: Digest, token: str) -> HttpResponse:
    """Show the web copy of a mail, on which the reader rates the whole list at once."""
    if request.method == "POST":
        feedback.rate(digest_shown, request.POST.dict(), now())
        messages.success(request, "Thank you. Your next digest follows what you said.")
        return redirect("digest", token)
    items = list(digest_shown.items.all())
    words = feedback.words_on(digest_shown.subscriber, [item.paper_id for item in items])
    picks = _rated_cards([item for item in items if item.role == Role.PICK], words)
    context = {
        "digest": digest_shown,
        "words": WORDS,
        "token": token,
        "cards": picks,
        "withdrawn": [card for card in picks if card.withdrawn_on],
        "near_misses": _rated_cards([item for item in items if item.role == Role.NEAR_MISS], words),
        "edition_header": header_on_the_web(digest_shown, now()),
        "edition_note": edition_note(digest_shown.local_date),
    }
    return render(request, "subscriptions/digest.html", context)


def _rated_cards(items: list[DigestItem], words: Mapping[int, str]) -> list[PickCard]:
    return [replace(card, word=words.get(card.paper_id, "")) for card in cards(items)]
