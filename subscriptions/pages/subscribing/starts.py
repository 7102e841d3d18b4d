"""Links that begin a sign-up: from a topic, a search, a paper, a person."""

from django.http import QueryDict

from papers.models import Paper, Topic
from subscriptions.pages.forms import TEXT_LENGTH

MOST = 20  # of each
TYPED = {"text": "text", "author": "authors", "lab": "labs"}  # names in the address, and those of the fields


def filled(asked: QueryDict) -> QueryDict | None:
    """Return a form as the address of the page fills it in, None if it says nothing: `?topic=`, `?text=` ..."""
    data = QueryDict(mutable=True)
    data.setlist("topics", _topics(asked.getlist("topic")[:MOST]))
    for name, field in TYPED.items():
        data[field] = "\n".join(_line(value) for value in asked.getlist(name)[:MOST])
    papers = _papers(asked.getlist("like")[:MOST])
    data["papers"] = "\n".join(paper.arxiv_id for paper in papers if paper.arxiv_id)
    # A paper that is not at arXiv cannot be named by its number, but its title says what it is about.
    titles = [_line(paper.shown_title) for paper in papers if not paper.arxiv_id]
    data["text"] = "\n".join([str(data["text"]), *titles]).strip()
    return data if any(data.values()) else None


def _topics(slugs: list[str]) -> list[str]:
    keys = Topic.objects.filter(is_active=True, slug__in=slugs).values_list("pk", flat=True) if slugs else []
    return [str(key) for key in keys]


def _papers(identifiers: list[str]) -> list[Paper]:
    stored = Paper.objects.filter(identifier__in=identifiers) if identifiers else Paper.objects.none()
    return list(stored.only("identifier", "title", "plain_title"))


def _line(value: str) -> str:
    return " ".join(value.split())[:TEXT_LENGTH]
