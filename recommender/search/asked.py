"""What the address of a search says, for its page and its feed alike. What means nothing is left out."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from papers.arxiv.arxiv_ids import canonical_id
from papers.models import Paper, Topic
from papers.remembered import KeptAWhile
from recommender.search.filters import Filters
from recommender.search.queries import LONGEST, Query
from recommender.search.ranks import Examples

LAST_PAGE = 10
MOST_NAMED = 20  # papers to be like, and as many to be unlike
LIKE, UNLIKE = "like", "unlike"
_topics: KeptAWhile[list[Topic]] = KeptAWhile(1)
_categories: KeptAWhile[list[str]] = KeptAWhile(1)


def text_asked(request: HttpRequest) -> tuple[str, bool]:
    """Return the query, and whether it was cut because it was too long."""
    text = request.GET.get("q", "").strip()
    return text[:LONGEST], len(text) > LONGEST


def filters_asked(request: HttpRequest) -> Filters:
    return Filters(
        since=_day(request, "since"),
        until=_day(request, "until"),
        category=_category(request),
        topic=_topic(request),
        has_code=request.GET.get("code") == "1",
    )


def examples_asked(request: HttpRequest) -> Examples:
    """Return the named papers that are known, with one query; a paper named both ways is only liked."""
    names = {name: _identifiers(request, name) for name in (LIKE, UNLIKE)}
    known = Paper.objects.filter(identifier__in=[*names[LIKE], *names[UNLIKE]]) if any(names.values()) else ()
    of_identifier = {paper.identifier: paper for paper in known}
    like = [of_identifier[one] for one in names[LIKE] if one in of_identifier]
    unlike = [of_identifier[one] for one in names[UNLIKE] if one in of_identifier and one not in names[LIKE]]
    return Examples(like, unlike)


def page_asked(request: HttpRequest) -> int:
    number = request.GET.get("page", "")
    return min(max(int(number), 1), LAST_PAGE) if number.isascii() and number.isdigit() and len(number) < 4 else 1


def without(request: HttpRequest, parameter: str, paper: Paper) -> str:
    """Return the query string of the same search without one of the papers it names."""
    rest = request.GET.copy()
    rest.setlist(parameter, [name for name in rest.getlist(parameter) if _identifier(name) != paper.identifier])
    rest.pop("page", None)
    return _written(rest)


def _written(rest: QueryDict) -> str:
    return "?" + rest.urlencode() if rest else "?"


def alert_link(query: Query, chosen: Filters, examples: Examples) -> str:
    """Return where one signs up for papers like those of a search: what it looks for fills the form."""
    pairs = [("text", query.text)] if query.text and not query.arxiv_id else []
    pairs += [("author", name) for name in query.authors]
    pairs += [("like", query.arxiv_id)] if query.arxiv_id else []
    pairs += [("like", paper.identifier) for paper in examples.like]
    pairs += [("topic", chosen.topic.slug)] if chosen.topic else []
    pairs += [("unlike", paper.identifier) for paper in examples.unlike] if pairs else []
    return f"{reverse('subscribe')}?{urlencode(pairs)}" if pairs else ""


def topics() -> list[Topic]:
    """Return the topics that one can choose, in their order."""
    return _topics.get("active", settings.PAGES_KEPT_SECONDS, lambda: list(Topic.objects.offered()))


def known_categories() -> list[str]:
    """Return the categories of the curated topics: short, and known without reading all papers."""
    return _categories.get("all", settings.PAGES_KEPT_SECONDS, _categories_of_topics)


def _categories_of_topics() -> list[str]:
    return sorted({category for listed in Topic.objects.values_list("categories", flat=True) for category in listed})


def _identifiers(request: HttpRequest, parameter: str) -> list[str]:
    return [_identifier(name) for name in request.GET.getlist(parameter)[:MOST_NAMED]]


def _identifier(name: str) -> str:
    return canonical_id(name) or name.strip()


def _day(request: HttpRequest, parameter: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(parameter, ""))
    except ValueError:
        return None


def _topic(request: HttpRequest) -> Topic | None:
    slug = request.GET.get("topic", "")
    return Topic.objects.called(slug) if slug else None


def _category(request: HttpRequest) -> str:
    category = request.GET.get("category", "")
    return category if category in known_categories() else ""
