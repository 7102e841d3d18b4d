"""The words that a mail and its web copy show of each pick, made from the stored reasons."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from papers.models import EditionEntry, Paper
from papers.text.directions import apart
from papers.text.words import names, shortened, trend_words, web_url
from subscriptions.interests.readers import PAPER_LABELS
from subscriptions.models import DigestItem, InterestKind

EXCERPT, LABEL, CUT = 320, 120, "…"  # characters
WHY = {
    "topic": "{closeness} to the topic you follow: {label}",
    "text": "{closeness} to what you work on: “{label}”",
    "papers": "{closeness} to {label}",
    "feedback": "{closeness} to {label}",
}
LIKE_PAPERS = {  # one paper, or several of which one is named
    "papers": ("{closeness} to a paper you named: “{label}”", "{closeness} to papers you named, such as “{label}”"),
    "library": (
        "{closeness} to a paper in your library: “{label}”",
        "{closeness} to papers in your library, such as “{label}”",
    ),
    "feedback": (
        "{closeness} to a paper you kept or asked more of: “{label}”",
        "{closeness} to papers you kept or asked more of, such as “{label}”",
    ),
}
BY_NAMES = {"author": "By {name}, whom you follow", "lab": "From a lab you follow: {name}"}
EXPLORED = "From outside your interests: among the most noticed papers of these days"


@dataclass(frozen=True, slots=True)
class Shown:
    """What every card says of a paper, whoever the reader is; a link is empty where there is none to show."""

    title: str
    url: str
    source_url: str
    source: str
    authors: str
    excerpt: str
    categories: list[str]
    code_url: str


class Folded(NamedTuple):
    """A paper that gave way to a pick, and is named under it."""

    title: str
    url: str
    is_withdrawn: bool = False  # since then: a mail never names such a paper


@dataclass(frozen=True, slots=True)
class PickCard(Shown):
    paper_id: int
    identifier: str
    rank: int
    why: str
    sentence: str  # of the abstract, the one nearest to the interest, unless the excerpt has it
    trend: str
    note: str
    also: list[Folded]
    withdrawn_on: date | None  # when we learnt of it, mostly after the mail
    word: str = ""  # the reader's feedback


def cards(items: Sequence[DigestItem]) -> list[PickCard]:
    """Return cards in the order of the items; a constant number of queries for all of them."""
    folded = {pk for item in items for pk in item.reason.get("folded", [])}
    papers = Paper.objects.in_bulk({item.paper_id for item in items} | folded)
    notes, named = notes_on(papers), named_titles(items)
    return [_card(item, papers, notes, named) for item in items if item.paper_id in papers]


def named_titles(items: Iterable[DigestItem]) -> dict[str, str]:
    """Return titles of the papers that readers named and that led to these picks."""
    ids = {identifier for item in items for identifier in named_papers(item.reason)}
    named = Paper.objects.filter(identifier__in=ids).only("identifier", "title", "plain_title") if ids else []
    return {paper.identifier: paper.shown_title for paper in named}


def notes_on(papers: Iterable[int]) -> dict[int, str]:
    """Return the curator's newest note on each paper that has one."""
    noted = EditionEntry.objects.filter(paper__in=list(papers), hidden=False).exclude(note="")
    return dict(noted.order_by("edition__date").values_list("paper_id", "note"))


def _card(item: DigestItem, papers: dict[int, Paper], notes: dict[int, str], named: dict[str, str]) -> PickCard:
    paper = papers[item.paper_id]
    shown = shown_of(paper, settings.SITE_URL)
    return PickCard(
        **asdict(shown),
        paper_id=paper.pk,
        identifier=paper.identifier,
        rank=item.rank,
        why=why(item.reason, named),
        sentence=quote(str(item.reason.get("sentence", "")), shown.excerpt),
        trend=trend(item.reason, paper.field),
        note=notes.get(item.paper_id, ""),
        also=[_folded(papers[pk]) for pk in item.reason.get("folded", []) if pk in papers],
        withdrawn_on=paper.withdrawn_on,
    )


def _folded(paper: Paper) -> Folded:
    url = settings.SITE_URL + paper.get_absolute_url()
    return Folded(paper.shown_title, url, is_withdrawn=paper.withdrawn_on is not None)


def shown_of(paper: Paper, site_url: str) -> Shown:
    return Shown(
        title=paper.shown_title,
        url=site_url + paper.get_absolute_url(),
        source_url=web_url(paper.source_url),
        source="arXiv" if paper.arxiv_id else "paper",
        authors=names(paper.shown_authors),
        excerpt=first_sentences(paper.shown_abstract),
        categories=paper.categories[:4],
        code_url=web_url(paper.github_repo),
    )


def quote(sentence: str, excerpt: str) -> str:
    """Return the sentence of the abstract to quote; '' where the excerpt has it already, or all that had room of it."""
    sentence, shown = " ".join(sentence.split()), " ".join(excerpt.split())
    return "" if sentence in shown or (shown.endswith(CUT) and sentence.startswith(shown[: -len(CUT)])) else sentence


def first_sentences(abstract: str, length: int = EXCERPT) -> str:
    """Return whole sentences up to the length; cut at a word only if the first sentence alone is longer."""
    if len(abstract) <= length:
        return abstract
    end = abstract.rfind(". ", 0, length)
    if end > length // 3:
        return abstract[: end + 1]
    cut = abstract[: length - len(CUT)]
    space = cut.rfind(" ")  # none in scripts that have no spaces
    return cut[: space if space > length // 2 else None] + CUT


def why(reason: dict[str, Any], named: dict[str, str]) -> str:
    """Say which interest or which named papers led to it, and how close; `named` holds titles by identifier."""
    if reason.get("explored"):
        return EXPLORED
    kind, label, papers = str(reason.get("kind")), str(reason.get("label", "")), named_papers(reason)
    if kind not in WHY and kind not in BY_NAMES:
        return "Among the most discussed papers of these days"
    sentence, titles = WHY.get(kind, ""), [named[paper] for paper in papers if paper in named]
    if kind in BY_NAMES:
        return BY_NAMES[kind].format(name=apart(next(iter(reason.get("people", [])), "") or label))
    if titles and kind in LIKE_PAPERS:
        of = InterestKind.LIBRARY if label == PAPER_LABELS[InterestKind.LIBRARY] else kind
        sentence, label = LIKE_PAPERS[of][len(papers) > 1], titles[0]
    closeness = str(reason["closeness_words"]).capitalize()
    words = sentence.format(closeness=closeness, label=apart(shortened(label, LABEL)))
    return f"{words} ({round(100 * reason['closeness'])} % alike){_in_common(reason)}"


def _in_common(reason: dict[str, Any]) -> str:
    terms, people = reason.get("terms") or [], reason.get("people") or []
    words = f"; in common: {', '.join([apart(term) for term in terms])}" if terms else ""
    return words + (f"; by {names(people)}, who wrote papers you named or kept" if people else "")


def named_papers(reason: Mapping[str, Any]) -> list[str]:
    """Return identifiers of the papers that led to a pick; in digests of earlier days there is at most one."""
    return list(reason.get("papers") or filter(None, [reason.get("nearest_paper")]))


def trend(reason: dict[str, Any], field: str) -> str:
    """Say how much attention it gets; '' when nobody counted, since unknown is not zero."""
    percentile = reason.get("trend")
    return "" if percentile is None else _attention(percentile, field)


@lru_cache(maxsize=4096)
def _attention(percentile: float, field: str) -> str:
    return f"Attention: {trend_words(percentile, field)}"
