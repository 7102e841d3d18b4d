"""What a list shows beside each paper, loaded for the whole list at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from papers.models import EditionEntry, Paper, SignalKind
from papers.pages.curves import Curve, Readings, curve, readings
from papers.remembered import Remembered
from papers.trends.readings import SHOWN

KEPT = 2_000  # cards as HTML, 1.5 kB each
COLUMNS = [field.attname for field in Paper._meta.concrete_fields]
_written: Remembered[SafeString] = Remembered(KEPT)


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
    def fall(self) -> int:
        return -(self.rise or 0)

    @property
    def first_seen(self) -> date:
        """Return the day of the paper's first announcement or listing, else that on which it was stored."""
        days = [day for day in (self.paper.announced_on, self.paper.listed_on) if day]
        return min(days, default=self.paper.created_at.date())

    @property
    def first_seen_words(self) -> str:
        """Write the day as '26 Jun 2026': by hand, since a page does so for thirty papers."""
        day = self.first_seen
        return f"{day.day} {day:%b} {day.year}"

    @property
    def came(self) -> int:
        """Return when the paper was stored, in seconds since 1970."""
        return int(self.paper.created_at.timestamp())


def written(card: Card, marked: object = None) -> SafeString:
    """Return a card as HTML, with the passage that answers a search where there is one.

    The same papers stand on page after page. A card is written from what it holds and from nothing else, so what was
    written once is right for as long as all these values are the same.
    """
    said = [getattr(card, field.name) for field in fields(card) if field.name != "paper"]

    def write() -> SafeString:
        return render_to_string("papers/_paper.html", {"card": card, "marked": marked})

    return _written.get(([getattr(card.paper, name) for name in COLUMNS], said, marked), write)


def cards(papers: Iterable[Paper]) -> list[Card]:
    """Return one card per paper in the given order, with two queries for however many papers."""
    listed = list(papers)
    counts, entries = readings(listed), newest_entries(listed)
    return [card(paper, counts.get(paper.pk, {}), entries.get(paper.pk)) for paper in listed]


def card(paper: Paper, counts: Readings, entry: EditionEntry | None) -> Card:
    upvotes, stars = (counts.get(kind) for kind in (SignalKind.UPVOTES, SignalKind.STARS))
    plain = Card(
        paper,
        upvotes=upvotes[-1][1] if upvotes else None,
        stars=stars[-1][1] if stars else None,
        curve=next(filter(None, (curve(kind, counts[kind]) for kind in SHOWN if kind in counts)), None),
    )
    return replace(plain, note=entry.note, featured=entry.featured) if entry else plain


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


def newest_entries(papers: Iterable[Paper]) -> dict[int, EditionEntry]:
    """Map the key of each paper to its entry in the newest edition where a curator said something about it."""
    entries = EditionEntry.objects.filter(paper__in=[paper.pk for paper in papers], hidden=False)
    curated = entries.exclude(note="", featured=False).order_by("edition__date")
    return {entry.paper_id: entry for entry in curated}
