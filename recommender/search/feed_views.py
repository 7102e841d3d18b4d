"""Topics and searches as feeds: what came last, not what stands on top."""

from dataclasses import replace
from datetime import date, timedelta
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers.models import Paper, Topic
from papers.pages.programs import feeds
from recommender.search import finding, topics
from recommender.search.asked import filters_asked, text_asked

FITTING = 20  # papers in the feed of a search: every search finds some that are far from it
RECENT = timedelta(days=30)
NOTHING_ASKED = "Say what this feed is to look for, as in /search/feed.atom?q=graph+neural+networks"
NARROWING = ("category", "topic", "since", "until", "code")


@require_safe
def topic(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    found = get_object_or_404(Topic, slug=slug, is_active=True)
    papers = topics.newest(found, feeds.MOST)
    return feeds.respond(request, form, papers, title=found.name, page=found.get_absolute_url(), asked={})


@require_safe
def search(request: HttpRequest, form: str) -> HttpResponseBase:
    """Answer with the papers of the last thirty days that fit a search best, or of the days asked for, newest first."""
    query, _ = text_asked(request)
    if not query:
        return HttpResponse(NOTHING_ASKED, status=HTTPStatus.BAD_REQUEST, content_type="text/plain; charset=utf-8")
    filters = filters_asked(request)
    since = filters.since or timezone.localdate() - RECENT
    hits = finding.search(query, limit=FITTING, filters=replace(filters, since=since)).hits
    papers = sorted((hit.paper for hit in hits), key=_day, reverse=True)
    asked = {"q": query} | {name: request.GET[name] for name in NARROWING if request.GET.get(name)}
    return feeds.respond(request, form, papers, title=f"“{query}”", page=reverse("search"), asked=asked)


def _day(paper: Paper) -> date:
    return paper.announced_on or paper.listed_on or paper.published_on or date.min
