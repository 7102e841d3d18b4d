"""Links that begin a sign-up: from a topic, a search, a paper, a person."""

from collections.abc import Iterable
from itertools import islice

from django.http import HttpRequest, QueryDict

from papers.arxiv import arxiv_ids
from papers.models import Paper, Topic
from subscriptions.pages.forms import TEXT_LENGTH

MOST = 20  # of each


def filled(request: HttpRequest) -> QueryDict | None:
    """Return a form as the address of the page fills it in; None if the address says nothing."""
    ids, titles = _papers(request.GET.getlist("like")[:MOST])
    data = QueryDict(mutable=True)
    data.setlist("topics", _topics(request.GET.getlist("topic")[:MOST]))
    data["text"] = _lines([*request.GET.getlist("text"), *titles])
    data["authors"] = _lines(request.GET.getlist("author"))
    data["labs"] = _lines(request.GET.getlist("lab"))
    data["papers"] = _lines(ids)
    data.setlist("less", request.GET.getlist("unlike")[:MOST])
    return data if any(data.values()) else None


def _topics(slugs: list[str]) -> list[str]:
    named = Topic.objects.filter(slug__in=slugs).current() if slugs else []
    return [str(topic.pk) for topic in named if topic.is_active]


def _papers(identifiers: list[str]) -> tuple[list[str], list[str]]:
    """Return arXiv's numbers of papers, stored or not, and titles of those that arXiv does not have.

    Such a paper cannot be named by a number, but its title says what it is about.
    """
    rows = Paper.objects.filter(identifier__in=identifiers) if identifiers else Paper.objects.none()
    stored = {paper.identifier: paper for paper in rows.only("identifier", "title", "plain_title")}
    titles = [paper.shown_title for paper in stored.values() if not paper.arxiv_id]
    return [arxiv_ids.canonical_id(identifier) for identifier in identifiers], titles


def _lines(values: Iterable[str]) -> str:
    """Return one line for each value, as somebody would have typed them."""
    lines = (" ".join(value.split())[:TEXT_LENGTH] for value in values)
    return "\n".join(islice(filter(None, lines), MOST))
