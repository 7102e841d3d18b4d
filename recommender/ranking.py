"""Orders the day's candidates for a batch of readers: pure arithmetic on arrays, no database and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender import evidence
from recommender.acquaintance import acquainted, follows, follows_among
from recommender.exploration import is_new, most_noticed, outside_of
from recommender.feedback import lowered_by
from recommender.fusion import bent
from recommender.reader import Candidates, Pick, Ranking, Reader
from recommender.selection import Chosen, Facets, choose, one_subject
from recommender.subjects import Subject
from recommender.vectors import Matrix, Vector

# A paper is more similar to any other paper than a topic's description is: on twelve days of arXiv listings the 95th
# and 99th percentiles of these similarities lie .12 to .08 apart, and the offset puts papers on the topics' scale, so
# that one floor fits. A short text is less similar to everything, by .07; but read one by one, the papers that an
# offset of as much would let in were fillers, so a text is given none.
# They are constants and not the day's own mean and deviation, because a day without one fitting paper must stay empty.
OFFSETS = {"topic": 0.0, "text": 0.0, "papers": -0.08, "feedback": -0.08}
# What a subject of few of an interest's papers loses against one of many where papers are put in order, times the
# logarithm of its share: one stray paper of a library does not weigh as much as the other forty.
SHARE_WEIGHT = 0.05
LEAST_SHARE = 0.02
FOLLOWED_GAIN = 0.15  # what somebody whom the reader follows wrote comes whatever it is on, and first

TREND_POWER = 0.5  # at full trend weight the most noticed paper gains half of its relevance, the least loses half
FEATURED_GAIN = 1.15
FEATURED_LEEWAY = 0.05  # a paper featured by the curator may lie this far below the reader's floor
NEAR_MISSES = 5
NEAR_MISS_DEPTH = 0.10  # further below the floor than this, nothing is a near miss


@dataclass(frozen=True, slots=True)
class _View:
    """How the candidates look to one reader; s subjects, n candidates."""

    relevance: Vector  # (n,) to the best subject
    score: Vector  # (n,)
    facets: Facets
    places: Sequence[tuple[int, int]]  # of each subject its interest, and where it stands in it
    followed: NDArray[np.bool_]  # (n,) by somebody whom the reader follows


class _Day:
    """What the readers of a batch share of the candidates, computed once for all of them."""

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self.places = {key: at for at, key in enumerate(candidates.ids.tolist())}
        self.noticed = most_noticed(candidates)
        # As float64, like the floors below: to compare and to multiply in float32 would round otherwise.
        self.raised = np.where(candidates.featured, FEATURED_GAIN, 1.0)
        self.trend = np.where(np.isnan(candidates.trend), 0.5, candidates.trend)
        self.gains: dict[float, NDArray[Any]] = {}
        self.floors: dict[float, NDArray[np.float64]] = {}

    def gain(self, trend_weight: float) -> NDArray[Any]:
        """(n,) of relevance · (1 + ½·weight·(2·trend − 1)) the bracket, an unknown trend counting as the middle."""
        if trend_weight not in self.gains:
            self.gains[trend_weight] = 1 + TREND_POWER * trend_weight * (2 * self.trend - 1)
        return self.gains[trend_weight]

    def floor(self, floor: float) -> NDArray[np.float64]:
        """(n,) the relevance that each must have for a reader with that floor."""
        if floor not in self.floors:
            self.floors[floor] = np.where(self.candidates.featured, floor - FEATURED_LEEWAY, floor)
        return self.floors[floor]


def rank(readers: Sequence[Reader], candidates: Candidates) -> list[Ranking]:
    """One Ranking for each reader, in order; one dense and one sparse product for the whole batch."""
    if not len(candidates.ids):
        return [Ranking((), (), 0) for _ in readers]
    counts = [sum(len(interest.subjects) for interest in reader.interests) for reader in readers]
    found = _relevance_of_each([one for reader in readers for one in _subjects(reader)], candidates)
    blocks, day = np.split(found, np.cumsum(counts)[:-1]), _Day(candidates)
    return [_rank(reader, day, block) for reader, block in zip(readers, blocks, strict=True)]


def _subjects(reader: Reader) -> list[tuple[Subject, float]]:
    """The reader's subjects, each with the offset of its kind."""
    return [(one, OFFSETS.get(kind.kind, 0.0)) for kind in reader.interests for one in kind.subjects]


def _relevance_of_each(subjects: Sequence[tuple[Subject, float]], candidates: Candidates) -> Matrix:
    """As relevance; what several readers share, which is a topic that they follow, is multiplied once."""
    places: dict[tuple[int, float], int] = {}
    at = [places.setdefault((id(one), offset), len(places)) for one, offset in subjects]
    each = dict(zip(at, subjects, strict=True))
    return relevance(list(each.values()), candidates)[at]


def relevance(subjects: Sequence[tuple[Subject, float]], candidates: Candidates) -> Matrix:
    """s subjects and what is added to each → (s, n) relevance of the candidates."""
    if not subjects:
        return np.empty((0, len(candidates.ids)), dtype=np.float32)
    stacked = evidence.stacked([one for one, _ in subjects])
    found = evidence.relevance(stacked, candidates.vectors, candidates.words)
    found += np.array([offset for _, offset in subjects], dtype=np.float32)[:, np.newaxis]
    return bent(found)


def scores(reader: Reader, candidates: Candidates) -> Vector:
    """(n,) by which a reader with interests has the candidates in order, before anything is left out or varied."""
    everything = np.ones(len(candidates.ids), dtype=np.bool_)
    return _view(reader, _Day(candidates), relevance(_subjects(reader), candidates), everything).score


def _rank(reader: Reader, day: _Day, found: Matrix) -> Ranking:
    candidates = day.candidates
    unseen = candidates.texts.allowed(reader.required, reader.excluded, len(candidates.ids))
    unseen[[day.places[one] for one in reader.seen if one in day.places]] = False
    if not len(found) and not follows(reader):
        return _rank_cold(reader, candidates, unseen)
    view = _view(reader, day, found, unseen)
    fit = unseen & (view.followed | (view.relevance >= day.floor(reader.floor)))
    outside = outside_of(reader, day.noticed, unseen & ~fit)
    chosen = choose(view.score, fit, view.facets, candidates.vectors, reader.size - len(outside))
    outside = [one for one in outside if chosen and is_new(one, chosen, candidates.vectors)]
    near = unseen & (view.relevance >= reader.floor - NEAR_MISS_DEPTH)
    misses = _near_misses(view.score, near, [*chosen, *outside])
    picks = [_pick(one, reader, candidates, view) for one in chosen]
    picks += [_outside_pick(one, candidates, view) for one in outside]
    return Ranking(tuple(picks), tuple(_pick(one, reader, candidates, view) for one in misses), int(unseen.sum()))


def _view(reader: Reader, day: _Day, found: Matrix, unseen: NDArray[np.bool_]) -> _View:
    candidates = day.candidates
    n = len(candidates.ids)
    places = [(at, row) for at, interest in enumerate(reader.interests) for row in range(len(interest.subjects))]
    shares = [one.share for interest in reader.interests for one in interest.subjects]
    prior = SHARE_WEIGHT * np.log(np.maximum(np.array(shares, dtype=np.float32), LEAST_SHARE))
    best, nearest = _best(found, prior, n)
    relevance = nearest + acquainted(reader, candidates) - lowered_by(reader.less, candidates.vectors)
    value = relevance + (prior[best] if shares else 0)
    followed = np.zeros(n, dtype=np.bool_)
    places_each = max(1, reader.size // max(1, len(reader.interests)))
    for interest_at, written in follows_among(reader, candidates):
        positions = _best_of(written[unseen[written]], value, places_each)
        best[positions], followed[positions] = len(places), True
        places.append((interest_at, 0))
        shares.append(1.0)
    if followed.any():
        value = np.where(followed, np.maximum(value, reader.floor) + FOLLOWED_GAIN, value)
    interests = np.array([interest for interest, _ in places], dtype=np.int64)
    facets = Facets(interests[best] if places else best, best, np.array(shares, dtype=np.float32))
    score = np.asarray(value * day.gain(reader.trend_weight) * day.raised, dtype=np.float32)
    return _View(relevance, score, facets, places, followed)


def _best(found: Matrix, prior: NDArray[Any], n: int) -> tuple[NDArray[np.int64], Vector]:
    """(s, n) and (s,) → (n,) which subject is best with its prior, and (n,) how near that one is without."""
    if not len(found):
        return np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.float32)
    best = (found + prior[:, np.newaxis]).argmax(axis=0)
    return best, found[best, np.arange(n)]


def _best_of(positions: NDArray[np.int32], value: Vector, most: int) -> NDArray[np.int32]:
    """What one name brings in: a lab that writes ten papers a day must not fill the digest, the rest comes later."""
    return positions[np.argsort(-value[positions], kind="stable")[:most]]


def _near_misses(score: Vector, near: NDArray[np.bool_], chosen: Sequence[Chosen]) -> list[Chosen]:
    """The best of what was not chosen, whether it lies just below the floor or no room was left."""
    rest = near.copy()
    for one in chosen:
        rest[[one.at, *one.folded]] = False
    left = np.flatnonzero(rest)
    return [Chosen(int(at)) for at in left[np.argsort(-score[left], kind="stable")][:NEAR_MISSES]]


def _pick(one: Chosen, reader: Reader, candidates: Candidates, view: _View) -> Pick:
    interest_at, subject_at = view.places[int(view.facets.subject[one.at])]
    return Pick(
        paper_id=int(candidates.ids[one.at]),
        score=float(view.score[one.at]),
        relevance=float(view.relevance[one.at]),
        trend=_trend(candidates, one.at),
        interest_id=reader.interests[interest_at].id,
        interest_at=interest_at,
        subject_at=subject_at,
        at=one.at,
        folded=tuple(int(candidates.ids[at]) for at in one.folded),
    )


def _outside_pick(one: Chosen, candidates: Candidates, view: _View) -> Pick:
    nearness, score = float(view.relevance[one.at]), float(view.score[one.at])
    return replace(_cold_pick(one, candidates, score), relevance=nearness, explored=True)


def _rank_cold(reader: Reader, candidates: Candidates, unseen: NDArray[np.bool_]) -> Ranking:
    """Nothing is known of this reader: trend decides, and among papers of unknown trend the newest."""
    freshness = 1 / (1 + candidates.age.clip(min=0))  # 1 today, falling with the days
    known = ~np.isnan(candidates.trend)
    score = np.where(known, 1 + np.nan_to_num(candidates.trend), 0.5 * freshness)
    score = (score + candidates.featured - lowered_by(reader.less, candidates.vectors)).astype(np.float32)
    chosen = choose(score, unseen, one_subject(len(candidates.ids)), candidates.vectors, reader.size)
    picks = tuple(_cold_pick(one, candidates, float(score[one.at])) for one in chosen)
    return Ranking(picks, (), int(unseen.sum()))


def _cold_pick(one: Chosen, candidates: Candidates, score: float) -> Pick:
    return Pick(
        paper_id=int(candidates.ids[one.at]),
        score=score,
        relevance=0.0,
        trend=_trend(candidates, one.at),
        interest_id=None,
        interest_at=None,
        subject_at=0,
        at=one.at,
        folded=tuple(int(candidates.ids[at]) for at in one.folded),
    )


def _trend(candidates: Candidates, at: int) -> float | None:
    trend = float(candidates.trend[at])
    return None if np.isnan(trend) else trend
