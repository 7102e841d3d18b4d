from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers.models import Paper, Topic
from papers.pages.scripted import wants_part
from recommender.search import finding
from recommender.search.asked import LAST_PAGE, LONGEST_QUERY, filters_asked, known_categories, named, page_asked
from recommender.search.filters import NOTHING, Filters
from recommender.search.hits import Hit

PAGE_SIZE = 20


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    query, filters, page = text[:LONGEST_QUERY], filters_asked(request), page_asked(request)
    wanted = named(request, "like")
    context = {"query": query, "was_cut": len(text) > len(query), "filters": filters, "page": page, "like": wanted}
    context |= {"narrowed": filters != NOTHING, "first": (page - 1) * PAGE_SIZE + 1, "previous_page": page - 1}
    if wanted and not query:
        context |= _found_like(wanted, named(request, "unlike"), page)
    elif query:
        context |= found(query, filters, page)
    if wants_part(request):
        return render(request, "recommender/_results.html", context)
    choices = {"categories": known_categories(), "topics": Topic.objects.filter(is_active=True)}
    return render(request, "recommender/search.html", context | choices)


def found(query: str, filters: Filters, page: int) -> dict[str, object]:
    results = finding.search(query, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE, filters=filters)
    return {"note": results.note, **_paged(results.hits, page)}


def _found_like(papers: list[Paper], unlike: list[Paper], page: int) -> dict[str, object]:
    hits = finding.like(papers, unlike, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return {"unlike": unlike, **_paged(hits, page)}


def _paged(hits: list[Hit], page: int) -> dict[str, object]:
    """Return the papers of a page and the number of the next; one hit more than shown tells whether another follows."""
    more = len(hits) > PAGE_SIZE and page < LAST_PAGE
    return {"papers": [hit.paper for hit in hits[:PAGE_SIZE]], "next_page": page + 1 if more else None}
