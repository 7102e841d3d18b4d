"""The candidates of an edition as its desk lists them: in an order, of a field, a page at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import TextChoices

from papers.editions import curation
from papers.models import Edition, EditionEntry, EntryReason, Paper
from papers.text.words import names
from papers.trends.attention_lines import AttentionLine, attention_lines
from recommender.words.lexicon import STOP_WORDS, WORD
from subscriptions.models import Reach

ON_A_PAGE = 40
LONG_AUTHORS = 160  # characters
COLUMNS = ("pk", "paper", "paper__trend", "paper__field", "reason", "hidden", "featured", "note")


class Order(TextChoices):
    TREND = "trend", "By trend"
    REACH = "reach", "By reach"
    FIELD = "field", "By field"


class Show(TextChoices):
    ALL = "all", "All"
    WAITING = "waiting", "Took off, undecided"
    DECIDED = "decided", "Decided"


class Place(NamedTuple):
    """What the order of an entry is made from."""

    pk: int
    paper: int
    trend: float | None
    field: str
    reason: str
    hidden: bool
    featured: bool
    note: str

    @property
    def is_decided(self) -> bool:
        return self.hidden or self.featured or bool(self.note)


@dataclass(frozen=True, slots=True)
class Row:
    entry: EditionEntry
    reach: int | None  # readers; None before they were counted
    attention: AttentionLine | None

    @property
    def paper(self) -> Paper:
        return self.entry.paper

    @property
    def trend(self) -> str:
        return "" if self.paper.trend is None else f"{100 * self.paper.trend:.0f}"

    @property
    def authors(self) -> str:
        return names(self.paper.shown_authors)[:LONG_AUTHORS]

    @property
    def seen(self) -> str:
        """Return what tells whether the entry is still as this row shows it."""
        return curation.mark(self.entry)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of an edition's list, in which order."""

    order: Order = Order.TREND
    show: Show = Show.ALL
    field: str = ""
    page: int = 1
    like: EditionEntry | None = (
        None  # the paper that is to be merged: those with the most words of its title come first
    )


class Listing:
    """An edition's list: its size grows with the edition, what is read of papers with a page."""

    def __init__(self, edition: Edition, wanted: Wanted, reach: Reach | None) -> None:
        rows = EditionEntry.objects.filter(edition=edition, paper__withdrawn_on=None).values_list(*COLUMNS)
        self._all = [Place(*row) for row in rows]
        self._wanted, self._reach = wanted, reach

    @property
    def fields(self) -> list[tuple[str, int]]:
        """Return the fields and how many papers each has, the largest first."""
        return Counter(place.field for place in self._all if place.field).most_common()

    def count(self, show: Show) -> int:
        return sum(_is_shown(place, show) for place in self._all)

    def page(self) -> Page[Row]:
        """Return the rows of a page that is there, whichever was asked for."""
        wanted = self._wanted
        shown = [place for place in self._all if _is_shown(place, wanted.show) and wanted.field in ("", place.field)]
        paginator = Paginator(self._in_order(shown), ON_A_PAGE)
        page = paginator.get_page(wanted.page)
        return Page(self._rows(list(page.object_list)), page.number, paginator)  # type: ignore[arg-type]  # counts keys

    def _in_order(self, places: Sequence[Place]) -> list[int]:
        if self._wanted.like:
            alike = _alike([place.pk for place in places], self._wanted.like)
            return [place.pk for place in sorted(places, key=lambda place: (-alike[place.pk], *self._by_trend(place)))]
        if self._wanted.order == Order.REACH and self._reach:
            reach = self._reach
            return [
                place.pk
                for place in sorted(places, key=lambda place: (-reach.count(place.paper), *self._by_trend(place)))
            ]
        if self._wanted.order == Order.FIELD:
            return [place.pk for place in sorted(places, key=lambda place: (place.field, *self._by_trend(place)))]
        return [place.pk for place in sorted(places, key=self._by_trend)]

    def _by_trend(self, place: Place) -> tuple[float, int]:
        return -1.0 if place.trend is None else -2 - place.trend, -place.pk

    def _rows(self, keys: Sequence[int]) -> list[Row]:
        entries = EditionEntry.objects.select_related("paper", "merged_into").in_bulk(keys)
        counts = attention_lines(entry.paper_id for entry in entries.values())
        return [
            Row(
                entries[key],
                self._readers(entries[key].paper_id),
                counts.get(entries[key].paper_id),
            )
            for key in keys
            if key in entries
        ]

    def _readers(self, paper: int) -> int | None:
        return self._reach.count(paper) if self._reach else None


def _is_shown(place: Place, show: Show) -> bool:
    if show == Show.DECIDED:
        return place.is_decided
    return show == Show.ALL or (place.reason == EntryReason.TOOK_OFF and not place.is_decided)


def _alike(keys: Sequence[int], like: EditionEntry) -> Mapping[int, float]:
    """Return, by entry, which share of the words of both titles they have in common; the paper itself comes first."""
    rows = EditionEntry.objects.filter(edition=like.edition_id).values_list("pk", "paper__plain_title", "paper__title")
    words = {key: _words(plain or served) for key, plain, served in rows}
    mine = words.get(like.pk, frozenset())
    alike = {key: len(mine & own) / max(1, len(mine | own)) for key, own in words.items()}
    return {key: 2.0 if key == like.pk else alike.get(key, 0.0) for key in keys}


def _words(title: str) -> frozenset[str]:
    return frozenset(WORD.findall(title.casefold())) - STOP_WORDS
