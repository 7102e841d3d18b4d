"""What a reader kept: to look at, to take into a bibliography, and to take back."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from papers.citations.formats import FORMATS
from papers.pages.history import Event, changes_since
from papers.pages.programs import bibliography_files
from papers.shared_clock import now
from subscriptions.interests import feedback
from subscriptions.models import Feedback, Subscriber
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.desk.sections import show
from subscriptions.people.tokens import Purpose

A_PAGE = 20
REMOVED = "Removed. Your digests no longer look for what is like it."
NO_SUCH_FORMAT = "There is no such format. Please choose one of these: {}."


@page
@opened_by(Purpose.PREFERENCES)
def saved(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Show what was kept, the newest first; the button beside a paper takes the word back."""
    if request.method == "POST":
        if feedback.forget(subscriber, request.POST.get("paper", "")):
            messages.success(request, REMOVED)
        return back_to("saved", token)
    only_changed = bool(request.GET.get("changed"))
    kept = feedback.changed(subscriber) if only_changed else feedback.saved(subscriber)
    shown = Paginator(kept, A_PAGE).get_page(request.GET.get("page"))
    changed = shown.paginator.count if only_changed else feedback.changed(subscriber).count()
    context = {"token": token, "shown": shown, "kept": _with_changes(shown), "formats": FORMATS}
    return show(request, "saved", context | {"only_changed": only_changed, "changed": changed})


def _with_changes(shown: Iterable[Feedback]) -> list[tuple[Feedback, list[Event]]]:
    """Return what is shown, each with what happened to it since it was kept."""
    kept = list(shown)
    events = changes_since((one.paper, one.at) for one in kept)
    return [(one, events.get(one.paper_id, [])) for one in kept]


@require_safe
@opened_by(Purpose.PREFERENCES)
def saved_file(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Hand out all that was kept, in the format that is asked for."""
    suffix = request.GET.get("format", "")
    if suffix not in FORMATS:
        messages.error(request, NO_SUCH_FORMAT.format(", ".join(one.name for one in FORMATS.values())))
        return back_to("saved", token)
    papers = (one.paper for one in feedback.saved(subscriber).iterator())
    return bibliography_files.respond(papers, suffix, f"paper-round-saved-{now():%Y-%m-%d}")
