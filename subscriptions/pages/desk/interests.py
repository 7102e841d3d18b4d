"""The page on which readers say what they want to read, and when, beside the digest that it brings."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.builder.allowance import may_preview
from subscriptions.builder.known_reader import preview_for
from subscriptions.builder.volumes import topic_volumes
from subscriptions.digests.status_line import cold_line, status_line
from subscriptions.models import Subscriber, SubscriberStatus
from subscriptions.pages import devices, term_views
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.desk.sections import show
from subscriptions.pages.forms import PreferencesForm
from subscriptions.pages.rhythm import rhythm_today
from subscriptions.pages.subscribing import parts
from subscriptions.people.tokens import Purpose
from subscriptions.people.wishes import Wishes, wishes_of

SAVED = "Saved. Your next digest follows your new preferences."
CHANGED = " New in it: {}; no longer in it: {}."
ENOUGH = (
    "Very many previews were asked for from your network: there are more in the next full hour. You can save as ever."
)


@page
@opened_by(Purpose.PREFERENCES)
def preferences(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Show the form and the next digest; save it, or with the button for that only show what it would bring."""
    form = _form(request, subscriber)
    only_shows = "show" in request.POST
    if request.method == "POST" and not only_shows and form.is_valid():
        messages.success(request, _save(request, subscriber, form))
        return back_to("preferences", token)
    context = _page(subscriber, form, now()) | _previewed(request, subscriber, form)
    context |= {"token": token, "unsaved": only_shows, "remembered": devices.is_remembered(request, subscriber, now())}
    return show(request, "preferences", context, status=400 if form.errors and not only_shows else 200)


@require_POST
@opened_by(Purpose.PREFERENCES, answers=True)
def preview(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Answer what is typed with the digest that it would bring, as parts of the page; nothing is saved."""
    form = _form(request, subscriber)
    context = {"form": form} | _previewed(request, subscriber, form)
    context["noted"] = parts.notes(form, context)
    return render(request, "subscriptions/_preview_answer.html", context)


def _form(request: HttpRequest, subscriber: Subscriber) -> PreferencesForm:
    return PreferencesForm(request.POST or None, initial=PreferencesForm.initial_of(subscriber))


def _page(subscriber: Subscriber, form: PreferencesForm, moment: datetime) -> dict[str, Any]:
    return {
        "subscriber": subscriber,
        "form": form,
        "topics_by_field": form.topics_by_field(topic_volumes(moment)),
        "terms": term_views.fields_with_hits(form, subscriber),
        "why": status_line(subscriber, moment),
        "rhythm": rhythm_today(subscriber, moment),
        "cold": cold_line(subscriber, subscriber.interests.all()),
        "can_send_now": settings.DEBUG and subscriber.status == SubscriberStatus.ACTIVE,
    }


def _previewed(request: HttpRequest, subscriber: Subscriber, form: PreferencesForm) -> dict[str, Any]:
    """Return what the page shows of the digest that the form would bring, or what is stored where nothing was sent."""
    form.is_valid()  # whatever it says: of a form with faults the rest is previewed
    if not may_preview(request):
        return {"note": ENOUGH}
    wishes = form.wishes() if form.is_bound else wishes_of(subscriber)
    made = preview_for(subscriber, wishes, now())
    return parts.told(made, request) | {"sent": made.sent, "next": made.editions[0].day if made.editions else None}


def _save(request: HttpRequest, subscriber: Subscriber, form: PreferencesForm) -> str:
    """Save the form, and return what that does to the next digest."""
    before, after = wishes_of(subscriber), form.wishes()
    lifecycle.change_preferences(subscriber, after, now(), **form.other_settings())
    if not may_preview(request):
        return SAVED
    old, new = (_papers(subscriber, wishes) for wishes in (before, after))
    return SAVED + (CHANGED.format(len(new - old), len(old - new)) if new != old else "")


def _papers(subscriber: Subscriber, wishes: Wishes) -> set[str]:
    editions = preview_for(subscriber, wishes, now(), 1).editions
    return {card.identifier for edition in editions for card in edition.cards}
