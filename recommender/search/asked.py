"""What the address of a search says: for its page and its feed alike."""

from datetime import date

from django.http import HttpRequest

from papers.arxiv.arxiv_ids import canonical_id
from papers.models import Paper, Topic
from recommender.search.filters import Filters

LAST_PAGE = 10
LONGEST_QUERY = 500
MOST_NAMED = 20  # papers in a search by example


def named(request: HttpRequest, parameter: str) -> list[Paper]:
    """Return the known papers among the ids or links given, in any order."""
    names = request.GET.getlist(parameter)[:MOST_NAMED]
    identifiers = {canonical_id(name) or name.strip() for name in names}
    return list(Paper.objects.filter(identifier__in=identifiers).order_by("pk"))


def filters_asked(request: HttpRequest) -> Filters:
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
    return category if category in known_categories() else ""


def page_asked(request: HttpRequest) -> int:
    page = request.GET.get("page", "")
    return min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 4 else 1


def known_categories() -> list[str]:
    """Return the categories of the curated topics: short, and known without reading all papers."""
    return sorted({category for listed in Topic.objects.values_list("categories", flat=True) for category in listed})
