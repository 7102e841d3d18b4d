"""Topics and searches as feeds: what came last, not what stands on top."""

from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers.models import Paper, Topic
from papers.pages import addresses
from papers.pages.programs import feeds
from papers.text.words import shortened
from recommender.search import finding, topics
from recommender.search.asked import LIKE, UNLIKE, examples_asked, filters_asked, text_asked
from recommender.search.ranks import Examples

FITTING = 20  # papers in the feed of a search: every search finds some that are far from it
RECENT = timedelta(days=30)
NOTHING_ASKED = (
    "Say what this feed is to look for, as in /search/feed.atom?q=graph+neural+networks, "
    "or name a paper that its papers are to be like, as in /search/feed.atom?like=1706.03762"
)
TITLE = 80  # characters of a paper's title within that of the feed
NARROWING = ("category", "topic", "since", "until", "code")


@require_safe
def topic(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    found = Topic.objects.called(slug)
    if found is None:
        raise Http404("No topic of this name is offered.")
    if found.slug != slug:
        return addresses.moved(request, "topic_feed", found.slug, form)
    papers = topics.newest(found, feeds.MOST)
    return feeds.respond(request, form, papers, title=found.name, page=found.get_absolute_url(), asked={})


@require_safe
def search(request: HttpRequest, form: str) -> HttpResponseBase:
    """Answer with the papers of the last thirty days that fit a search best, or of the days asked for, newest first."""
    (query, _), examples, filters = text_asked(request), examples_asked(request), filters_asked(request)
    if not (query or examples.like):
        return HttpResponse(NOTHING_ASKED, status=HTTPStatus.BAD_REQUEST, content_type="text/plain; charset=utf-8")
    since = filters.since or timezone.localdate() - RECENT
    hits = finding.search(query, limit=FITTING, filters=replace(filters, since=since), examples=examples).hits
    papers = sorted((hit.paper for hit in hits), key=_day, reverse=True)
    title, asked = _title(query, examples), _asked(request, query, examples)
    return feeds.respond(request, form, papers, title=title, page=reverse("search"), asked=asked)


def _asked(request: HttpRequest, query: str, examples: Examples) -> dict[str, str | list[str]]:
    """Return what the address of the feed and of its page says, without what means nothing."""
    named = {LIKE: examples.like, UNLIKE: examples.unlike}
    asked: dict[str, str | list[str]] = {"q": query} if query else {}
    asked |= {name: [paper.identifier for paper in papers] for name, papers in named.items() if papers}
    return asked | {name: request.GET[name] for name in NARROWING if request.GET.get(name)}


def _title(query: str, examples: Examples) -> str:
    parts = [f"“{query}”"] if query else []
    for paper in examples.like[:1]:
        others = f" and {len(examples.like) - 1} more" if len(examples.like) > 1 else ""
        parts.append(f"like “{shortened(paper.shown_title, TITLE)}”{others}")
    return ", ".join(parts)


def _day(paper: Paper) -> date:
    return paper.announced_on or paper.listed_on or paper.published_on or date.min
