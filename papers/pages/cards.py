"""What a list shows beside each paper, loaded for the whole list at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from papers.models import EditionEntry, Paper, SignalKind
from papers.models.prepared import Prepared
from papers.pages.curves import Curve, Readings, curve, readings
from papers.trends.readings import SHOWN


class Said(NamedTuple):
    """What a curator said about a paper."""

    note: str = ""
    featured: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A paper with its newest counts; None is a count nobody has seen, which is not zero."""

    paper: Paper
    upvotes: int | None = None
    stars: int | None = None
    note: str = ""
    featured: bool = False
    curve: Curve | None = None  # of the upvotes, else of the stars
    rise: int | None = None  # places up since yesterday, negative if down; None where that is not known
    is_new: bool = False  # was not in the order of the same list yesterday

    @property
    def first_seen(self) -> date:
        """Return the day of the paper's first announcement or listing, else that on which it was stored."""
        days = [day for day in (self.paper.announced_on, self.paper.listed_on) if day]
        return min(days, default=self.paper.created_at.date())


def cards(papers: Iterable[Paper]) -> list[Card]:
    """Return one card per paper in the given order, with two queries for however many papers."""
    listed = list(papers)
    counts, entries = readings(listed), newest_entries(listed)
    return [card(paper, counts.get(paper.pk, {}), entries.get(paper.pk)) for paper in listed]


def card(paper: Paper, counts: Readings, said: Said | None) -> Card:
    upvotes, stars = (counts.get(kind) for kind in (SignalKind.UPVOTES, SignalKind.STARS))
    plain = Card(
        paper,
        upvotes=upvotes[-1][1] if upvotes else None,
        stars=stars[-1][1] if stars else None,
        curve=next(filter(None, (curve(kind, counts[kind]) for kind in SHOWN if kind in counts)), None),
    )
    return replace(plain, note=said.note, featured=said.featured) if said else plain


def moved(shown: Iterable[Card], start: int, before: Mapping[int, int], *, all_ranked: bool = False) -> list[Card]:
    """Return the cards of a list, the first of which stands at place start, with how far each came since yesterday.

    Unless all are ranked, a paper without a trend that nobody featured stands in no order, and is neither up nor new.
    """
    placed = [(one, place, before.get(one.paper.pk)) for place, one in enumerate(shown, start)]
    return [_moved(one, place, earlier, all_ranked) for one, place, earlier in placed]


def _moved(card: Card, place: int, before: int | None, all_ranked: bool) -> Card:
    if before is not None:
        return replace(card, rise=before - place)
    return replace(card, is_new=all_ranked or card.featured or card.paper.trend is not None)


def newest_entries(papers: Iterable[Paper]) -> dict[int, Said]:
    """Map the key of each paper to what a curator said in the newest edition where one said something about it."""
    rows = _said(papers=[paper.pk for paper in papers])
    return {key: Said(note, featured) for key, note, featured in rows}


def _curated(papers: Collection[int]) -> QuerySet[EditionEntry, Any]:
    entries = EditionEntry.objects.filter(paper__one_of=papers, hidden=False)
    in_order = entries.exclude(note="", featured=False).order_by("edition__date")
    return in_order.values_list("paper_id", "note", "featured")


_said = Prepared(_curated, papers=([1], [2]))
