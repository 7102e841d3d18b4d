"""Pages on what came and what comes: a pause, the digests so far, and leaving."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from papers.models import Paper
from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.digests.status_line import status_line
from subscriptions.models import Digest, PastPicks, Role, Subscriber
from subscriptions.pages.answers import back_to
from subscriptions.pages.decorators import opened_by, page
from subscriptions.pages.desk.sections import show
from subscriptions.pages.forms import PauseForm
from subscriptions.pages.rhythm import rhythm_kept
from subscriptions.people import links
from subscriptions.people.tokens import Purpose

A_PAGE = 30
FROM_HERE_FOR = timedelta(days=1)  # however old a digest is, its reader's own pages lead to it
NO_DATE = "Please give a date in the future, or none to pause until you resume."


@page
@opened_by(Purpose.PREFERENCES)
def pause(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    form = PauseForm(request.POST)
    if request.method != "POST":
        return show(request, "pause", _of(subscriber, token))
    if not form.is_valid():
        messages.error(request, NO_DATE)
    elif lifecycle.pause(subscriber, form.cleaned_data["until"]):
        messages.success(request, "Paused.")
    return back_to("pause", token)


@require_POST
@opened_by(Purpose.PREFERENCES)
def resume(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    if lifecycle.resume(subscriber, now()):
        messages.success(request, "Resumed.")
    return back_to("pause", token)


@require_POST
@opened_by(Purpose.PREFERENCES)
def keep_rhythm(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """Let digests come as often as was chosen; that the button was pressed is the sign that does it."""
    messages.success(request, rhythm_kept(subscriber))
    return back_to("preferences", token)


@require_safe
@opened_by(Purpose.PREFERENCES)
def past_digests(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    """List the digests, and before them the days of which nothing but the papers is kept."""
    shown = Paginator(_Days(subscriber), A_PAGE).get_page(request.GET.get("page"))
    digests, days = _split(shown)
    papers = Paper.objects.defer("abstract").in_bulk({key for _, keys in days for key in keys})
    earlier = [(day, [papers[key] for key in keys if key in papers]) for day, keys in days]
    context = {"shown": shown, "digests": [_told(digest) for digest in digests], "earlier": earlier}
    return show(request, "past_digests", _of(subscriber, token) | context)


Day = tuple[date, list[int]]  # with the keys of its papers


class _Days(Sequence[Digest | Day]):
    """The stored digests of a reader, the newest first, and then the days of those that were put away."""

    def __init__(self, subscriber: Subscriber) -> None:
        picked = Count("items", filter=Q(items__role=Role.PICK))
        rows = subscriber.digests.select_related("subscriber").annotate(picked=picked)
        self.digests, self.stored = rows.order_by("-local_date"), subscriber.digests.count()
        self.days = list(PastPicks.objects.days([subscriber.pk]).get(subscriber.pk, {}).items())

    def __len__(self) -> int:
        return self.stored + len(self.days)

    def __getitem__(self, part: Any) -> Any:
        start, end, _ = part.indices(len(self))
        stored = list(self.digests[start : min(end, self.stored)]) if start < self.stored else []
        return [*stored, *self.days[max(0, start - self.stored) : max(0, end - self.stored)]]


def _split(shown: Iterable[Digest | Day]) -> tuple[list[Digest], list[Day]]:
    both = list(shown)
    return [one for one in both if isinstance(one, Digest)], [one for one in both if not isinstance(one, Digest)]


def _told(digest: Digest) -> dict[str, Any]:
    return {
        "local_date": digest.local_date,
        "status": digest.get_status_display(),
        "reason": digest.reason_label,
        "picked": vars(digest)["picked"],
        "token": links.token(Purpose.DIGEST, digest, now() + FROM_HERE_FOR) if digest.composed_at else "",
    }


@require_safe
@opened_by(Purpose.PREFERENCES)
def leave(request: HttpRequest, subscriber: Subscriber, token: str) -> HttpResponse:
    context = {"unsubscribe_token": links.token(Purpose.UNSUBSCRIBE, subscriber)}
    return show(request, "leave", _of(subscriber, token) | context)


def _of(subscriber: Subscriber, token: str) -> dict[str, Any]:
    return {"subscriber": subscriber, "token": token, "why": status_line(subscriber, now())}
