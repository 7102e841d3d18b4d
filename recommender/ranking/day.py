"""What all readers share of a day's candidates, worked out once and kept with them from one batch to the next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.diversity.likeness import Looked, Packed, Pooled, likeness, size
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Candidates, Reader, room_of
from recommender.vectors import Vector

FEATURED_GAIN = 1.15
FEATURED_LEEWAY = 0.05  # a paper featured by the curator may lie this far below the reader's floor
LEAST_TREND = 0.9  # a foreign paper is at least one that many looked at
MOST_KEPT = 2**20  # bytes of relevance to topics
MOST_ALIKE = 2**23  # bytes of how alike papers are: two thousand of them
MANY = 8  # readers, for whom it pays to compare all papers once


@dataclass(frozen=True, slots=True)
class Shared:
    """What follows from n candidates alone. It knows nothing of them, so that they go when nobody has them any more."""

    noticed: NDArray[np.int64]  # (m,) positions of those that many looked at, the most noticed first
    rise: Vector  # (n,) from −1, the least noticed, to 1; 0 where the trend is unknown
    raised: NDArray[np.float64]  # (n,) the factor of what the curator featured; its product is not rounded in between
    order: NDArray[np.int64]  # (n,) positions by ascending id
    usual_seconds: float
    topics: dict[tuple[int, str], tuple[Subject, Vector]] = field(default_factory=dict)  # relevance by subject and kind
    alike: list[Packed] = field(default_factory=list)  # one, once it was needed


class Day:
    """The candidates of a day with what all readers share of them."""

    __slots__ = ("candidates", "shared")

    def __init__(self, candidates: Candidates) -> None:
        if not candidates.kept:
            candidates.kept.append(_shared(candidates))
        self.candidates: Candidates = candidates
        self.shared: Shared = candidates.kept[0]

    def places(self, keys: Iterable[int]) -> NDArray[np.int64]:
        """Return (k,) positions of candidates by their ids, −1 for an id that is none of them."""
        ids, order = self.candidates.ids, self.shared.order
        wanted = np.fromiter(keys, dtype=np.int64)
        if not len(ids):
            return np.full(len(wanted), -1, dtype=np.int64)
        found = order[np.searchsorted(ids, wanted, sorter=order).clip(max=len(ids) - 1)]
        return np.where(ids[found] == wanted, found, -1)

    def places_for(self, reader: Reader) -> int:
        """Return how many papers of the usual length the reader has room for."""
        return room_of(reader, self.candidates).places(self.shared.usual_seconds)

    def floor(self, floor: float) -> NDArray[np.float64]:
        """Return (n,) the relevance that each must have for a reader with that floor."""
        return np.where(self.candidates.featured, floor - FEATURED_LEEWAY, floor)

    def keep_topic(self, subject: Subject, kind: str, relevance: Vector) -> None:
        """Keep the (n,) relevance to a topic, which many readers follow, while there is room."""
        if (len(self.shared.topics) + 1) * relevance.nbytes <= MOST_KEPT:
            # With the subject, so that no other one can have its identity.
            self.shared.topics[id(subject), kind] = subject, relevance.copy()

    def likeness(self, papers: NDArray[np.int64]) -> Pooled | Looked:
        """Return how alike the candidates at positions (r, m) are, from which r readers choose."""
        vectors, works, kept = self.candidates.vectors, self.candidates.works, self.shared.alike
        if not kept and len(papers) >= MANY and vectors.itemsize * size(len(vectors)) <= MOST_ALIKE:
            kept.append(Packed(vectors, works))
        if kept:
            return Looked(kept[0], papers)
        return Pooled(likeness(vectors[papers], None if works is None else works[papers]))


def _shared(candidates: Candidates) -> Shared:
    trend = np.where(np.isnan(candidates.trend), 0.5, candidates.trend)
    return Shared(
        noticed=most_noticed(candidates),
        rise=2 * trend - 1,
        raised=np.where(candidates.featured, FEATURED_GAIN, 1.0),
        order=np.argsort(candidates.ids, kind="stable"),
        usual_seconds=_usual_seconds(candidates),
    )


def most_noticed(candidates: Candidates) -> NDArray[np.int64]:
    """Return (m,) positions of the candidates that many looked at, the most noticed first, of equals the newest."""
    noticed = np.flatnonzero(candidates.trend >= LEAST_TREND)
    return noticed[np.lexsort((candidates.age[noticed], -candidates.trend[noticed]))]


def _usual_seconds(candidates: Candidates) -> float:
    """Return the median reading time of what may be picked; 1 where none is known."""
    seconds: NDArray[Any] = candidates.seconds if candidates.seconds is not None else np.empty(0)
    if candidates.open is not None and len(seconds):
        seconds = seconds[candidates.open]
    return float(np.median(seconds)) if len(seconds) else 1.0
