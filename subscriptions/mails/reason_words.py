"""The stored reason of a pick in words: what led to it, how close it is, how much attention it gets."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from papers.text.directions import apart
from papers.text.words import names, shortened, top_words
from subscriptions.interests.readers import PAPER_LABELS
from subscriptions.models import InterestKind

LABEL = 100  # characters
WORTH_TELLING = 0.75  # percentile
WHY = {
    "topic": "to the topic you follow: {label}",
    "text": "to what you work on: “{label}”",
    "papers": "to {label}",
    "feedback": "to {label}",
}
LIKE_PAPERS = {  # one paper, or several of which one is named
    "papers": ("to a paper you named: “{label}”", "to papers you named, such as “{label}”"),
    "library": ("to a paper in your library: “{label}”", "to papers in your library, such as “{label}”"),
    "feedback": (
        "to a paper you kept or asked more of: “{label}”",
        "to papers you kept or asked more of, such as “{label}”",
    ),
}
BY_NAMES = {"author": "By {name}, whom you follow", "lab": "From a lab you follow: {name}"}
EXPLORED = "From outside your interests: among the most noticed papers of these days"
EXPLORED_TOLD = "Among the most noticed papers of these days; what you say of it teaches most"
NOTICED = "Among the most noticed papers of these days"
COUNTED = {"upvotes": "votes", "comments": "comments", "stars": "stars"}
STORY = 2  # times: growth by less is no story of its own
Reason = Mapping[str, Any]


def why(reason: Reason, named: Mapping[str, str], *, told: bool = False) -> str:
    """Say which interest or which named papers led to it, and how close; `named` holds titles by identifier.

    told: a heading above it says already what led to it; '' where there is nothing to add.
    """
    if reason.get("explored"):
        return EXPLORED_TOLD if told else EXPLORED
    kind = str(reason.get("kind"))
    if kind in BY_NAMES:
        name = next(iter(reason.get("people", [])), "") or str(reason.get("label", ""))
        return BY_NAMES[kind].format(name=apart(name))
    if kind not in WHY:
        return "" if told else NOTICED
    papers = named_papers(reason)
    title = next((named[paper] for paper in papers if paper in named), "") if papers else ""
    words = _closeness(
        reason["closeness_words"],
        reason["closeness"],
        _to(kind, str(reason.get("label", "")), title, len(papers) > 1, told),
    )
    terms, people = reason.get("terms"), reason.get("people")
    return words + _in_common(tuple(terms or ()), tuple(people or ()), _theirs(reason)) if terms or people else words


@lru_cache(maxsize=8192)
def _closeness(words: str, closeness: float, to: str) -> str:
    alike = f"{round(100 * closeness)} % alike"
    return f"{words.capitalize()} {to} ({alike})" if to else f"{words.capitalize()}, {alike}"


@lru_cache(maxsize=8192)
def _to(kind: str, label: str, title: str, is_one_of_several: bool, told: bool) -> str:
    if title and kind in LIKE_PAPERS:
        if told:
            return f"to “{apart(shortened(title, LABEL))}”"
        of = InterestKind.LIBRARY.value if label == PAPER_LABELS[InterestKind.LIBRARY] else kind
        return LIKE_PAPERS[of][is_one_of_several].format(label=apart(shortened(title, LABEL)))
    return "" if told else WHY[kind].format(label=apart(shortened(label, LABEL)))


@lru_cache(maxsize=8192)
def _in_common(terms: tuple[str, ...], people: tuple[str, ...], theirs: str) -> str:
    words = f"; in common: {', '.join([apart(term) for term in terms])}" if terms else ""
    return words + (f"; by {names(people)}, who wrote papers {theirs}" if people else "")


def _theirs(reason: Reason) -> str:
    return "in your library" if reason.get("label") == PAPER_LABELS[InterestKind.LIBRARY] else "you named or kept"


def named_papers(reason: Reason) -> list[str]:
    """Return identifiers of the papers that led to a pick; in digests of earlier days there is at most one."""
    if papers := reason.get("papers"):
        return list(papers)
    nearest = reason.get("nearest_paper")
    return [nearest] if nearest else []


def attention(reason: Reason, field: str, counts: str) -> str:
    """Say how much attention a paper gets, after what was counted; '' where nobody counted: unknown is not zero.

    Its rank is told in the upper quarter alone: that few look at a paper is no news.
    """
    took_off = reason.get("took_off")
    now = _now(reason.get("trend"), field, counts)
    return f"{_took_off(**took_off, is_told=bool(counts))} {now}".strip() if took_off else now


@lru_cache(maxsize=8192)
def _now(percentile: float | None, field: str, counts: str) -> str:
    rank = top_words(percentile, field) if percentile is not None and percentile >= WORTH_TELLING else ""
    return "; ".join(filter(None, (counts, rank if counts or not rank else f"Attention: {rank}")))


@lru_cache(maxsize=4096)
def _took_off(since: str, then: int, now: int, kind: str, is_told: bool) -> str:
    """Write 'On 12 Aug 4 votes, now 61.', or the first half where the count of now is told after it."""
    day = date.fromisoformat(since)
    if now < STORY * then:
        return ""
    return f"On {day.day} {day:%b} {then:,} {COUNTED.get(kind, kind)}{'' if is_told else f', now {now:,}'}."
