"""What a list shows beside each paper, loaded for the whole list at once."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from papers.models import EditionEntry, Paper, Signal, SignalKind


@dataclass(frozen=True, slots=True)
class Card:
    """A paper with its newest counts; None is a count nobody has seen, which is not zero."""

    paper: Paper
    upvotes: int | None = None
    stars: int | None = None
    note: str = ""
    featured: bool = False


def cards(papers: Iterable[Paper]) -> list[Card]:
    """Return one card per paper in the given order, with two queries for however many papers."""
    listed = list(papers)
    counts, entries = _newest_counts(listed), newest_entries(listed)
    return [card(paper, counts.get(paper.pk, (None, None)), entries.get(paper.pk)) for paper in listed]


def card(paper: Paper, counts: tuple[int | None, int | None], entry: EditionEntry | None) -> Card:
    upvotes, stars = counts
    if entry is None:
        return Card(paper, upvotes, stars)
    return Card(paper, upvotes, stars, note=entry.note, featured=entry.featured)


def _newest_counts(papers: Iterable[Paper]) -> dict[int, tuple[int | None, int | None]]:
    """Map the key of each paper to (upvotes, stars) as last observed."""
    rows = Paper.objects.filter(pk__in=[paper.pk for paper in papers])
    newest = rows.values_list("pk", _newest_value(SignalKind.UPVOTES), _newest_value(SignalKind.STARS))
    return {pk: (upvotes, stars) for pk, upvotes, stars in newest}


def _newest_value(kind: SignalKind) -> Subquery:
    observed = Signal.objects.filter(paper=OuterRef("pk"), kind=kind)
    return Subquery(observed.order_by("-observed_at").values("value")[:1])


def newest_entries(papers: Iterable[Paper]) -> dict[int, EditionEntry]:
    """Map the key of each paper to its entry in the newest edition where a curator said something about it."""
    entries = EditionEntry.objects.filter(paper__in=[paper.pk for paper in papers], hidden=False)
    curated = entries.exclude(note="", featured=False).order_by("edition__date")
    return {entry.paper_id: entry for entry in curated}
