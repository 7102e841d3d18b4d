"""Order the day's candidates for a batch of readers: pure arithmetic on arrays, no database and no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.ranking import evidence
from recommender.ranking.authorship import followed_candidates, followed_names, known_author_gain
from recommender.ranking.feedback import lowered_by
from recommender.ranking.fusion import bent, support
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Candidates, Pick, Ranking, Reader, ReaderInterest
from recommender.ranking.selection import (
    LEAST_SIZE,
    Chosen,
    Facets,
    Room,
    choose,
    is_new,
    most_noticed,
    one_subject,
    outside_of,
    unwanted,
)
from recommender.vectors import Matrix, Vector

# A paper is more similar to any other paper than a topic's description is: on twelve days of arXiv listings the 95th
# and 99th percentiles of these similarities lie .12 to .08 apart, and the offset puts papers on the topics' scale, so
# that one floor fits. A short text is less similar to everything, by .07; but read one by one, the papers that an
# offset of as much would let in were fillers, so a text is given none.
# They are constants and not the day's own mean and deviation, because a day without one fitting paper must stay empty.
OFFSETS = {"topic": 0.0, "text": 0.0, "papers": -0.08, "feedback": -0.08}
WRITTEN = "text"  # the kind of which a paper must have words, or else be nearer
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


class Day:
    """What all readers share of the candidates of a day, computed once for all of them."""

    def __init__(self, candidates: Candidates) -> None:
        self.candidates = candidates
        self.places = {key: at for at, key in enumerate(candidates.ids.tolist())}
        self.noticed = most_noticed(candidates)
        # As float64, like the floors below: to compare and to multiply in float32 would round otherwise.
        self.raised = np.where(candidates.featured, FEATURED_GAIN, 1.0)
        self.trend = np.where(np.isnan(candidates.trend), 0.5, candidates.trend)
        self.gains: dict[float, NDArray[Any]] = {}
        self.floors: dict[float, NDArray[np.float64]] = {}
        self.usual_seconds = _usual_seconds(candidates)

    def places_for(self, reader: Reader) -> int:
        """Return how many papers of the usual length the reader has room for."""
        return _room(reader, self.candidates).places(self.usual_seconds)

    def gain(self, trend_weight: float) -> NDArray[Any]:
        """Return (n,) the factor 1 + ½·weight·(2·trend − 1) of relevance; an unknown trend counts as the middle."""
        if trend_weight not in self.gains:
            self.gains[trend_weight] = 1 + TREND_POWER * trend_weight * (2 * self.trend - 1)
        return self.gains[trend_weight]

    def floor(self, floor: float) -> NDArray[np.float64]:
        """Return (n,) the relevance that each must have for a reader with that floor."""
        if floor not in self.floors:
            self.floors[floor] = np.where(self.candidates.featured, floor - FEATURED_LEEWAY, floor)
        return self.floors[floor]


def _usual_seconds(candidates: Candidates) -> float:
    """Return the median reading time of what may be picked; 1 where none is known."""
    seconds = candidates.seconds if candidates.seconds is not None else np.empty(0)
    if candidates.open is not None and len(seconds):
        seconds = seconds[candidates.open]
    return float(np.median(seconds)) if len(seconds) else 1.0


def _room(reader: Reader, candidates: Candidates) -> Room:
    """Return how much the reader is given; where nobody knows how long papers are, their number alone counts."""
    seconds = None if candidates.seconds is None else reader.seconds
    return Room(reader.size, seconds, reader.relevance_share)


def rank(readers: Sequence[Reader], candidates: Candidates) -> list[Ranking]:
    """Return one Ranking for each reader, in order; one dense and one sparse product for the whole batch."""
    if not len(candidates.ids):
        return [Ranking((), (), 0) for _ in readers]
    counts = [sum(len(interest.subjects) for interest in reader.interests) for reader in readers]
    relevance_rows = _relevance_of_each([subject for reader in readers for subject in _subjects(reader)], candidates)
    blocks, day = np.split(relevance_rows, np.cumsum(counts)[:-1]), Day(candidates)
    return [rank_one(reader, day, block) for reader, block in zip(readers, blocks, strict=True)]


def _subjects(reader: Reader) -> list[tuple[Subject, str]]:
    """Return the reader's subjects, each with its kind."""
    return [(subject, interest.kind) for interest in reader.interests for subject in interest.subjects]


def _relevance_of_each(subjects: Sequence[tuple[Subject, str]], candidates: Candidates) -> Matrix:
    """Return what `relevance` returns, but multiply a topic that several readers follow only once."""
    places: dict[tuple[int, str], int] = {}
    rows = [places.setdefault((id(subject), kind), len(places)) for subject, kind in subjects]
    each = dict(zip(rows, subjects, strict=True))
    return relevance(list(each.values()), candidates)[rows]


def relevance(subjects: Sequence[tuple[Subject, str]], candidates: Candidates) -> Matrix:
    """Return (s, n) relevance of the candidates to s subjects, each with the kind of its interest."""
    if not subjects:
        return np.empty((0, len(candidates.ids)), dtype=np.float32)
    stacked = evidence.stacked([subject for subject, _ in subjects])
    nearness = evidence.relevance(stacked, candidates.vectors, candidates.words)
    nearness += np.array([OFFSETS.get(kind, 0.0) for _, kind in subjects], dtype=np.float32)[:, np.newaxis]
    if written := [at for at, one in enumerate(subjects) if needs_words(*one, candidates)]:
        texts = evidence.stacked([subjects[at][0] for at in written])
        nearness[written] += support(evidence.words(texts, candidates.words))
    return bent(nearness)


def needs_words(subject: Subject, kind: str, candidates: Candidates) -> bool:
    """Tell whether papers without its words are less relevant: a text's, if it has words that papers are known by."""
    return kind == WRITTEN and bool(len(subject.terms.keys)) and bool(len(candidates.words.ids))


def rows_of(interest: ReaderInterest, candidates: Candidates) -> Matrix:
    """Return (s, n) relevance of the candidates to the s subjects of one interest."""
    return relevance([(subject, interest.kind) for subject in interest.subjects], candidates)


def scores(reader: Reader, candidates: Candidates) -> Vector:
    """Return the (n,) scores that order the candidates for a reader with interests, before anything is left out."""
    everything = np.ones(len(candidates.ids), dtype=np.bool_)
    return _view(reader, Day(candidates), relevance(_subjects(reader), candidates), everything).score


def rank_one(reader: Reader, day: Day, relevance_rows: Matrix) -> Ranking:
    """Rank for one reader, of whose s subjects (s, n) relevance is known."""
    candidates = day.candidates
    n, terms = len(candidates.ids), (reader.required, reader.excluded)
    unseen = candidates.texts.allowed(*terms, n, plurals=reader.plurals) & ~unwanted(reader, candidates)
    if candidates.open is not None:
        unseen &= candidates.open
    unseen[[day.places[one] for one in reader.seen if one in day.places]] = False
    if not len(relevance_rows) and not followed_names(reader):
        return _rank_cold(reader, candidates, unseen)
    view = _view(reader, day, relevance_rows, unseen)
    fit = unseen & (view.followed | (view.relevance >= day.floor(reader.floor)))
    outside = outside_of(reader, day.noticed, unseen & ~fit, day.places_for(reader))
    chosen = choose(view.score, fit, view.facets, candidates, _room(reader, candidates).beside(outside, candidates))
    outside = [one for one in outside if len(chosen) >= LEAST_SIZE - 1 and is_new(one, chosen, candidates)]
    near = unseen & (view.relevance >= reader.floor - NEAR_MISS_DEPTH)
    misses = _near_misses(view.score, near, [*chosen, *outside])
    picks = [_pick(one, reader, candidates, view) for one in chosen]
    picks += [_outside_pick(one, candidates, view) for one in outside]
    return Ranking(tuple(picks), tuple(_pick(one, reader, candidates, view) for one in misses), int(unseen.sum()))


def _view(reader: Reader, day: Day, relevance_rows: Matrix, unseen: NDArray[np.bool_]) -> _View:
    candidates = day.candidates
    n = len(candidates.ids)
    places = [(at, row) for at, interest in enumerate(reader.interests) for row in range(len(interest.subjects))]
    shares = [subject.share for interest in reader.interests for subject in interest.subjects]
    prior = SHARE_WEIGHT * np.log(np.maximum(np.array(shares, dtype=np.float32), LEAST_SHARE))
    best, nearest = _best(relevance_rows, prior, n)
    relevance = (
        nearest
        + known_author_gain(reader, candidates)
        - lowered_by(reader.less, candidates.vectors, candidates.scales.papers)
    )
    value = relevance + (prior[best] if shares else 0)
    followed = np.zeros(n, dtype=np.bool_)
    places_each = max(1, day.places_for(reader) // max(1, len(reader.interests)))
    for interest_at, written in followed_candidates(reader, candidates):
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


def _best(relevance_rows: Matrix, prior: NDArray[Any], n: int) -> tuple[NDArray[np.int64], Vector]:
    """Return (n,) the subject that is best with its prior (s,), and (n,) how near it is without, from (s, n)."""
    if not len(relevance_rows):
        return np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.float32)
    best = (relevance_rows + prior[:, np.newaxis]).argmax(axis=0)
    return best, relevance_rows[best, np.arange(n)]


def _best_of(positions: NDArray[np.int32], value: Vector, most: int) -> NDArray[np.int32]:
    """Return the best positions of one name: a lab with ten papers a day must not fill the digest."""
    return positions[np.argsort(-value[positions], kind="stable")[:most]]


def _near_misses(score: Vector, near: NDArray[np.bool_], chosen: Sequence[Chosen]) -> list[Chosen]:
    """Return the best of what was not chosen, whether just below the floor or for lack of room."""
    rest = near.copy()
    for choice in chosen:
        rest[[choice.at, *choice.folded]] = False
    positions = np.flatnonzero(rest)
    return [Chosen(int(at)) for at in positions[np.argsort(-score[positions], kind="stable")][:NEAR_MISSES]]


def _pick(chosen: Chosen, reader: Reader, candidates: Candidates, view: _View) -> Pick:
    interest_at, subject_at = view.places[int(view.facets.subject[chosen.at])]
    return Pick(
        paper_id=int(candidates.ids[chosen.at]),
        score=float(view.score[chosen.at]),
        relevance=float(view.relevance[chosen.at]),
        trend=_trend(candidates, chosen.at),
        interest_id=reader.interests[interest_at].id,
        interest_at=interest_at,
        subject_at=subject_at,
        at=chosen.at,
        folded=tuple(int(candidates.ids[at]) for at in chosen.folded),
    )


def _outside_pick(chosen: Chosen, candidates: Candidates, view: _View) -> Pick:
    nearness, score = float(view.relevance[chosen.at]), float(view.score[chosen.at])
    return replace(_cold_pick(chosen, candidates, score), relevance=nearness, explored=True)


def _rank_cold(reader: Reader, candidates: Candidates, unseen: NDArray[np.bool_]) -> Ranking:
    """Rank for a reader of whom nothing is known: by trend, and by date where the trend is unknown."""
    freshness = 1 / (1 + candidates.age.clip(min=0))  # 1 today, falling with the days
    known = ~np.isnan(candidates.trend)
    score = np.where(known, 1 + np.nan_to_num(candidates.trend), 0.5 * freshness)
    score = (
        score + candidates.featured - lowered_by(reader.less, candidates.vectors, candidates.scales.papers)
    ).astype(np.float32)
    chosen = choose(score, unseen, one_subject(len(candidates.ids)), candidates, _room(reader, candidates))
    picks = tuple(_cold_pick(one, candidates, float(score[one.at])) for one in chosen)
    return Ranking(picks, (), int(unseen.sum()))


def _cold_pick(chosen: Chosen, candidates: Candidates, score: float) -> Pick:
    return Pick(
        paper_id=int(candidates.ids[chosen.at]),
        score=score,
        relevance=0.0,
        trend=_trend(candidates, chosen.at),
        interest_id=None,
        interest_at=None,
        subject_at=0,
        at=chosen.at,
        folded=tuple(int(candidates.ids[at]) for at in chosen.folded),
    )


def _trend(candidates: Candidates, position: int) -> float | None:
    trend = float(candidates.trend[position])
    return None if np.isnan(trend) else trend
