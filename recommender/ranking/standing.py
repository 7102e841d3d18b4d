"""How the candidates of a day stand with the readers of a batch: arrays of all readers' pairs at once.

Most candidates are far from whatever a reader cares about. By a bound that costs little these are left out, and what
is exact is worked out for the few that may be picked or nearly were: pairs of a reader and a candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.authorship import followed_candidates, known_authors
from recommender.ranking.day import FEATURED_LEEWAY, Day
from recommender.ranking.feedback import lowered_by, lowering
from recommender.ranking.reader import Candidates, Reader
from recommender.vectors import Matrix, Vector

# What a subject of few of an interest's papers loses against one of many where papers are put in order, times the
# logarithm of its share: one stray paper of a library does not weigh as much as the other forty.
SHARE_WEIGHT = 0.05
LEAST_SHARE = 0.02
FOLLOWED_GAIN = 0.15  # what somebody whom the reader follows wrote comes whatever it is on, and first
TREND_POWER = 0.5  # at full trend weight the most noticed paper gains half of its relevance, the least loses half
NEAR_MISS_DEPTH = 0.10  # further below the floor than this, nothing is a near miss

Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """What r readers ask of a day with n candidates."""

    readers: Sequence[Reader]
    day: Day
    relevance: Matrix  # (u, n) to distinct subjects
    counts: Places  # (r,) how many subjects each reader has
    rows: Places  # (r, k) which of the distinct ones these are
    prior: Matrix  # (r, k) what they lose by their shares, all of it where a reader has fewer
    known: tuple[Places, Vector]  # by whom a reader knows: (m,) numbers of pairs, and what these gain

    @property
    def n(self) -> int:
        return len(self.day.candidates.ids)


@dataclass(frozen=True, slots=True)
class Facets:
    """The subjects of a reader, of all interests and then of names that they follow, in this order."""

    interests: list[int | None]  # of each its interest; None for a reader of whom nothing is known
    rows: list[int]  # of each its place in the interest
    shares: list[float]  # of each in its interest

    def add(self, interest: int | None) -> int:
        """Add one that is no part of an interest, such as a followed name, and return its place."""
        self.interests.append(interest)
        self.rows.append(0)
        self.shares.append(1.0)
        return len(self.shares) - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """Pairs (p,) of a reader and a candidate, reader by reader."""

    owner: Places  # which reader
    at: Places  # which candidate
    relevance: Vector  # to the best subject
    score: Vector
    subject: Places  # the best one, by its place in the reader's facets
    fit: Mask  # near enough to be picked, or by somebody whom the reader follows
    near: Mask  # near enough to be a near miss

    def take(self, order: NDArray[np.intp]) -> Standing:
        return Standing(*(getattr(self, name)[order] for name in Standing.__slots__))

    def best_first(self) -> Standing:
        """Put each reader's pairs in order, of equal ones the one that stands first."""
        return self.take(np.lexsort((-self.score, self.owner)))

    def with_(self, others: Standing) -> Standing:
        both = (np.concatenate([getattr(self, name), getattr(others, name)]) for name in Standing.__slots__)
        return Standing(*both)


def asked(readers: Sequence[Reader], day: Day, relevance: Matrix, rows: Sequence[int]) -> Asked:
    """Join the readers with (u, n) relevance; rows say which of them belongs to each subject of each reader."""
    shares = [[one.share for interest in reader.interests for one in interest.subjects] for reader in readers]
    counts = np.array([len(mine) for mine in shares], dtype=np.int64)
    held = np.arange(max(1, counts.max(initial=0))) < counts[:, np.newaxis]
    places, prior = np.zeros(held.shape, dtype=np.int64), np.full(held.shape, -np.inf, dtype=np.float32)
    places[held] = rows
    flat = np.array([share for mine in shares for share in mine], dtype=np.float32)
    prior[held] = SHARE_WEIGHT * np.log(np.maximum(flat, LEAST_SHARE))
    return Asked(readers, day, relevance, counts, places, prior, known_authors(readers, day.candidates))


def facets_of(reader: Reader) -> Facets:
    """Return the reader's subjects, without names."""
    facets = Facets([], [], [])
    for at, interest in enumerate(reader.interests):
        facets.interests.extend([at] * len(interest.subjects))
        facets.rows.extend(range(len(interest.subjects)))
        facets.shares.extend([one.share for one in interest.subjects])
    return facets


def standing(asked: Asked, facets: Sequence[Facets], open_to: Mask) -> Standing:
    """Return the pairs that may be picked or be near misses, of those that are open (r, n); candidates ascending.

    Followed names that are on some candidate are added to the readers' facets.
    """
    return judged(asked, np.flatnonzero(_may_count(asked, open_to)), facets)


def _may_count(asked: Asked, open_to: Mask) -> Mask:
    """Return (r, n) which pairs are near enough by a bound, or by somebody whom the reader follows."""
    bound = _nearest(asked)
    numbers, gains = asked.known
    bound.reshape(-1)[numbers] += gains
    # At this depth is also whatever the curator featured.
    least = [reader.floor - max(NEAR_MISS_DEPTH, FEATURED_LEEWAY) for reader in asked.readers]
    mask = open_to & (bound >= np.array(least, dtype=np.float32)[:, np.newaxis])
    for at, reader in enumerate(asked.readers):
        for _, written in followed_candidates(reader, asked.day.candidates):
            mask[at, written] = open_to[at, written]
    return mask


def _nearest(asked: Asked) -> Matrix:
    """Return (r, n) the relevance to whichever subject is nearest, 0 for a reader without any."""
    order = np.argsort(-asked.counts, kind="stable")
    sorted_ = np.zeros((len(order), asked.n), dtype=np.float32)
    for nth in range(asked.counts.max(initial=0)):
        have = int((asked.counts > nth).sum())
        rows = asked.relevance[asked.rows[order[:have], nth]]
        np.maximum(sorted_[:have], rows, out=sorted_[:have]) if nth else np.copyto(sorted_[:have], rows)
    nearest = np.empty_like(sorted_)
    nearest[order] = sorted_
    return nearest


def judged(asked: Asked, pairs: Places, facets: Sequence[Facets] = ()) -> Standing:
    """Return how pairs stand, given by ascending numbers (p,) owner · n + candidate.

    Without facets as if nobody followed a name.
    """
    owner, at = np.divmod(pairs, max(1, asked.n))
    starts = np.searchsorted(owner, np.arange(len(asked.readers) + 1))
    subject, nearest, prior = _best(asked, owner, at)
    relevance = nearest + _by_known(asked, pairs) - _lowered(asked, at, starts)
    value, followed = relevance + prior, np.zeros(len(pairs), dtype=np.bool_)
    for mine, (start, end) in enumerate(pairwise(starts.tolist())) if facets else ():
        part = slice(start, end)
        _follow(asked.readers[mine], facets[mine], asked.day, (at[part], value[part], subject[part], followed[part]))
        if not facets[mine].shares:
            facets[mine].add(None)
    floors = np.array([reader.floor for reader in asked.readers], dtype=np.float64)[owner]
    featured = asked.day.candidates.featured[at]
    fit = followed | (relevance >= np.where(featured, floors - FEATURED_LEEWAY, floors))
    near = relevance >= (floors - NEAR_MISS_DEPTH).astype(np.float32)
    if followed.any():
        raised = np.maximum(value, floors.astype(np.float32)) + np.float32(FOLLOWED_GAIN)
        value = np.where(followed, raised, value)
    return Standing(owner, at, relevance, _score(asked, owner, at, value), subject, fit, near)


def _best(asked: Asked, owner: Places, at: Places) -> tuple[Places, Vector, Vector]:
    """Return (p,) the subject that is best with its prior, how near it is without, and the prior; 0 without any."""
    relevance = asked.relevance.reshape(-1)
    if not len(relevance):
        nothing = np.zeros(len(owner), dtype=np.float32)
        return np.zeros(len(owner), dtype=np.int64), nothing, nothing
    near, priors = relevance[asked.rows[owner] * asked.n + at[:, np.newaxis]], asked.prior[owner]
    best = (near + priors).argmax(axis=1)
    each, none = np.arange(len(owner)), asked.counts[owner] == 0
    return best, np.where(none, 0, near[each, best]), np.where(none, 0, priors[each, best])


def _by_known(asked: Asked, pairs: Places) -> Vector:
    """Return (p,) what pairs gain by authors whom the reader knows."""
    numbers, gains = asked.known
    gained = np.zeros(len(pairs), dtype=np.float32)
    if len(numbers) and len(pairs):
        found = np.searchsorted(pairs, numbers).clip(max=len(pairs) - 1)
        is_here = pairs[found] == numbers
        gained[found[is_here]] = gains[is_here]
    return gained


def _lowered(asked: Asked, at: Places, starts: Places) -> Vector:
    """Return (p,) what pairs lose by papers that the reader wants less of."""
    candidates = asked.day.candidates
    lost = np.zeros(len(at), dtype=np.float32)
    for mine, reader in enumerate(asked.readers):
        if reader.less is not None and len(reader.less.vectors):
            part = slice(starts[mine], starts[mine + 1])
            cosines = reader.less.cosines(candidates.vectors)[:, at[part]]
            lost[part] = lowering(cosines, reader.less.weights, candidates.scales.papers)
    return lost


def _follow(reader: Reader, facets: Facets, day: Day, pairs: tuple[Places, Vector, Places, Mask]) -> None:
    """Give what followed names wrote to these, in the reader's own pairs: candidates, value, subject and followed."""
    at, value, subject, followed = pairs
    most = max(1, day.places_for(reader) // max(1, len(reader.interests)))
    for interest, written in followed_candidates(reader, day.candidates):
        mine = np.flatnonzero(np.isin(at, written))
        # The best of one name: a lab with ten papers a day must not fill the digest.
        best = mine[np.argsort(-value[mine], kind="stable")[:most]]
        subject[best], followed[best] = facets.add(interest), True


def _score(asked: Asked, owner: Places, at: Places, value: Vector) -> Vector:
    """Return (p,) value · (1 + ½ · trend weight · (2 · trend − 1)), and more for what the curator featured."""
    weights = np.array([TREND_POWER * reader.trend_weight for reader in asked.readers], dtype=np.float32)
    gain = 1 + weights[owner] * asked.day.shared.rise[at]
    return np.asarray(value * gain * asked.day.shared.raised[at], dtype=np.float32)


def cold_standing(readers: Sequence[Reader], day: Day, open_to: Mask, most: Sequence[int]) -> Standing:
    """Return the best pairs of those that are open (r, n) to r readers of whom nothing is known, so many of each.

    By trend, and by date where the trend is unknown.
    """
    by_trend = _cold_scores(day.candidates)
    same = np.argsort(-by_trend.astype(np.float32), kind="stable")
    owner, at, score = list[NDArray[np.int64]](), list[NDArray[np.int64]](), list[Vector]()
    for number, (reader, mine, size) in enumerate(zip(readers, open_to, most, strict=True)):
        lowered = (by_trend - _lost(reader, day.candidates)).astype(np.float32)
        order = np.argsort(-lowered, kind="stable") if reader.less is not None else same
        best = order[mine[order]][:size]
        owner.append(np.full(len(best), number, dtype=np.int64))
        at.append(best)
        score.append(lowered[best])
    positions = np.concatenate(at)
    return Standing(
        owner=np.concatenate(owner),
        at=positions,
        relevance=np.zeros(len(positions), dtype=np.float32),
        score=np.concatenate(score),
        subject=np.zeros(len(positions), dtype=np.int64),
        fit=np.ones(len(positions), dtype=np.bool_),
        near=np.zeros(len(positions), dtype=np.bool_),
    )


def _cold_scores(candidates: Candidates) -> NDArray[np.float64]:
    freshness = 1 / (1 + candidates.age.clip(min=0))  # 1 today, falling with the days
    known = ~np.isnan(candidates.trend)
    score = np.where(known, 1 + np.nan_to_num(candidates.trend), 0.5 * freshness)
    return score + candidates.featured


def _lost(reader: Reader, candidates: Candidates) -> Vector | float:
    return lowered_by(reader.less, candidates.vectors, candidates.scales.papers) if reader.less is not None else 0.0
