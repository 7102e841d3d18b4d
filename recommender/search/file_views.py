"""The papers of a topic or a search as a file for a bibliography, in the order of its page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from papers.editions.lists import Span, first_day, span_named
from papers.models import Topic
from papers.pages import addresses
from papers.pages.programs import bibliography_files
from papers.shared_clock import now
from recommender.search import asked, finding
from recommender.search.topics import TopicListing


@require_safe
def topic(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    found = Topic.objects.called(slug)
    if found is None:
        raise Http404("No topic of this name is offered.")
    if found.slug != slug:
        return addresses.moved(request, "topic_file", found.slug, suffix)
    span = span_named(request.GET.get("span", ""), Span.MONTH)
    papers = bibliography_files.first(TopicListing(found, first_day(span, now())))
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
