"""The papers of the last weeks, loaded once, and which of them were in question on each of these days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.db.models import BooleanField, DateField, Exists, OuterRef, QuerySet, Subquery, Value
from numpy.typing import NDArray

from papers.models import EditionEntry, Paper
from recommender.candidates import background, loading, take_offs
from recommender.candidates.cache_key import span
from recommender.candidates.take_offs import TakeOff
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import evidence
from recommender.ranking.day import Day
from recommender.ranking.interest_clusters import Background, no_background
from recommender.ranking.reader import Candidates
from recommender.words.occurrences import BREAK
from recommender.words.works import works

DAYS = 30  # or as many as give candidates, where that is more
MOST = 15_000  # the newest, some 30 kB each; twice what thirty days bring
WINDOWS_KEPT = 64
_versions = count(1)


class Entries(NamedTuple):
    """The entries of editions, one after another."""

    at: NDArray[np.int64]  # (e,) the paper's position
    day: NDArray[np.int64]  # (e,) ordinal of the edition's date
    hidden: NDArray[np.bool_]
    featured: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Papers as arrays that all days share; each day has its own idea of which of them may be picked."""

    candidates: Candidates  # the newest last; what depends on a day is to be had from window
    entries: Entries
    shown: NDArray[np.bool_]  # (n,) not withdrawn
    background: Background  # that the papers' words were read with
    version: int  # another one for other papers, texts or vectors
    take_offs: Sequence[TakeOff] = ()
    _windows: dict[tuple[date, int], Day] = field(default_factory=dict)

    def editions(self, today: date) -> list[date]:
        """Return the dates of the editions up to today that have papers here, the newest first."""
        days = np.unique(self.entries.day[self.entries.day <= today.toordinal()])
        return [date.fromordinal(day) for day in days[::-1].tolist()]

    def window(self, today: date, days: int) -> Day:
        """Return what loading.load gives for that day, as the papers here that are open."""
        if (today, days) not in self._windows:
            if len(self._windows) >= WINDOWS_KEPT:
                self._windows.clear()
            self._windows[today, days] = Day(self._window(today, days))
        return self._windows[today, days]

    def _window(self, today: date, days: int) -> Candidates:
        window = span(today, days)
        first, last = (day.toordinal() for day in window)
        mine = (self.entries.day >= first) & (self.entries.day <= last)
        newest = np.zeros(len(self.candidates.ids), dtype=np.int64)
        np.maximum.at(newest, self.entries.at[mine], self.entries.day[mine])
        is_open = self.shown & (newest > 0)
        is_open[self.entries.at[mine & self.entries.hidden]] = False
        featured = np.zeros_like(is_open)
        featured[self.entries.at[mine & self.entries.featured]] = True
        return replace(
            self.candidates,
            featured=featured,
            age=np.where(is_open, last - newest, 0),
            works=self._works(is_open),
            words=replace(self.candidates.words, everyday=evidence.everyday_among(self.candidates.words, is_open)),
            took_off=take_offs.between(self.take_offs, *window),
            open=is_open,
        )

    def _works(self, is_open: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Return (n,) the works among open papers: a part that is not in question joins no others."""
        positions, numbers = np.flatnonzero(is_open), np.full(len(is_open), -1, dtype=np.int64)
        titles = [self.candidates.texts.plain[at].partition(BREAK)[0] for at in positions]
        found = works(titles, [list(self.candidates.authors.of[at].values()) for at in positions])
        numbers[positions[found >= 0]] = positions[found[found >= 0]]
        return numbers


def days() -> int:
    """Return how many days a stretch has."""
    return max(DAYS, settings.CANDIDATE_DAYS)


def load(today: date) -> Stretch:
    """Load the papers of the days that end today by the serving model, MOST of them at most; none without a model."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return refreshed(loading.empty(0), no_background(0), next(_versions), today=today)
    rows = _papers(today, model)
    found = loading.sound(rows, lambda read: loading.with_vectors(read, today, model), "vector")
    empty = replace(loading.empty(model.dimension), model=model)
    return refreshed(found or empty, background.current(model), next(_versions), today=today)


def _papers(today: date, model: EmbeddingModel) -> QuerySet[Paper]:
    entries = EditionEntry.objects.filter(paper=OuterRef("pk"), edition__date__range=span(today, days()))
    vectors = PaperVector.objects.filter(model=model, paper=OuterRef("pk")).values("vector")
    here = Paper.objects.filter(Exists(entries))
    oldest = here.order_by("-pk").values_list("pk", flat=True)[MOST - 1 : MOST].first() or 0
    columns = {"featured": Value(False, BooleanField()), "newest": Value(today, DateField())}
    return here.filter(pk__gte=oldest).annotate(**columns, vector=Subquery(vectors)).exclude(vector=None)


def refreshed(candidates: Candidates, learned: Background, version: int, *, today: date) -> Stretch:
    """Return a stretch of papers that were loaded before, with today's trends, entries and take-offs.

    At most four queries.
    """
    place_of = {key: at for at, key in enumerate(candidates.ids.tolist())}
    entries = EditionEntry.objects.filter(edition__date__range=span(today, days()))
    papers = Paper.objects.filter(Exists(entries.filter(paper=OuterRef("pk"))))
    trend, shown = np.full(len(place_of), np.nan, dtype=np.float32), np.zeros(len(place_of), dtype=np.bool_)
    for key, its_trend, withdrawn_on in papers.values_list("pk", "trend", "withdrawn_on"):
        if (at := place_of.get(key)) is not None:
            trend[at], shown[at] = its_trend, withdrawn_on is None
    risen = take_offs.load(*span(today, days()))
    return Stretch(replace(candidates, trend=trend), _entries(entries, place_of), shown, learned, version, risen)


def _entries(entries: QuerySet[EditionEntry], place_of: Mapping[int, int]) -> Entries:
    rows = entries.values_list("paper", "edition__date", "hidden", "featured")
    kept = [(place_of[paper], day.toordinal(), *flags) for paper, day, *flags in rows if paper in place_of]
    at, day, hidden, featured = np.array(kept, dtype=np.int64).reshape(-1, 4).T
    return Entries(at, day, hidden.astype(np.bool_), featured.astype(np.bool_))
