"""What a mail and its web copy show of each pick: plain words, made from the stored reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.text import Truncator

from papers.models import EditionEntry, Paper
from papers.words import names, trend_words, web_url
from subscriptions.models import DigestItem
from subscriptions.typesetting import shortened

EXCERPT, LABEL = 320, 120  # characters
WHY = {
    "topic": "{closeness} to the topic you follow: {label}",
    "text": "{closeness} to what you work on: “{label}”",
    "papers": "{closeness} to {label}",
    "feedback": "{closeness} to {label}",
}
LIKE_PAPERS = {  # one paper, or several of which one is named
    "papers": ("{closeness} to a paper you named: “{label}”", "{closeness} to papers you named, such as “{label}”"),
    "feedback": (
        "{closeness} to a paper you kept or asked more of: “{label}”",
        "{closeness} to papers you kept or asked more of, such as “{label}”",
    ),
}
BY_NAMES = {"author": "By {name}, whom you follow", "lab": "From a lab you follow: {name}"}
EXPLORED = "From outside your interests: among the most noticed papers of these days"


@dataclass(frozen=True, slots=True)
class PickCard:
    paper_id: int
    identifier: str
    rank: int
    title: str
    url: str
    source_url: str
    source: str
    authors: str
    excerpt: str
    categories: list[str]
    why: str
    sentence: str  # of the abstract, the one nearest to the interest, unless the excerpt has it
    trend: str
    note: str
    code_url: str
    also: list[str]
    word: str = ""  # what the reader has said of it


def cards(items: Sequence[DigestItem]) -> list[PickCard]:
    """Cards in the order of the items; a constant number of queries for all of them."""
    folded = {pk for item in items for pk in item.reason.get("folded", [])}
    papers = Paper.objects.in_bulk({item.paper_id for item in items} | folded)
    notes, named = notes_on(papers), _named_titles(items)
    return [_card(item, papers, notes, named) for item in items if item.paper_id in papers]


def _named_titles(items: Iterable[DigestItem]) -> dict[str, str]:
    """Titles of the papers that readers named and that led to these picks."""
    ids = {identifier for item in items for identifier in named_papers(item.reason)}
    named = Paper.objects.filter(identifier__in=ids).only("identifier", "title", "plain_title") if ids else []
    return {paper.identifier: paper.shown_title for paper in named}


def notes_on(papers: Iterable[int]) -> dict[int, str]:
    noted = EditionEntry.objects.filter(paper__in=list(papers), hidden=False).exclude(note="")
    return dict(noted.order_by("edition__date").values_list("paper_id", "note"))


def _card(item: DigestItem, papers: dict[int, Paper], notes: dict[int, str], named: dict[str, str]) -> PickCard:
    paper = papers[item.paper_id]
    excerpt = first_sentences(paper.shown_abstract)
    return PickCard(
        paper_id=paper.pk,
        identifier=paper.identifier,
        rank=item.rank,
        title=paper.shown_title,
        url=settings.SITE_URL + paper.get_absolute_url(),
        source_url=web_url(paper.source_url),
        source="arXiv" if paper.arxiv_id else "paper",
        authors=names(paper.shown_authors),
        excerpt=excerpt,
        categories=paper.categories[:4],
        why=why(item.reason, named),
        sentence=quote(str(item.reason.get("sentence", "")), excerpt),
        trend=trend(item.reason, paper.field),
        note=notes.get(item.paper_id, ""),
        code_url=web_url(paper.github_repo),
        also=[papers[pk].shown_title for pk in item.reason.get("folded", []) if pk in papers],
    )


def quote(sentence: str, excerpt: str) -> str:
    """The sentence of the abstract to quote; '' where the excerpt has it already."""
    sentence = " ".join(sentence.split())
    return "" if sentence in " ".join(excerpt.split()) else sentence


def first_sentences(abstract: str, length: int = EXCERPT) -> str:
    """Whole sentences up to the length; cut at a word only where the first sentence alone is longer."""
    if len(abstract) <= length:
        return abstract
    end = abstract.rfind(". ", 0, length)
    return abstract[: end + 1] if end > length // 3 else Truncator(abstract).chars(length)


def why(reason: dict[str, Any], named: dict[str, str]) -> str:
    """Which interest, or which papers that the reader named, and how close; `named` holds titles by identifier."""
    if reason.get("explored"):
        return EXPLORED
    kind, label, papers = str(reason.get("kind")), str(reason.get("label", "")), named_papers(reason)
    if kind not in WHY and kind not in BY_NAMES:
        return "Among the most discussed papers of these days"
    sentence, titles = WHY.get(kind, ""), [named[one] for one in papers if one in named]
    if kind in BY_NAMES:
        return BY_NAMES[kind].format(name=next(iter(reason.get("people", [])), "") or label)
    if titles and kind in LIKE_PAPERS:
        sentence, label = LIKE_PAPERS[kind][len(papers) > 1], titles[0]
    closeness = str(reason["closeness_words"]).capitalize()
    said = sentence.format(closeness=closeness, label=shortened(label, LABEL))
    return f"{said} ({round(100 * reason['closeness'])} % alike){_in_common(reason)}"


def _in_common(reason: dict[str, Any]) -> str:
    terms, people = reason.get("terms") or [], reason.get("people") or []
    words = f"; in common: {', '.join(terms)}" if terms else ""
    return words + (f"; by {names(people)}, who wrote papers you named or kept" if people else "")


def named_papers(reason: Mapping[str, Any]) -> list[str]:
    """Identifiers of the papers that led to a pick; in digests of earlier days there is at most one."""
    return list(reason.get("papers") or filter(None, [reason.get("nearest_paper")]))


def trend(reason: dict[str, Any], field: str) -> str:
    """A sentence on the attention it gets; empty when nobody counted, since unknown is not zero."""
    percentile = reason.get("trend")
    return "" if percentile is None else _attention(percentile, field)


@lru_cache(maxsize=4096)
def _attention(percentile: float, field: str) -> str:
    return f"Attention: {trend_words(percentile, field)}"
