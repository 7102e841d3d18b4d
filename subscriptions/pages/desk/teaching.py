"""What a reader has taught besides their interests: ratings, what is muted for a while, and a library."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.views.decorators.http import require_POST, require_safe

from papers.shared_clock import now
from subscriptions.interests import feedback
from subscriptions.models import InterestKind, LibraryUpload, Subscriber
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.desk.sections import show
from subscriptions.pages.forms import LibraryForm
from subscriptions.people import library_uploads, wishes
from subscriptions.people.tokens import Purpose

A_PAGE = 10
MUTED = "Muted: {}. It chooses no papers until you unmute it."
HEARD = "Unmuted: {}. Your next digest follows it again."


@require_safe
@opened_by(Purpose.PREFERENCES)
def taught(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    context: dict[str, Any] = {"token": token}
    context["shown"] = Paginator(feedback.taught(subscriber), A_PAGE).get_page(request.GET.get("page"))
    context["interests"] = interests = list(subscriber.interests.select_related("topic"))
    context["muted_count"] = sum(interest.muted for interest in interests)
    return show(request, "taught", context)


@require_POST
@opened_by(Purpose.PREFERENCES)
def forget(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Take back what was said of one paper, or of all."""
    if "everything" in request.POST:
        messages.success(request, f"Forgotten: {feedback.reset(subscriber)} ratings. Your other interests stay.")
    elif feedback.forget(subscriber, request.POST.get("paper", "")):
        messages.success(request, "Forgotten. Your next digest no longer counts it.")
    return back_to("taught", token)


@require_POST
@opened_by(Purpose.PREFERENCES)
def mute(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Silence one interest, or let it be heard again."""
    muted = "mute" in request.POST
    handle = request.POST.get("mute" if muted else "unmute", "")
    if interest := wishes.mute(subscriber, handle, now(), muted=muted):
        messages.success(request, (MUTED if muted else HEARD).format(Truncator(interest).chars(60)), "mute")
    return back_to("taught", token, "mute")


@page
@opened_by(Purpose.PREFERENCES)
def library(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Keep an uploaded bibliography for a worker to read, or remove what was uploaded."""
    if request.method != "POST":
        return show(request, "library", {"token": token} | _library(subscriber))
    form = LibraryForm(request.POST, request.FILES)
    if "remove" in request.POST:
        if library_uploads.remove(subscriber):
            messages.success(request, "Your library is removed. Your other interests stay.")
    elif problem := _not_taken(subscriber, form):
        messages.error(request, problem)
    return back_to("library", token)


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
        return redirect("library", token)
    if context["upload"] and context["upload"].is_open:
        return HttpResponse(status=204)  # nothing new: what is on the page stays
    return render(request, "subscriptions/_library.html", context)


def _library(subscriber: Subscriber) -> dict[str, Any]:
    return {
        "library": subscriber.interests.filter(kind=InterestKind.LIBRARY).first(),
        "upload": LibraryUpload.objects.filter(subscriber=subscriber).first(),
    }
