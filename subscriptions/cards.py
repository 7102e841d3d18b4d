"""What a mail and its web copy show of each pick: plain words, made from the stored reasons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.text import Truncator

from papers.models import EditionEntry, Paper
from subscriptions.models import DigestItem

EXCERPT = 320
WHY = {
    "topic": "{closeness} to the topic you follow: {label}",
    "text": "{closeness} to what you work on: “{label}”",
    "papers": "{closeness} to {label}",
}


@dataclass(frozen=True, slots=True)
class PickCard:
    rank: int
    title: str
    url: str
    arxiv_url: str
    authors: str
    excerpt: str
    categories: list[str]
    why: str
    trend: str
    note: str
    code_url: str
    also: list[str]


def cards(items: Sequence[DigestItem]) -> list[PickCard]:
    """Cards in the order of the items; a constant number of queries for all of them."""
    folded = {pk for item in items for pk in item.reason.get("folded", [])}
    papers = Paper.objects.in_bulk({item.paper_id for item in items} | folded)
    notes = _notes(papers)
    return [_card(item, papers, notes.get(item.paper_id, "")) for item in items if item.paper_id in papers]


def _notes(papers: Iterable[int]) -> dict[int, str]:
    entries = (
        EditionEntry.objects.filter(paper__in=list(papers), hidden=False).exclude(note="").order_by("edition__date")
    )
    return dict(entries.values_list("paper_id", "note"))


def _card(item: DigestItem, papers: dict[int, Paper], note: str) -> PickCard:
    paper = papers[item.paper_id]
    return PickCard(
        rank=item.rank,
        title=paper.title,
        url=settings.SITE_URL + paper.get_absolute_url(),
        arxiv_url=paper.arxiv_url,
        authors=authors_line(paper.authors),
        excerpt=first_sentences(paper.abstract),
        categories=paper.categories[:4],
        why=why(item.reason),
        trend=trend(item.reason),
        note=note,
        code_url=code_url(paper.github_repo),
        also=[papers[pk].title for pk in item.reason.get("folded", []) if pk in papers],
    )


def authors_line(authors: Sequence[str]) -> str:
    if len(authors) <= 4:
        return ", ".join(authors)
    return f"{', '.join(authors[:3])} and {len(authors) - 3} more"


def first_sentences(abstract: str, length: int = EXCERPT) -> str:
    """Whole sentences up to the length; cut at a word only where the first sentence alone is longer."""
    text = " ".join(abstract.split())
    if len(text) <= length:
        return text
    end = text.rfind(". ", 0, length)
    return text[: end + 1] if end > length // 3 else Truncator(text).chars(length)


def code_url(repo: str) -> str:
    if not repo:
        return ""
    return repo if repo.startswith("https://") else f"https://github.com/{repo}"


def why(reason: dict[str, Any]) -> str:
    pattern = WHY.get(str(reason.get("kind")))
    if pattern is None:
        return "Among the most discussed papers of the day; tell us your interests and this list becomes yours"
    closeness = str(reason.get("closeness_words", "close")).capitalize()
    label = Truncator(str(reason.get("label", ""))).chars(90)
    return f"{pattern.format(closeness=closeness, label=label)} ({round(100 * reason['closeness'])} % alike)"


def trend(reason: dict[str, Any]) -> str:
    """A sentence on the attention it gets; empty when nobody counted, since unknown is not zero."""
    percentile = reason.get("trend")
    if percentile is None:
        return ""
    if percentile >= 0.5:
        return f"Attention: top {max(1, round(100 * (1 - percentile)))} % of the papers listed that day"
    return "Attention: still quiet"
