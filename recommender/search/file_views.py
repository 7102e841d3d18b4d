"""The papers of a topic or a search as a file for a bibliography, in the order of its page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from papers.editions.lists import Span, first_day, span_named
from papers.models import Topic
from papers.pages.programs import bibliography_files
from recommender.search import asked, finding
from recommender.search.topics import TopicListing


@require_safe
def topic(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    found = get_object_or_404(Topic, slug=slug, is_active=True)
    span = span_named(request.GET.get("span", ""), Span.MONTH)
    papers = bibliography_files.first(TopicListing(found, first_day(span, timezone.now())))
    return bibliography_files.respond(papers, suffix, f"papers-{slug}-{span.value}")


@require_safe
def search(request: HttpRequest, suffix: str) -> HttpResponse:
    query, _ = asked.text_asked(request)
    found = finding.search(
        query,
        limit=bibliography_files.MOST,
        filters=asked.filters_asked(request),
        examples=asked.examples_asked(request),
    )
    return bibliography_files.respond([hit.paper for hit in found.hits], suffix, "papers-search")
