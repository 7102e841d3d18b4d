"""The page on which readers say what they want to read, and when."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now

from subscriptions import lifecycle
from subscriptions.digests.status_line import cold_line, status_line
from subscriptions.models import Subscriber
from subscriptions.pages import devices, term_views
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.desk.sections import show
from subscriptions.pages.forms import PreferencesForm
from subscriptions.people.tokens import Purpose


@page
@opened_by(Purpose.PREFERENCES)
def preferences(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    form = PreferencesForm(request.POST or None, initial=PreferencesForm.initial_of(subscriber))
    if request.method == "POST" and form.is_valid():
        lifecycle.change_preferences(subscriber, form.wishes(), now(), **form.other_settings())
        messages.success(request, "Saved. Your next digest follows your new preferences.")
        return redirect("preferences", token)
    context: dict[str, Any] = {"subscriber": subscriber, "token": token, "form": form}
    context |= {"topics_by_field": form.topics_by_field(), "terms": term_views.fields_with_hits(form, subscriber)}
    context |= {"why": status_line(subscriber, now()), "can_send_now": settings.DEBUG}
    context["cold"] = cold_line(subscriber, subscriber.interests.all())
    context["remembered"] = devices.is_remembered(request, subscriber, now())
    return show(request, "preferences", context, status=400 if form.errors else 200)
