"""A reader's digests and saved papers as feeds, at an address that is theirs alone."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from papers.models import Paper
from papers.pages import syndication
from papers.pages.history import changes_since
from papers.pages.syndication import ATOM, JSON, Entry, Feed
from papers.text.words import web_url
from papers.trends.attention import midnight
from subscriptions.interests import feedback
from subscriptions.mails.passages import first_sentences
from subscriptions.mails.pick_cards import named_titles
from subscriptions.mails.reason_words import why
from subscriptions.models import LEFT, DigestItem, PrivateFeed, Role, Subscriber
from subscriptions.pages.decorators import opened_by
from subscriptions.people.tokens import Purpose

ENTRIES, AUTHORS = 50, 20
ENDED = (
    "This feed has ended, or lost a few characters of its address. "
    "Your pages, which every digest leads to, have the present one under “Links”."
)
Entries = Callable[[Subscriber], Iterable[Entry]]
View = Callable[..., HttpResponseBase]


def _of_digests(subscriber: Subscriber) -> Iterable[Entry]:
    """Return the papers of the digests that left, the newest digest first."""
    picks = DigestItem.objects.filter(subscriber=subscriber, role=Role.PICK, digest__status__in=LEFT)
    items = list(picks.select_related("paper", "digest").order_by("-digest__local_date", "rank")[:ENTRIES])
    titles = named_titles(items)
    for item in items:
        left_at = item.digest.finished_at or item.digest.due_at
        yield _entry(item.paper, left_at, f"{why(item.reason, titles)}.")


def _of_saved(subscriber: Subscriber) -> Iterable[Entry]:
    kept = list(feedback.saved(subscriber)[:ENTRIES])
    events = changes_since((one.paper, one.at) for one in kept)
    for one in kept:
        changes = events.get(one.paper_id, [])
        said = " ".join(f"{change.words}{f': {change.detail}' if change.detail else ''}." for change in changes)
        entry = _entry(one.paper, one.at, said)
        yield replace(entry, updated=max(one.at, *(midnight(change.day) for change in changes))) if changes else entry


def _entry(paper: Paper, at: datetime, said: str) -> Entry:
    url = settings.SITE_URL + paper.get_absolute_url()
    withdrawn = "This paper has been withdrawn." if paper.withdrawn_on else ""
    return Entry(
        id=url,
        url=url,
        title=paper.shown_title,
        updated=at,
        published=at,
        authors=tuple(paper.shown_authors[:AUTHORS]),
        summary=" ".join(filter(None, [withdrawn, said, first_sentences(paper.shown_abstract)])),
        tags=tuple(paper.categories),
        external_url=web_url(paper.source_url),
    )


def _view(title: str, entries: Entries, content_type: str) -> View:
    @require_safe
    @opened_by(Purpose.FEED, unknown_too=True, kept=True)
    def view(request: HttpRequest, private: PrivateFeed | None, token: str) -> HttpResponseBase:
        if private is None:
            return _ended()
        found = tuple(entries(private.subscriber))
        address = settings.SITE_URL + request.path
        feed = Feed(
            id=address,
            title=f"{settings.SITE_NAME}: {title}",
            url=f"{settings.SITE_URL}/",
            feed_url=address,
            updated=max([private.made_at, *(entry.updated for entry in found)]),
            author=settings.SITE_NAME,
            entries=found,
        )
        return syndication.answer(request, feed, content_type, cached="private")

    return view


def _ended() -> HttpResponse:
    """Tell programs that it will not come back, and people what to do."""
    return HttpResponse(
        ENDED, status=410, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"}
    )


_digests, _saved = partial(_view, "your digests", _of_digests), partial(_view, "your saved papers", _of_saved)
digests_atom, digests_json = _digests(ATOM), _digests(JSON)
saved_atom, saved_json = _saved(ATOM), _saved(JSON)
