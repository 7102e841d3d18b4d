from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from papers.citations.formats import FORMATS
from papers.models import Paper
from papers.pages.card_html import written
from papers.pages.cards import cards
from papers.pages.scripted import wants_part
from papers.pages.shapes import filled
from recommender.search import asked, finding
from recommender.search.filters import NOTHING
from recommender.search.finding import Results
from recommender.search.hits import Hit
from recommender.search.ranks import Examples
from recommender.search.sentences import passage

PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class Result:
    paper: Paper
    html: SafeString
    lead: SafeString  # the buttons that search for papers like it, and unlike


@dataclass(frozen=True, slots=True)
class Chosen:
    """A paper that the search is led by, and the address of the search without it."""

    paper: Paper
    parameter: str
    without: str
    is_newest: bool  # the last of its kind in the address


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    (query, was_cut), filters = asked.text_asked(request), asked.filters_asked(request)
    examples, page = asked.examples_asked(request), asked.page_asked(request)
    results = finding.search(
        query, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE, filters=filters, examples=examples
    )
    context = {"query": query, "was_cut": was_cut, "filters": filters, "examples": examples}
    context |= {"narrowed": filters != NOTHING, "chosen": _chosen(request, examples), **_paged(results, page)}
    context["alert"] = asked.alert_link(results.query, filters, examples)
    context["formats"] = FORMATS
    if wants_part(request):
        return render(request, "recommender/_results.html", context)
    choices = {"categories": asked.known_categories(), "topics": asked.topics()}
    return render(request, "recommender/search.html", context | choices)


def _paged(results: Results, page: int) -> dict[str, object]:
    """Return the hits of a page and the number of the next; one hit more than shown tells whether another follows."""
    more = len(results.hits) > PAGE_SIZE and page < asked.LAST_PAGE
    numbers = {"page": page, "first": (page - 1) * PAGE_SIZE + 1, "previous_page": page - 1}
    numbers["next_page"] = page + 1 if more else 0
    return {"found": results, "results": _results(results.hits[:PAGE_SIZE]), **numbers}


def _results(hits: Sequence[Hit]) -> list[Result]:
    shown = cards(hit.paper for hit in hits)
    return [
        Result(hit.paper, written(card, passage(hit.paper, hit.sentence)), lead(hit.paper))
        for card, hit in zip(shown, hits, strict=True)
    ]


def lead(paper: Paper) -> SafeString:
    """Return the buttons that search for papers like this one, and unlike it."""
    words = {"identifier": paper.identifier, "title": paper.shown_title}
    return filled("recommender/_lead.html", here=reverse("search"), **words)


def _chosen(request: HttpRequest, examples: Examples) -> list[Chosen]:
    return [
        Chosen(paper, parameter, asked.without(request, parameter, paper), is_newest=paper is papers[-1])
        for parameter, papers in ((asked.LIKE, examples.like), (asked.UNLIKE, examples.unlike))
        for paper in papers
    ]
