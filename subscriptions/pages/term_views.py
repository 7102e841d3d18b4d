"""What terms meet, told while they are typed; without scripts the page tells it once they are saved."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from papers.shared_clock import now
from subscriptions.interests import term_hits
from subscriptions.interests.term_hits import TermHits
from subscriptions.limits import rate_buckets
from subscriptions.models import Subscriber
from subscriptions.pages.decorators import opened_by
from subscriptions.pages.forms import PreferencesForm
from subscriptions.people.tokens import Purpose

AN_HOUR = 500  # questions of one reader, who types
ENOUGH = "You tried many terms. What these meet is told once you save."


@require_POST
@opened_by(Purpose.PREFERENCES, answers=True)
def terms(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Tell what the terms of one field meet, as a part of the page; nothing is saved."""
    key = rate_buckets.secret_key("terms", str(subscriber.pk))
    if not rate_buckets.take(key, 1, limit=AN_HOUR, period=rate_buckets.HOUR, now=now()):
        return render(request, "subscriptions/_term_hits.html", {"problem": ENOUGH})
    name = next((name for name in PreferencesForm.LISTS if name in request.POST), "")
    return render(request, "subscriptions/_term_hits.html", _told(name, request) if name else {})


def _told(name: str, request: HttpRequest) -> dict[str, Any]:
    try:
        typed = PreferencesForm.base_fields[name].clean(request.POST[name])
    except ValidationError as error:
        return {"problem": error.messages[0]}
    return {"hits": term_hits.hits(typed, now().date(), plurals="term_plurals" in request.POST)}


def fields_with_hits(form: PreferencesForm, subscriber: Subscriber) -> list[tuple[BoundField, list[TermHits]]]:
    """Return the fields of terms, each with what its saved terms meet; nothing of what was typed and not saved."""
    saved = {} if form.is_bound else {name: getattr(subscriber, name) for name in form.LISTS}
    today, plurals = now().date(), subscriber.term_plurals
    return [(form[name], term_hits.hits(saved.get(name, ()), today, plurals=plurals)) for name in form.LISTS]
