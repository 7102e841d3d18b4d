from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers.models import Topic
from papers.views import wants_part
from recommender import search as by_meaning
from recommender.filters import Filters

PAGE_SIZE = 20
LAST_PAGE = 10
LONGEST_QUERY = 500


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "").replace("\0", " ").strip()
    query, category, page = asked[:LONGEST_QUERY], category_asked(request), page_asked(request)
    context = {"query": query, "was_cut": len(asked) > len(query), "category": category, "page": page}
    context |= {"first": (page - 1) * PAGE_SIZE + 1, "previous_page": page - 1}
    if query:
        context |= found(query, category, page)
    if wants_part(request):
        return render(request, "recommender/_results.html", context)
    return render(request, "recommender/search.html", context | {"categories": known_categories()})


def found(query: str, category: str, page: int) -> dict[str, object]:
    """One hit more than a page holds is asked for, to know whether another page follows."""
    results = by_meaning.search(
        query, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE, filters=Filters(category=category)
    )
    more = len(results.hits) > PAGE_SIZE and page < LAST_PAGE
    papers = [hit.paper for hit in results.hits[:PAGE_SIZE]]
    return {"note": results.note, "papers": papers, "next_page": page + 1 if more else None}


def category_asked(request: HttpRequest) -> str:
    asked = request.GET.get("category", "")
    return asked if asked in known_categories() else ""


def page_asked(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1


def known_categories() -> list[str]:
    """Those of the curated topics: short, and known without reading all papers."""
    return sorted({category for listed in Topic.objects.values_list("categories", flat=True) for category in listed})
