from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers.arxiv.arxiv_ids import canonical_id
from papers.models import Paper, Topic
from papers.pages.scripted import wants_part
from recommender.search import finding
from recommender.search.filters import NOTHING, Filters
from recommender.search.hits import Hit

PAGE_SIZE = 20
LAST_PAGE = 10
LONGEST_QUERY = 500
MOST_NAMED = 20  # papers in a search by example


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    query, filters, page = text[:LONGEST_QUERY], _filters_asked(request), _page_asked(request)
    wanted = named(request, "like")
    context = {"query": query, "was_cut": len(text) > len(query), "filters": filters, "page": page, "like": wanted}
    context |= {"narrowed": filters != NOTHING, "first": (page - 1) * PAGE_SIZE + 1, "previous_page": page - 1}
    if wanted and not query:
        context |= _found_like(wanted, named(request, "unlike"), page)
    elif query:
        context |= found(query, filters, page)
    if wants_part(request):
        return render(request, "recommender/_results.html", context)
    choices = {"categories": _known_categories(), "topics": Topic.objects.filter(is_active=True)}
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


def named(request: HttpRequest, parameter: str) -> list[Paper]:
    """Return the known papers among the ids or links given, in any order."""
    names = request.GET.getlist(parameter)[:MOST_NAMED]
    identifiers = {canonical_id(name) or name.strip() for name in names}
    return list(Paper.objects.filter(identifier__in=identifiers).order_by("pk"))


def _filters_asked(request: HttpRequest) -> Filters:
    return Filters(
        since=_day_asked(request, "since"),
        until=_day_asked(request, "until"),
        category=_category_asked(request),
        topic=_topic_asked(request),
        has_code=request.GET.get("code") == "1",
    )


def _day_asked(request: HttpRequest, parameter: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(parameter, ""))
    except ValueError:
        return None


def _topic_asked(request: HttpRequest) -> Topic | None:
    slug = request.GET.get("topic", "")
    return Topic.objects.filter(slug=slug, is_active=True).first() if slug else None


def _category_asked(request: HttpRequest) -> str:
    category = request.GET.get("category", "")
    return category if category in _known_categories() else ""


def _page_asked(request: HttpRequest) -> int:
    page = request.GET.get("page", "")
    return min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 4 else 1


def _known_categories() -> list[str]:
    """Return the categories of the curated topics: short, and known without reading all papers."""
    return sorted({category for listed in Topic.objects.values_list("categories", flat=True) for category in listed})
