"""Why a subscriber would get these papers now, in lines for the operator, on the command line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from papers.models import Paper
from recommender.candidates import loading
from recommender.ranking.breakdown import Breakdown, Nearness, breakdown
from subscriptions.digests import choices, reasons
from subscriptions.mails.pick_cards import named_titles
from subscriptions.mails.reason_words import named_papers
from subscriptions.models import Digest, DigestItem, Role, Subscriber

HEADINGS = {Role.PICK: "Picks", Role.NEAR_MISS: "Near misses"}
SHOWN_PAPERS = 3


@dataclass(frozen=True, slots=True)
class Explained:
    """A pick or a near miss, with the interest that led to it and the numbers behind it."""

    role: str
    rank: int
    paper: Paper
    interest: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Explanation:
    picks: int
    considered: int  # papers
    floor: float
    items: list[Explained]


def explanation(subscriber: Subscriber, today: date) -> Explanation:
    """Return every pick and near miss of today with what led to it; nothing is stored."""
    pool = loading.cached(today, settings.CANDIDATE_DAYS)
    [(reader, result)] = choices.rank([subscriber], pool, today)
    chosen = reasons.chosen_for(Digest(subscriber=subscriber, local_date=today), reader, result)
    items = reasons.items_of(chosen, pool)
    papers = Paper.objects.in_bulk({item.paper_id for item in items})
    titles = _titles(items)
    found = []
    for choice, item in zip(chosen, items, strict=True):
        parts = breakdown(choice.pick, reader, pool)
        lines = list(_lines(parts, item.reason, titles))
        interest = _interest(parts, item.reason).partition(", subject")[0]
        found.append(Explained(choice.role, choice.rank, papers[item.paper_id], interest, lines))
    return Explanation(len(result.picks), result.considered, reader.floor, found)


def explained(subscriber: Subscriber, today: date) -> Iterator[str]:
    """Yield the explanation of today's papers in lines."""
    found = explanation(subscriber, today)
    yield f"{subscriber}, {today}: {found.picks} of {found.considered} papers, floor {found.floor:.2f}."
    for role, heading in HEADINGS.items():
        of_role = [one for one in found.items if one.role == role]
        yield from ["", heading] if of_role else []
        for one in of_role:
            yield f"\n{one.rank}. {one.paper.shown_title} ({one.paper.identifier})"
            yield from (f"   {line}" for line in one.lines)


def _titles(items: list[DigestItem]) -> dict[object, str]:
    """Return the titles of the papers that reasons name, by identifier, and of folded ones, by key."""
    folded = [pk for item in items for pk in item.reason["folded"]]
    return named_titles(items) | {pk: paper.shown_title for pk, paper in Paper.objects.in_bulk(folded).items()}


def _lines(parts: Breakdown, reason: dict[str, Any], titles: Mapping[object, str]) -> Iterator[str]:
    yield f"for        {_interest(parts, reason)}"
    yield f"relevance  {parts.relevance:.2f}{_sum(parts)}"
    yield f"score      {parts.score:.2f}, trend {'unknown' if parts.trend is None else f'{parts.trend:.2f}'}"
    like = [titles.get(one, one) for one in named_papers(reason)[:SHOWN_PAPERS]]
    others = {
        "like": "; ".join(like),
        "in common": ", ".join(reason["terms"]),
        "people": ", ".join(reason["people"]),
        "sentence": reason["sentence"],
        "folded": "; ".join(titles[pk] for pk in reason["folded"]),
    }
    yield from (f"{name:10} {value}" for name, value in others.items() if value)


def _interest(parts: Breakdown, reason: dict[str, Any]) -> str:
    if not reason["kind"]:
        return "one from outside the interests" if reason["explored"] else "nobody knows yet what: trend decides"
    subject = f", subject {parts.subject} with {parts.share:.0%} of it" if parts.subject else ""
    return f"{reason['kind']}: {reason['label']}{subject}"


def _sum(parts: Breakdown) -> str:
    if parts.nearness is None:
        return ""
    bend = parts.relevance - parts.people + parts.less - parts.nearness.total()
    others = {"bend": bend, "people": parts.people, "less": -parts.less}
    return f" = {_nearness(parts.nearness)}{''.join(_signed(value, name) for name, value in others.items())}"


def _nearness(near: Nearness) -> str:
    return (
        f"meaning {near.line.dense:.2f} · {near.vectors:.2f} + words {near.line.lexical:.2f} · {near.words:.2f}"
        f"{_signed(near.line.constant, 'constant')}{_signed(near.offset, 'kind')}"
        f"{_signed(near.wordless, 'few of its words')}"
    )


def _signed(value: float, name: str) -> str:
    """Write a term of the sum, '' where it comes to nothing."""
    return f" {'−' if value < 0 else '+'} {name} {abs(value):.2f}" if abs(value) >= 0.005 else ""
