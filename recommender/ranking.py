"""Orders the day's candidates for a batch of readers: pure arithmetic on arrays, no database and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recommender.feedback import Rated, faded, lowered_by
from recommender.interests import subjects
from recommender.selection import Chosen, choose
from recommender.terms import Texts
from recommender.vectors import Matrix, Vector

NEAREST = 3
# A paper is more similar to any other paper than a topic's description is: on twelve days of arXiv listings the 95th
# and 99th percentiles of these similarities lie .12 to .08 apart, and the offset puts papers on the topics' scale, so
# that one floor fits. A short text is less similar to everything, by .07; but read one by one, the papers that an
# offset of as much would let in were fillers, so a text is given none.
# They are constants and not the day's own mean and deviation, because a day without one fitting paper must stay empty.
OFFSETS = {"topic": 0.0, "text": 0.0, "papers": -0.08, "feedback": -0.08}

TREND_POWER = 0.5  # at full trend weight the most noticed paper gains half of its relevance, the least loses half
FEATURED_GAIN = 1.15
FEATURED_LEEWAY = 0.05  # a paper featured by the curator may lie this far below the reader's floor
NEAR_MISSES = 5
NEAR_MISS_DEPTH = 0.10  # further below the floor than this, nothing is a near miss


@dataclass(frozen=True, slots=True)
class ReaderInterest:
    id: int
    kind: str  # "topic", "text", "papers" or "feedback"
    label: str
    vectors: Matrix  # (k, d) unit rows
    papers: tuple[str, ...] = ()  # identifiers of the rows, where each row is one paper's own vector
    weights: Vector | None = None  # (k,) freshness of the rows, where they were said at different times


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


@dataclass(frozen=True, slots=True)
class Candidates:
    ids: NDArray[np.int64]  # (n,)
    vectors: Matrix  # (n, d) unit rows
    trend: Vector  # (n,) percentile 0 to 1, NaN where unknown
    featured: NDArray[np.bool_]  # (n,)
    age: NDArray[np.int64]  # (n,) days since the newest edition that has the paper
    texts: Texts = field(default_factory=Texts)  # (n,) titles and abstracts


@dataclass(frozen=True, slots=True)
class Pick:
    paper_id: int
    score: float  # what it is ordered by
    relevance: float  # cosine on the scale of topics, see OFFSETS; 0 for a reader without interests
    trend: float | None
    interest_id: int | None  # None for a reader without interests
    interest_at: int | None  # the position of that interest among the reader's
    nearest: int  # the row of the interest's vector that is nearest
    folded: tuple[int, ...] = ()  # near-duplicates that gave way to this paper


@dataclass(frozen=True, slots=True)
class Ranking:
    picks: tuple[Pick, ...]
    near_misses: tuple[Pick, ...]
    considered: int  # candidates that this reader had not seen and whose terms they allow


@dataclass(frozen=True, slots=True)
class _Evidence:
    """How the candidates look to one reader; i interests, n candidates."""

    interests: tuple[int, ...]  # positions of those that have vectors
    rows: tuple[Matrix, ...]  # per interest (k, n) cosines
    relevance: Vector  # (n,) of the best interest
    best: NDArray[np.int64]  # (n,) which of interests that is

    def facets(self) -> NDArray[np.int64]:
        """(2, n): the best interest of each candidate, and the row of it that is nearest."""
        nearest = np.zeros_like(self.best)
        for at, block in enumerate(self.rows):
            mine = self.best == at
            nearest[mine] = block[:, mine].argmax(axis=0)
        return np.stack([self.best, nearest])


def rank(readers: Sequence[Reader], candidates: Candidates) -> list[Ranking]:
    """One Ranking for each reader, in order; one matrix product for the whole batch."""
    if not len(candidates.ids):
        return [Ranking((), (), 0) for _ in readers]
    stacked = [interest.vectors for reader in readers for interest in reader.interests if len(interest.vectors)]
    rows: Matrix = np.concatenate(stacked) if stacked else np.empty((0, candidates.vectors.shape[1]), dtype=np.float32)
    similarities = rows @ candidates.vectors.T
    rankings, at = [], 0
    for reader in readers:
        count = sum(len(interest.vectors) for interest in reader.interests)
        rankings.append(_rank(reader, candidates, similarities[at : at + count]))
        at += count
    return rankings


def _rank(reader: Reader, candidates: Candidates, similarities: Matrix) -> Ranking:
    unseen = ~np.isin(candidates.ids, np.fromiter(reader.seen, dtype=np.int64))
    unseen &= candidates.texts.allowed(reader.required, reader.excluded, len(unseen))
    if not len(similarities):
        return _rank_cold(reader, candidates, unseen)
    evidence = _weigh(reader, similarities, lowered_by(reader.less, candidates.vectors))
    score = blend(evidence.relevance, candidates, reader.trend_weight)
    floor = np.where(candidates.featured, reader.floor - FEATURED_LEEWAY, reader.floor)
    fit = unseen & (evidence.relevance >= floor)
    chosen = choose(score, fit, evidence.facets(), candidates.vectors, reader.size)
    misses = _near_misses(score, unseen & (evidence.relevance >= reader.floor - NEAR_MISS_DEPTH), chosen)
    return Ranking(
        tuple(_pick(one, reader, candidates, evidence, score) for one in chosen),
        tuple(_pick(one, reader, candidates, evidence, score) for one in misses),
        int(unseen.sum()),
    )


def _weigh(reader: Reader, similarities: Matrix, lowered: Vector) -> _Evidence:
    held = tuple(at for at, interest in enumerate(reader.interests) if len(interest.vectors))
    ends = np.cumsum([len(reader.interests[at].vectors) for at in held])[:-1]
    blocks = np.split(similarities, ends)
    rows = tuple(faded(block, reader.interests[at].weights) for at, block in zip(held, blocks, strict=True))
    offsets = np.array([OFFSETS.get(reader.interests[at].kind, 0.0) for at in held], dtype=np.float32)
    relevance = np.stack([_closeness(reader.interests[at], block) for at, block in zip(held, rows, strict=True)])
    relevance += offsets[:, None]
    return _Evidence(held, rows, relevance.max(axis=0) - lowered, relevance.argmax(axis=0))


def _closeness(interest: ReaderInterest, rows: Matrix) -> Vector:
    """(k, n) cosines of an interest's vectors → (n,), by its nearest subject.

    The parts of a free text are subjects by themselves; papers are told apart by their vectors. Otherwise one paper
    on another subject would be outvoted by the rest of the list and nothing on its subject would ever be found.
    """
    if len(rows) == 1 or interest.kind == "text":
        return np.asarray(rows.max(axis=0))
    labels = subjects(interest.vectors)
    return np.asarray(np.max([mean_of_nearest(rows[labels == label]) for label in np.unique(labels)], axis=0))


def mean_of_nearest(rows: Matrix) -> Vector:
    """(k, n) → (n,) the mean of the largest three of each column (of all, where k is less)."""
    spare = len(rows) - NEAREST
    return np.asarray((rows if spare <= 0 else np.partition(rows, spare, axis=0)[spare:]).mean(axis=0))


def blend(relevance: Vector, candidates: Candidates, trend_weight: float) -> Vector:
    """(n,) relevance · (1 + ½·weight·(2·trend − 1)), an unknown trend counting as the middle, featured ones raised."""
    trend = np.nan_to_num(candidates.trend, nan=0.5)
    raised = np.where(candidates.featured, FEATURED_GAIN, 1.0)
    return np.asarray(relevance * (1 + TREND_POWER * trend_weight * (2 * trend - 1)) * raised, dtype=np.float32)


def _near_misses(score: Vector, near: NDArray[np.bool_], chosen: Sequence[Chosen]) -> list[Chosen]:
    """The best of what was not chosen, whether it lies just below the floor or no room was left."""
    rest = near.copy()
    for one in chosen:
        rest[[one.at, *one.folded]] = False
    left = np.flatnonzero(rest)
    return [Chosen(int(at)) for at in left[np.argsort(-score[left], kind="stable")][:NEAR_MISSES]]


def _pick(one: Chosen, reader: Reader, candidates: Candidates, evidence: _Evidence, score: Vector) -> Pick:
    best = int(evidence.best[one.at])
    interest_at = evidence.interests[best]
    return Pick(
        paper_id=int(candidates.ids[one.at]),
        score=float(score[one.at]),
        relevance=float(evidence.relevance[one.at]),
        trend=_trend(candidates, one.at),
        interest_id=reader.interests[interest_at].id,
        interest_at=interest_at,
        nearest=int(evidence.rows[best][:, one.at].argmax()),
        folded=tuple(int(candidates.ids[at]) for at in one.folded),
    )


def _rank_cold(reader: Reader, candidates: Candidates, unseen: NDArray[np.bool_]) -> Ranking:
    """Nothing is known of this reader: trend decides, and among papers of unknown trend the newest."""
    freshness = 1 / (1 + candidates.age.clip(min=0))  # 1 today, falling with the days
    known = ~np.isnan(candidates.trend)
    score = np.where(known, 1 + np.nan_to_num(candidates.trend), 0.5 * freshness)
    score = (score + candidates.featured - lowered_by(reader.less, candidates.vectors)).astype(np.float32)
    one_subject = np.zeros((2, len(candidates.ids)), dtype=np.int64)
    chosen = choose(score, unseen, one_subject, candidates.vectors, reader.size)
    picks = tuple(_cold_pick(one, candidates, score) for one in chosen)
    return Ranking(picks, (), int(unseen.sum()))


def _cold_pick(one: Chosen, candidates: Candidates, score: Vector) -> Pick:
    return Pick(
        paper_id=int(candidates.ids[one.at]),
        score=float(score[one.at]),
        relevance=0.0,
        trend=_trend(candidates, one.at),
        interest_id=None,
        interest_at=None,
        nearest=0,
        folded=tuple(int(candidates.ids[at]) for at in one.folded),
    )


def _trend(candidates: Candidates, at: int) -> float | None:
    trend = float(candidates.trend[at])
    return None if np.isnan(trend) else trend
