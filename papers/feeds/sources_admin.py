"""Sources in the admin: how each is doing on one page, and a button that has one asked before its time."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from kombu.exceptions import OperationalError

from papers.admin_rights import GuardedAdmin, ReadOnly, asks_for, needs, page
from papers.feeds import feed_states, schedule
from papers.feeds.health import BEHIND, State, judge, state_words
from papers.fetching.http import ARXIV
from papers.models import FeedState, Turn
from papers.shared_clock import now

logger = logging.getLogger(__name__)
TASK = "papers.tasks.ingest_due"
WORDS = {
    State.OK: "in order",
    State.QUIET: "quiet: nothing is due",
    State.LATE: "late: what is due has not come yet",
    State.STALE: "stale: nothing new for two batches, or silent for long",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the page."""

    row: FeedState
    state: State
    words: str
    next_try: datetime | None = None  # None where nothing asks by itself
    is_wanted: bool = False
    rests_until: datetime | None = None  # its host is not asked before


class FeedStateAdmin(ReadOnly, GuardedAdmin):
    list_display = ["source", "category", "error", "last_batch_on", "items", "last_success_at"]
    search_fields = ["source", "category", "error"]

    has_retry_permission = asks_for("retry")

    @needs("view")
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        moment, rows = now(), FeedState.objects.order_by("source", "category")
        categories = [_line(row, moment) for row in rows if row.source == feed_states.ARXIV and row.category]
        context = self.admin_site.each_context(request) | {
            "opts": self.opts,
            "title": "Sources",
            "lines": list(_of_sources(rows, moment)),
            "behind": [line for line in categories if line.state in BEHIND],
            "others": [line for line in categories if line.state not in BEHIND],
            "by_hand": [_line(row, moment) for row in rows if _is_by_hand(row)],
            "may_retry": self.has_retry_permission(request),
            "now": moment,
        }
        return TemplateResponse(request, "admin/papers/feedstate/change_list.html", context)

    @page("retry/<str:source>/", "feedstate-retry", permissions=["view", "retry"], methods=["POST"])
    def retry(self, request: HttpRequest, source: str) -> HttpResponse:
        """Have a source asked before its time, and say what happens then."""
        if source not in schedule.SOURCES:
            raise Http404(f"No source is called {source[:40]}.")
        if not schedule.ask_again(source, now()):
            self.message_user(request, f"“{source}” is to be asked already.", messages.WARNING)
            return redirect("admin:papers_feedstate_changelist")
        self.log_change(request, FeedState.objects.get(source=source, category=""), "To be asked now.")
        self.message_user(request, f"“{source}” {_what_happens(source, now())}", messages.SUCCESS)
        return redirect("admin:papers_feedstate_changelist")


def _of_sources(rows: QuerySet[FeedState], moment: datetime) -> Iterator[Line]:
    """Yield a line for each source on the network, those that need attention first."""
    states = {row.source: row for row in rows if not row.category}
    turns = dict(Turn.objects.filter(free_at__gt=moment).values_list("host", "free_at"))
    lines = [
        _line(
            states.get(name) or FeedState(source=name), moment, schedule.next_try(name, states.get(name), moment), turns
        )
        for name in schedule.SOURCES
    ]
    order = {state: number for number, state in enumerate(State)}
    yield from sorted(lines, key=lambda line: -order[line.state])


def _line(
    row: FeedState, moment: datetime, next_try: datetime | None = None, turns: Mapping[str, datetime] | None = None
) -> Line:
    state = judge(row, moment)
    words = state_words(row, state) if state == State.FAILING else WORDS[state]
    if row._state.adding:
        words = "never asked yet"
    rests_until = (turns or {}).get(host_of(row.source))
    return Line(row, state, words, next_try, schedule.is_wanted(row), rests_until)


def host_of(source: str) -> str:
    """Return whose turns a source takes: all of arXiv's addresses are one host."""
    return ARXIV if source.startswith(ARXIV) else source


def _is_by_hand(row: FeedState) -> bool:
    by_hand = row.category in (feed_states.FROM_FILE, feed_states.BACK_FILL)
    return by_hand or (not row.category and row.source not in schedule.SOURCES)


def _what_happens(source: str, moment: datetime) -> str:
    """Nudge the workers, and say when the source is asked."""
    turn = Turn.objects.filter(host=host_of(source), free_at__gt=moment).first()
    rest = f" Its host is left alone until {turn.free_at:%H:%M:%S} UTC, and asked after that." if turn else ""
    try:
        current_app.send_task(TASK, expires=3500)
    except (OperationalError, OSError) as error:
        logger.warning("The broker could not be reached (%s); %s is asked at the next turn.", error, source)
        state = FeedState.objects.get(source=source, category="")
        return f"is asked at {schedule.next_try(source, state, moment):%H:%M} UTC: the broker is away.{rest}"
    return f"is asked as soon as a worker takes it, in turn with whatever else asks its host.{rest}"
