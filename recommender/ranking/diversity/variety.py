"""Choose among a pool of papers, best first, so that they differ and no interest starves: for many readers in lockstep.

A reader's pool has m papers, m the same for all of a batch; where a reader has fewer, the rest has a score of -inf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.cosines import CosineScale
from recommender.ranking.diversity.likeness import Looked, Pooled
from recommender.ranking.reader import Room
from recommender.ranking.standing import Facets
from recommender.vectors import Matrix

OWED = 2 / 3  # of the places; the rest goes to the best scores
Mask = NDArray[np.bool_]
Seconds = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pools:
    """The pools of r readers, best paper first, without those that gave way to others."""

    score: Matrix  # (r, m)
    subject: NDArray[np.int64]  # (r, m) by its place in the reader's facets
    alike: Pooled | Looked
    scale: CosineScale  # of how alike papers are

    def take(self, reader: int) -> Pools:
        """Return those of one reader."""
        one = slice(reader, reader + 1)
        return Pools(self.score[one], self.subject[one], self.alike.take(one), self.scale)

    def redundancy(self, places: NDArray[np.intp]) -> Matrix:
        """Return (r, m) how much of each pool the paper at (r,) places in it has said."""
        return np.asarray(self.scale.of(self.alike.to(places)))

    def fillable(self, subjects: int) -> NDArray[np.int64]:
        """Return (r, subjects) how many papers of each subject there are."""
        readers, width = len(self.score), max(1, subjects)
        numbers = (np.arange(readers)[:, np.newaxis] * width + self.subject)[np.isfinite(self.score)]
        return np.bincount(numbers, minlength=readers * width).reshape(readers, width)


def diverse(
    pools: Pools, owed: NDArray[np.int64], most: Sequence[int], relevance_shares: Sequence[float]
) -> list[list[int]]:
    """Choose greedily by maximal marginal relevance, so many for each of r readers, within what is still owed.

    owed (r, s) is how many places each subject has left, and is used up. Returns the places in each pool, as they were
    chosen.
    """
    each, left = np.arange(len(most)), owed.sum(axis=1)
    sizes, shares = np.array(most, dtype=np.int64), relevance_shares
    value = pools.score * np.array(shares, dtype=np.float32)[:, np.newaxis]
    others = np.array([1 - share for share in shares], dtype=np.float32)[:, np.newaxis]
    filled = np.minimum(sizes, np.isfinite(pools.score).sum(axis=1))
    redundancy, chosen = np.zeros_like(value), list[NDArray[Any]]()
    for turn in range(filled.max(initial=0)):
        worth = value - others * redundancy
        closed = np.take_along_axis(owed, pools.subject, axis=1) == 0
        worth[closed & (left >= sizes - turn)[:, np.newaxis]] = -np.inf
        best = worth.argmax(axis=1)
        chosen.append(best)
        value[each, best] = -np.inf
        subject = pools.subject[each, best]
        is_owed = owed[each, subject] > 0
        owed[each, subject] -= is_owed
        left -= is_owed
        np.maximum(redundancy, pools.redundancy(best), out=redundancy)
    found = np.array(chosen, dtype=np.int64).reshape(-1, len(each)).T.tolist()
    return [places[:size] for places, size in zip(found, filled.tolist(), strict=True)]


def within_time(pool: Pools, owed: NDArray[np.int64], facets: Facets, room: Room, seconds: Seconds) -> list[int]:
    """Choose for one reader as diverse does while there is time for one more; the first may take all of it.

    owed (s,) must be by the papers that the time allows; seconds (m,) each takes.
    """
    score, subject = pool.score[0], pool.subject[0]
    interest, usual, chosen = np.array(facets.interests)[subject], _usual(seconds[np.isfinite(score)]), list[int]()
    served = np.zeros(len(score), dtype=np.bool_)  # whose interest has a paper
    value, redundancy = room.relevance_share * score, np.zeros(len(score), dtype=np.float32)
    time = room.seconds or 0
    for _ in range(min(room.papers, len(score))):
        fits = np.isfinite(value) & ((seconds <= time) | (not chosen))
        if not fits.any():
            break
        allowed = _allowed(fits, served, owed[subject] > 0, int(owed.sum()) * usual >= time)
        best = int(np.where(allowed, value - (1 - room.relevance_share) * redundancy, -np.inf).argmax())
        chosen.append(best)
        value[best], time = -np.inf, time - int(seconds[best])
        owed[subject[best]] = max(0, owed[subject[best]] - 1)
        served |= interest == interest[best]
        np.maximum(redundancy, pool.redundancy(np.array([best]))[0], out=redundancy)
    return chosen


def places_in_time(room: Room, seconds: Seconds) -> int:
    """Return how many papers the room has time for, where those in question take (m,) seconds."""
    return room.places(_usual(seconds))


def _usual(seconds: Seconds) -> float:
    return float(np.median(seconds)) if len(seconds) else 1.0


def _allowed(fits: Mask, served: Mask, owed: Mask, scarce: bool) -> Mask:
    """Return of what fits (m,) what may come now: interests without a paper first, at last only what is owed."""
    for wanted in (fits & ~served, fits & owed if scarce else fits):
        if wanted.any():
            return wanted
    return fits


def owed(fillable: Sequence[int], facets: Facets, size: int) -> list[int]:
    """Return how many places each subject is owed, of those it can fill."""
    subjects_of: dict[int | None, list[int]] = {}
    for subject, (interest, fills) in enumerate(zip(facets.interests, fillable, strict=False)):
        if fills:
            subjects_of.setdefault(interest, []).append(subject)
    places = max(1, int(OWED * size) // max(1, len(subjects_of)))
    in_order = sorted(subjects_of.items(), key=_by_interest)
    turns = [_by_shares(mine, fillable, facets.shares, places) for _, mine in in_order]
    in_turn = [subject for turn in zip_longest(*turns) for subject in turn if subject is not None]
    owed = [0] * len(fillable)
    for subject in in_turn[:size]:
        owed[subject] += 1
    return owed


def _by_interest(both: tuple[int | None, list[int]]) -> int:
    return both[0] or 0


def _by_shares(mine: Sequence[int], fillable: Sequence[int], shares: Sequence[float], places: int) -> list[int]:
    """Return which subject of an interest gets each of its places: the one with the highest √share / (places held + 1).

    These are the highest averages of D'Hondt. The root is for the small ones: a subject of a fifth of the papers gets
    a third of the places, not a fifth.
    """
    if len(mine) == 1:
        return [mine[0]] * min(places, fillable[mine[0]])
    claim = {subject: sqrt(np.float32(shares[subject])) for subject in mine}
    held = dict.fromkeys(mine, 0)
    turn: list[int] = []
    for _ in range(min(places, sum(fillable[subject] for subject in mine))):
        waiting = [subject for subject in mine if held[subject] < fillable[subject]]
        best = max(waiting, key=lambda subject: claim[subject] / (held[subject] + 1))
        held[best] += 1
        turn.append(best)
    return turn
