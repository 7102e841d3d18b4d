"""Pages of subscribers. GET changes nothing; the object always comes from the token."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.timezone import now
from django.views.decorators.http import require_POST, require_safe

from papers.models import Topic
from subscriptions import admission, clients, feedback, lifecycle, proof, tokens, wishes
from subscriptions.admission import Answer, Sender
from subscriptions.cards import PickCard, cards
from subscriptions.compose import preview_wishes
from subscriptions.decorators import page, secret
from subscriptions.emails import edition_note, header_on_the_web, link
from subscriptions.forms import FORM_WORDS, FORM_WORDS_HASH, LibraryForm, PauseForm, PreferencesForm, SubscribeForm
from subscriptions.models import Consent, Digest, DigestItem, FeedbackKind, InterestKind, Role, Subscriber
from subscriptions.status_line import status_line
from subscriptions.tokens import Purpose

SIGNED_UP = "signed_up"
TAUGHT_SHOWN = 100
LIBRARY_READ = "Your library is read. Papers found here: {}; being looked up at arXiv: {}; unknown to us: {}."
MUTED = "Muted: {}. It chooses no papers until you unmute it."
HEARD = "Unmuted: {}. Your next digest follows it again."
WORDS = [("", "not rated"), *FeedbackKind.choices]


@page
def subscribe(request: HttpRequest) -> HttpResponse:
    form = SubscribeForm(request.POST or None, initial=_asked_topic(request))
    if request.method == "POST" and form.is_valid() and _is_taken(request, form):
        return _thank(form.cleaned_data["email"])
    context = {"form": form, "topics_by_field": form.topics_by_field(), "form_words": FORM_WORDS}
    context["challenge"] = proof.challenge(now()) if admission.asks_for_proof(now()) else None
    return render(request, "subscriptions/subscribe.html", context, status=400 if form.errors else 200)


def _is_taken(request: HttpRequest, form: SubscribeForm) -> bool:
    """Leave the sign-up to a worker, who alone looks whether the address is known; or tell in the form why not."""
    if form.is_from_a_robot():
        return True
    data = form.cleaned_data
    address = clients.address(request) if settings.RECORD_CONSENT_NETWORK else None
    sender = Sender(clients.network(request), address, proof=data["altcha"], patient=data["patience"])
    answer = admission.receive(data["email"], form.wishes(), sender, form_text_hash=FORM_WORDS_HASH, now=now())
    if answer != Answer.TAKEN:
        form.add_error(None, answer.value)
    return answer == Answer.TAKEN


def _thank(email: str) -> HttpResponse:
    """The same answer for every address; a short-lived cookie, and not a session in the database, repeats it."""
    response = redirect("subscribed")
    response.set_signed_cookie(SIGNED_UP, email, max_age=600, httponly=True, samesite="Lax", secure=not settings.DEBUG)
    return response


def _asked_topic(request: HttpRequest) -> dict[str, Any]:
    """A link "Follow this topic" arrives with the topic's slug."""
    return {"topics": list(Topic.objects.filter(slug=request.GET.get("topic", "")).values_list("pk", flat=True))}


@require_safe
def subscribed(request: HttpRequest) -> HttpResponse:
    email = request.get_signed_cookie(SIGNED_UP, default="")
    return render(request, "subscriptions/subscribe_done.html", {"email": email})


@page
@secret
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    consent = (
        Consent.objects.filter(handle__in=tokens.read(Purpose.CONFIRM, token)).select_related("subscriber").first()
    )
    state = lifecycle.consent_state(consent, now())
    if consent and request.method == "POST" and lifecycle.confirm(consent, now()):
        messages.success(request, "Welcome! Your subscription is confirmed.")
        return redirect("preferences", tokens.make(Purpose.PREFERENCES, consent.subscriber.handle))
    context: dict[str, Any] = {"state": state, "email": consent.subscriber.email if consent else ""}
    if consent and state == "already":
        context["preferences_url"] = link(Purpose.PREFERENCES, consent.subscriber.handle)
    if consent and state == "ready":
        context["cards"] = cards(preview_wishes(wishes.Wishes.from_json(consent.wishes), now().date()))
    return render(request, "subscriptions/confirm.html", context, status=200 if consent else 404)


def _subscriber(token: str, purpose: Purpose = Purpose.PREFERENCES) -> Subscriber:
    return get_object_or_404(Subscriber, handle__in=tokens.read(purpose, token))


@page
@secret
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    subscriber = _subscriber(token)
    form = PreferencesForm(request.POST or None, initial=PreferencesForm.initial_of(subscriber))
    if request.method == "POST" and form.is_valid():
        lifecycle.change_preferences(subscriber, form.wishes(), now(), **form.other_settings())
        messages.success(request, "Saved. Your next digest follows your new preferences.")
        return redirect("preferences", token)
    context = {"subscriber": subscriber, "form": form, "topics_by_field": form.topics_by_field(), "token": token}
    context |= {"why": status_line(subscriber, now()), "recent": _recent(subscriber), "can_send_now": settings.DEBUG}
    context |= {"taught": feedback.taught(subscriber)[:TAUGHT_SHOWN], "taught_count": subscriber.feedback.count()}
    context["interests"] = interests = list(subscriber.interests.select_related("topic"))
    context["muted_count"] = sum(one.muted for one in interests)
    context["library"] = next((one for one in interests if one.kind == InterestKind.LIBRARY), None)
    context["may_change_address"] = lifecycle.may_change_address(subscriber)
    context["unsubscribe_token"] = tokens.make(Purpose.UNSUBSCRIBE, subscriber.handle)
    return render(request, "subscriptions/preferences.html", context, status=400 if form.errors else 200)


def _recent(subscriber: Subscriber) -> list[dict[str, Any]]:
    return [
        {
            "local_date": digest.local_date,
            "status": digest.get_status_display(),
            "reason": digest.reason_label,
            "token": tokens.make(Purpose.DIGEST, digest.handle) if digest.composed_at else "",
        }
        for digest in subscriber.digests.all()[:14]
    ]


@require_POST
@secret
def pause(request: HttpRequest, token: str) -> HttpResponse:
    subscriber, form = _subscriber(token), PauseForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Please give a date in the future, or none to pause until you resume.")
    elif lifecycle.pause(subscriber, form.cleaned_data["until"]):
        messages.success(request, "Paused.")
    return redirect("preferences", token)


@require_POST
@secret
def resume(request: HttpRequest, token: str) -> HttpResponse:
    if lifecycle.resume(_subscriber(token), now()):
        messages.success(request, "Resumed.")
    return redirect("preferences", token)


@page
@secret
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A page for people, and the one-click POST of mail programs (RFC 8058), which come without cookie or page.

    An unknown token is answered like a known one: a stale link must not look like a failure to a mail program.
    """
    subscriber = Subscriber.objects.filter(handle__in=tokens.read(Purpose.UNSUBSCRIBE, token)).first()
    if request.method == "POST" and subscriber:
        lifecycle.unsubscribe(subscriber, now(), goodbye=True)
    if request.POST.get("List-Unsubscribe") == "One-Click":
        return HttpResponse("Unsubscribed.", content_type="text/plain")
    state = "done" if request.method == "POST" else "ask"
    return render(request, "subscriptions/unsubscribe.html", {"state": state, "token": token})


@require_POST
@secret
def forget(request: HttpRequest, token: str) -> HttpResponse:
    """Take back what was said of one paper, or of all."""
    subscriber = _subscriber(token)
    if "everything" in request.POST:
        messages.success(request, f"Forgotten: {feedback.reset(subscriber)} ratings. Your other interests stay.")
    elif feedback.forget(subscriber, request.POST.get("paper", "")):
        messages.success(request, "Forgotten. Your next digest no longer counts it.")
    return redirect(reverse("preferences", args=[token]) + "#taught")


@require_POST
@secret
def library(request: HttpRequest, token: str) -> HttpResponse:
    """Take in an uploaded bibliography, or remove what was uploaded."""
    subscriber, form = _subscriber(token), LibraryForm(request.POST, request.FILES)
    if "remove" in request.POST:
        if wishes.remove_library(subscriber):
            messages.success(request, "Your library is removed. Your other interests stay.")
    elif form.is_valid():
        matched = form.cleaned_data["file"]
        wishes.add_library(subscriber, matched, now())
        messages.success(request, LIBRARY_READ.format(len(matched.here), len(matched.wanted), matched.unknown))
    else:
        messages.error(request, str(form.errors["file"][0]))
    return redirect(reverse("preferences", args=[token]) + "#library")


@require_POST
@secret
def mute(request: HttpRequest, token: str) -> HttpResponse:
    """Silence one interest, or let it be heard again."""
    subscriber, muted = _subscriber(token), "mute" in request.POST
    handle = request.POST.get("mute" if muted else "unmute", "")
    if interest := wishes.mute(subscriber, handle, now(), muted=muted):
        messages.success(request, (MUTED if muted else HEARD).format(Truncator(interest).chars(60)))
    return redirect(reverse("preferences", args=[token]) + "#mute")


@page
@secret
def digest(request: HttpRequest, token: str) -> HttpResponse:
    """The web copy of a mail, on which the reader rates the whole list at once."""
    found = get_object_or_404(Digest, handle__in=tokens.read(Purpose.DIGEST, token))
    if request.method == "POST":
        feedback.rate(found, request.POST.dict(), now())
        messages.success(request, "Thank you. Your next digest follows what you said.")
        return redirect("digest", token)
    items = list(found.items.all())
    words = feedback.words_on(found.subscriber, [item.paper_id for item in items])
    context = {
        "digest": found,
        "words": WORDS,
        "preferences_token": tokens.make(Purpose.PREFERENCES, found.subscriber.handle),
        "cards": _rated_cards([item for item in items if item.role == Role.PICK], words),
        "near_misses": _rated_cards([item for item in items if item.role == Role.NEAR_MISS], words),
        "edition_header": header_on_the_web(found, now()),
        "edition_note": edition_note(found.local_date),
    }
    return render(request, "subscriptions/digest.html", context)


def _rated_cards(items: list[DigestItem], words: Mapping[int, str]) -> list[PickCard]:
    return [replace(card, word=words.get(card.paper_id, "")) for card in cards(items)]
