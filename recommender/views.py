from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers.arxiv_ids import canonical_id
from papers.models import Paper, Topic
from papers.views import wants_part
from recommender import search as finding
from recommender.filters import NOTHING, Filters
from recommender.hits import Hit

PAGE_SIZE = 20
LAST_PAGE = 10
LONGEST_QUERY = 500
MOST_NAMED = 20  # papers in a search by example


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("q", "").replace("\0", " ").strip()
    query, filters, page = asked[:LONGEST_QUERY], filters_asked(request), page_asked(request)
    wanted = named(request, "like")
    context = {"query": query, "was_cut": len(asked) > len(query), "filters": filters, "page": page, "like": wanted}
    context |= {"narrowed": filters != NOTHING, "first": (page - 1) * PAGE_SIZE + 1, "previous_page": page - 1}
    if wanted and not query:
        context |= found_like(wanted, named(request, "unlike"), page)
    elif query:
        context |= found(query, filters, page)
    if wants_part(request):
        return render(request, "recommender/_results.html", context)
    choices = {"categories": known_categories(), "topics": Topic.objects.filter(is_active=True)}
    return render(request, "recommender/search.html", context | choices)


def found(query: str, filters: Filters, page: int) -> dict[str, object]:
    results = finding.search(query, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE, filters=filters)
    return {"note": results.note, **paged(results.hits, page)}


def found_like(papers: list[Paper], unlike: list[Paper], page: int) -> dict[str, object]:
    hits = finding.like(papers, unlike, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE)
    return {"unlike": unlike, **paged(hits, page)}


def paged(hits: list[Hit], page: int) -> dict[str, object]:
    """One hit more than a page holds is asked for, to know whether another page follows."""
    more = len(hits) > PAGE_SIZE and page < LAST_PAGE
    return {"papers": [hit.paper for hit in hits[:PAGE_SIZE]], "next_page": page + 1 if more else None}


def named(request: HttpRequest, parameter: str) -> list[Paper]:
    """The known papers among the ids or links given, in any order."""
    asked = request.GET.getlist(parameter)[:MOST_NAMED]
    identifiers = {canonical_id(one) or one.replace("\0", " ").strip() for one in asked}
    return list(Paper.objects.filter(identifier__in=identifiers).order_by("pk"))


def filters_asked(request: HttpRequest) -> Filters:
    return Filters(
        since=day_asked(request, "since"),
        until=day_asked(request, "until"),
        category=category_asked(request),
        topic=topic_asked(request),
        has_code=request.GET.get("code") == "1",
    )


def day_asked(request: HttpRequest, parameter: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(parameter, ""))
    except ValueError:
        return None


def topic_asked(request: HttpRequest) -> Topic | None:
    slug = request.GET.get("topic", "").replace("\0", " ")
    return Topic.objects.filter(slug=slug, is_active=True).first() if slug else None


def category_asked(request: HttpRequest) -> str:
    asked = request.GET.get("category", "")
    return asked if asked in known_categories() else ""


def page_asked(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return min(max(int(asked), 1), LAST_PAGE) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1


def known_categories() -> list[str]:
    """Those of the curated topics: short, and known without reading all papers."""
    return sorted({category for listed in Topic.objects.values_list("categories", flat=True) for category in listed})
