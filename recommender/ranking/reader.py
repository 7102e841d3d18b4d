"""The input and output of ranking: readers, a day's candidates, picks. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.cosines import AS_MEASURED, Calibration
from recommender.ranking.evidence import PaperTerms, paper_terms
from recommender.ranking.feedback import Rated
from recommender.ranking.interest_clusters import Subject
from recommender.vectors import Matrix, Vector
from recommender.words.authors import Authors
from recommender.words.phrases import Phrases
from recommender.words.terms import Texts

if TYPE_CHECKING:
    from recommender.models import EmbeddingModel

MOST_SUBJECTS = 16  # of a reader
# Maximal marginal relevance (Carbonell and Goldstein, 1998): this share for the score, the rest against redundancy.
RELEVANCE_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class ReaderInterest:
    id: int
    kind: str  # "topic", "text", "papers", "feedback"; "author" and "lab" have a name for label and no subjects
    label: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Reader:
    key: int
    interests: tuple[ReaderInterest, ...]
    seen: frozenset[int]  # papers that were sent before
    size: int  # how many picks at most
    trend_weight: float  # 0: relevance alone; 1: trend counts most
    floor: float  # relevance below which nothing is picked
    less: Rated | None = None  # papers whose neighbourhood the reader wants less of
    required: tuple[str, ...] = ()  # terms of which a paper must hold one
    excluded: tuple[str, ...] = ()  # terms of which it must hold none
    plurals: bool = True  # terms meet their plurals too
    people: Mapping[str, int] = field(default_factory=dict)  # who wrote papers that the reader named or liked
    explore: bool = False  # one pick may come from outside the interests
    turn: int = 0  # whose turn it is among those who explore
    seconds: int | None = None  # of reading that the picks may take together; None: as long as they take
    relevance_share: float = RELEVANCE_SHARE  # the less, the more picks differ from each other


@dataclass(frozen=True, slots=True)
class TookOff:
    """How the attention of a paper rose days after it came."""

    since: date  # the first day on which it was counted
    then: int  # the count of that day
    now: int
    kind: str  # of count: "upvotes", "stars"


@dataclass(frozen=True, slots=True)
class Candidates:
    ids: NDArray[np.int64]  # (n,)
    vectors: Matrix  # (n, d) unit rows
    trend: Vector  # (n,) percentile 0 to 1, NaN where unknown
    featured: NDArray[np.bool_]  # (n,)
    age: NDArray[np.int64]  # (n,) days since the newest edition that has the paper
    texts: Texts = field(default_factory=Texts)  # (n,) titles and abstracts
    words: PaperTerms = field(default_factory=lambda: paper_terms([]))  # of the n texts
    authors: Authors = field(default_factory=Authors)
    labs: Phrases = field(default_factory=Phrases)  # (n,) who stands behind each
    works: NDArray[np.int64] | None = None  # (n,) the same number for all parts of a work, −1 for a work of one paper
    named: Mapping[str, int] = field(default_factory=dict)  # ids by the papers' identifiers
    model: EmbeddingModel | None = None  # whose vectors these are
    categories: Sequence[frozenset[str]] = ()  # (n,) of those without vectors
    took_off: Mapping[int, TookOff] = field(default_factory=dict)  # by key, of those that rose after their own day
    open: NDArray[np.bool_] | None = None  # (n,) which of them may be picked; None: all
    seconds: NDArray[np.int64] | None = None  # (n,) of reading; None: unknown, and then no reader's time is counted
    kept: list[Any] = field(default_factory=list, init=False, repr=False, compare=False)  # see recommender/ranking/day

    @property
    def scales(self) -> Calibration:
        return self.model.scales if self.model else AS_MEASURED


@dataclass(frozen=True, slots=True)
class Room:
    """So many papers, and where the reader said so, only so much to read."""

    papers: int
    seconds: int | None = None  # None: as long as the papers take
    relevance_share: float = RELEVANCE_SHARE  # of what decides; the rest is how much a paper differs from the others

    def beside(self, taken: Sequence[int], candidates: Candidates) -> Room:
        """Return what is left beside papers, by their positions, that were chosen otherwise."""
        if not taken:
            return self
        time = self.seconds
        if time is not None and candidates.seconds is not None:
            time -= int(candidates.seconds[list(taken)].sum())
        return Room(self.papers - len(taken), time, self.relevance_share)

    def places(self, usual: float) -> int:
        """Return how many papers of the usual length in seconds it holds, at least one."""
        return self.papers if self.seconds is None else max(1, min(self.papers, int(self.seconds // usual)))


def room_of(reader: Reader, candidates: Candidates) -> Room:
    """Return the reader's room; where nobody knows how long papers are, their number alone counts."""
    seconds = None if candidates.seconds is None else reader.seconds
    return Room(reader.size, seconds, reader.relevance_share)


class Pick(NamedTuple):
    paper_id: int
    score: float  # what it is ordered by
    relevance: float  # on the scale of a topic's cosines; 0 for a reader without interests
    trend: float | None
    interest_id: int | None  # None for a reader without interests, and for a paper from outside them
    interest_at: int | None  # the position of that interest among the reader's
    subject_at: int  # the interest's subject that is nearest
    at: int  # the paper's position among the candidates
    folded: tuple[int, ...] = ()  # near-duplicates and other parts of the work that gave way to this paper
    explored: bool = False  # from outside the interests


@dataclass(frozen=True, slots=True)
class Ranking:
    picks: tuple[Pick, ...]
    near_misses: tuple[Pick, ...]
    considered: int  # candidates that this reader had not seen and whose terms they allow


def within_limit(interests: Sequence[ReaderInterest], most: int = MOST_SUBJECTS) -> tuple[ReaderInterest, ...]:
    """Keep at most so many subjects in all: of each interest in turn the largest that is left."""
    room = [0] * len(interests)
    for _ in range(most):
        waiting = [at for at, interest in enumerate(interests) if room[at] < len(interest.subjects)]
        if not waiting:
            break
        room[min(waiting, key=lambda at: (room[at], at))] += 1
    return tuple(
        interest
        if room[at] == len(interest.subjects)
        else ReaderInterest(interest.id, interest.kind, interest.label, interest.subjects[: room[at]])
        for at, interest in enumerate(interests)
    )
