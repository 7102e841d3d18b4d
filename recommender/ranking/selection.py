"""Choose the few papers of a digest by their scores: each idea once, varied, no interest starves, one from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.reader import RELEVANCE_SHARE, Candidates, Reader
from recommender.vectors import Matrix, Vector

POOL = 50  # how deep diversity looks; below that a paper is too far from the best to be worth its difference
# Of 2,934 papers of twelve days, the six pairs from .85 up are two papers on one idea; at .80 to .84 they differ.
NEAR_DUPLICATE = 0.85
SPARE = 2  # of a subject's papers beyond its equal share: near-duplicates may take some away
OWED = 2 / 3  # of the places; the rest goes to the best scores
# One paper from outside a reader's interests, so that a digest does not close in on itself.
LEAST_SIZE = 5  # in a shorter digest every place belongs to the interests, and a thin day stays thin
AMONG = 10  # of the most noticed
LEAST_TREND = 0.9  # a foreign paper is at least one that many looked at


@dataclass(frozen=True, slots=True)
class Chosen:
    at: int  # position among the candidates
    folded: tuple[int, ...] = ()  # positions of near-duplicates and other parts of the work that gave way


@dataclass(frozen=True, slots=True)
class Facets:
    """Which of a reader's interests, and which of all their subjects, each candidate is nearest to."""

    interest: NDArray[np.int64]  # (n,)
    subject: NDArray[np.int64]  # (n,) positions among the subjects of all interests
    shares: Vector  # (s,) of each subject in its interest

    def at(self, positions: NDArray[np.int64]) -> Facets:
        return Facets(self.interest[positions], self.subject[positions], self.shares)


def one_subject(n: int) -> Facets:
    """Return facets of n candidates for a reader without subjects."""
    nothing = np.zeros(n, dtype=np.int64)
    return Facets(nothing, nothing, np.ones(1, dtype=np.float32))


def likeness(vectors: Matrix, works: NDArray[np.int64] | None = None) -> Matrix:
    """Return (n, n) how alike papers are: their cosine, and 1 for the parts of one work; from (n, d) and (n,)."""
    alike = vectors @ vectors.T
    if works is not None and (works >= 0).any():
        alike[(works[:, np.newaxis] == works) & (works >= 0)] = 1.0
    return alike


@dataclass(frozen=True, slots=True)
class Room:
    """How much a reader may be given: so many papers, and where they said so, only so much to read."""

    papers: int
    seconds: int | None = None  # None: as long as the papers take
    relevance_share: float = RELEVANCE_SHARE  # of what decides; the rest is how much a paper differs from the others

    def beside(self, taken: Sequence[Chosen], candidates: Candidates) -> Room:
        """Return what is left beside papers that were chosen otherwise."""
        time = self.seconds
        if time is not None and candidates.seconds is not None and taken:
            time -= int(candidates.seconds[[one.at for one in taken]].sum())
        return Room(self.papers - len(taken), time, self.relevance_share)

    def places(self, usual: float) -> int:
        """Return how many papers of the usual length in seconds it holds, at least one."""
        return self.papers if self.seconds is None else max(1, min(self.papers, int(self.seconds // usual)))


def choose(score: Vector, fit: NDArray[np.bool_], facets: Facets, candidates: Candidates, room: Room) -> list[Chosen]:
    """Choose of the n candidates that are fit (n,) what the room holds, best score (n,) first; one at least.

    Two thirds of the places are owed: every interest that has fit candidates gets the same number, and within it its
    subjects get them by their shares. Where time is what is short, each interest has its first paper before any has a
    second: to choose first and to cut what is too much would always cut the same interest.
    """
    pool = _pool(score, fit, facets, room.papers)
    cosines = likeness(candidates.vectors[pool], None if candidates.works is None else candidates.works[pool])
    leaders, folded = _fold(cosines >= candidates.scales.alike.raw(NEAR_DUPLICATE))
    alike = candidates.scales.papers.of(cosines)
    if len(leaders) < len(pool):
        alike = alike[np.ix_(leaders, leaders)]
    lines = pool[leaders]
    if room.seconds is None or candidates.seconds is None:
        kept = _diverse(score[lines], facets.at(lines), alike, room)
    else:
        kept = _within_time(score[lines], facets.at(lines), alike, room, candidates.seconds[lines])
    chosen = [Chosen(int(pool[leaders[at]]), tuple(int(pool[other]) for other in folded[leaders[at]])) for at in kept]
    return sorted(chosen, key=lambda one: -score[one.at])


def _pool(score: Vector, fit: NDArray[np.bool_], facets: Facets, size: int) -> NDArray[np.int64]:
    """Return (m,) positions of the best candidates over all and of the best few of each subject, best first."""
    order = np.flatnonzero(fit)
    order = order[np.argsort(-score[order], kind="stable")]
    wanted = np.zeros(len(order), dtype=np.bool_)
    wanted[: max(POOL, 2 * size)] = True
    subjects = facets.subject[order]
    present = np.flatnonzero(np.bincount(subjects))
    for subject in present:
        wanted[np.flatnonzero(subjects == subject)[: size // len(present) + SPARE]] = True
    return order[wanted]


def _fold(like: NDArray[np.bool_]) -> tuple[list[int], dict[int, list[int]]]:
    """Return the rows that stay, and for each the worse ones on its idea that it stands for.

    like (m, m) tells which are on one idea; rows are best first.
    """
    np.fill_diagonal(like, True)
    first = like.argmax(axis=1).tolist() if len(like) else []
    folded: dict[int, list[int]] = {}
    for row, leader in enumerate(first):
        # A leader that gave way itself stands for nobody, so this row stays.
        if leader in folded and leader != row:
            folded[leader].append(row)
        else:
            folded[row] = []
    return list(folded), folded


def _diverse(score: Vector, facets: Facets, alike: Matrix, room: Room) -> list[int]:
    """Choose greedily by maximal marginal relevance, within what is still owed."""
    size, share = room.papers, room.relevance_share
    owed, subjects = _owed(facets, size).tolist(), facets.subject.tolist()
    left, closed = sum(owed), np.array(owed)[facets.subject] == 0
    chosen: list[int] = []
    value = share * score
    redundancy = np.zeros(len(score), dtype=np.float32)
    for _ in range(min(size, len(score))):
        worth = value - (1 - share) * redundancy
        if left >= size - len(chosen):
            worth[closed] = -np.inf
        best = int(worth.argmax())
        chosen.append(best)
        value[best] = -np.inf
        if owed[subjects[best]]:
            owed[subjects[best]], left = owed[subjects[best]] - 1, left - 1
            closed = closed if owed[subjects[best]] else closed | (facets.subject == subjects[best])
        np.maximum(redundancy, alike[best], out=redundancy)
    return chosen


def _within_time(score: Vector, facets: Facets, alike: Matrix, room: Room, seconds: NDArray[np.int64]) -> list[int]:
    """Choose as _diverse does while there is time for one more, seconds (m,) each; the first may take all of it."""
    usual = float(np.median(seconds)) if len(seconds) else 1.0
    owed, chosen = _owed(facets, room.places(usual)), list[int]()
    served = np.zeros(len(score), dtype=np.bool_)  # whose interest has a paper
    value, redundancy = room.relevance_share * score, np.zeros(len(score), dtype=np.float32)
    time = room.seconds or 0
    for _ in range(min(room.papers, len(score))):
        fits = np.isfinite(value) & ((seconds <= time) | (not chosen))
        if not fits.any():
            break
        allowed = _allowed(fits, served, owed[facets.subject] > 0, int(owed.sum()) * usual >= time)
        best = int(np.where(allowed, value - (1 - room.relevance_share) * redundancy, -np.inf).argmax())
        chosen.append(best)
        value[best], time = -np.inf, time - int(seconds[best])
        owed[facets.subject[best]] = max(0, owed[facets.subject[best]] - 1)
        served |= facets.interest == facets.interest[best]
        np.maximum(redundancy, alike[best], out=redundancy)
    return chosen


def _allowed(
    fits: NDArray[np.bool_], served: NDArray[np.bool_], owed: NDArray[np.bool_], scarce: bool
) -> NDArray[np.bool_]:
    """Return of what fits (m,) what may come now: interests without a paper first, at last only what is owed."""
    for wanted in (fits & ~served, fits & owed if scarce else fits):
        if wanted.any():
            return wanted
    return fits


def _owed(facets: Facets, size: int) -> NDArray[np.int64]:
    """Return (s,) how many places each subject is owed, of those it can fill."""
    fillable = np.bincount(facets.subject, minlength=len(facets.shares))
    subjects_of: dict[int, list[int]] = {}
    for interest, subject in sorted(set(zip(facets.interest.tolist(), facets.subject.tolist(), strict=True))):
        subjects_of.setdefault(interest, []).append(subject)
    places = max(1, int(OWED * size) // max(1, len(subjects_of)))
    turns = [_by_shares(mine, fillable, facets.shares, places) for mine in subjects_of.values()]
    in_turn = [subject for turn in zip_longest(*turns) for subject in turn if subject is not None]
    return np.bincount(np.array(in_turn[:size], dtype=np.int64), minlength=len(fillable))


def _by_shares(mine: Sequence[int], fillable: NDArray[np.int64], shares: Vector, places: int) -> list[int]:
    """Return which subject of an interest gets each of its places: the one with the highest √share / (places held + 1).

    These are the highest averages of D'Hondt. The root is for the small ones: a subject of a fifth of the papers gets
    a third of the places, not a fifth.
    """
    room = {subject: int(fillable[subject]) for subject in mine}
    claim = {subject: sqrt(shares[subject]) for subject in mine}
    held = dict.fromkeys(mine, 0)
    turn: list[int] = []
    for _ in range(min(places, sum(room.values()))):
        waiting = [subject for subject in mine if held[subject] < room[subject]]
        best = max(waiting, key=lambda subject: claim[subject] / (held[subject] + 1))
        held[best] += 1
        turn.append(best)
    return turn


def most_noticed(candidates: Candidates) -> NDArray[np.int64]:
    """Return (m,) positions of the candidates that many looked at, the most noticed first, of equals the newest."""
    noticed = np.flatnonzero(candidates.trend >= LEAST_TREND)
    return noticed[np.lexsort((candidates.age[noticed], -candidates.trend[noticed]))]


def outside_of(reader: Reader, noticed: NDArray[np.int64], foreign: NDArray[np.bool_], places: int) -> list[Chosen]:
    """Choose one of the most noticed candidates that are foreign, a mask (n,), to a reader who wants that; else none.

    Nobody has one whose digest has few places. Readers take turns among the best, or all would be sent the same one.
    """
    if not reader.explore or places < LEAST_SIZE:
        return []
    order = noticed[foreign[noticed]]
    return [Chosen(int(order[reader.turn % min(AMONG, len(order))]))] if len(order) else []


def is_new(one: Chosen, chosen: Sequence[Chosen], candidates: Candidates) -> bool:
    """Tell whether it is neither on the idea of a paper that was chosen nor a part of the same work."""
    rows = [one.at, *(other.at for other in chosen)]
    alike = likeness(candidates.vectors[rows], None if candidates.works is None else candidates.works[rows])
    return bool(alike[0, 1:].max(initial=-1.0) < candidates.scales.alike.raw(NEAR_DUPLICATE))


def unwanted(reader: Reader, candidates: Candidates) -> NDArray[np.bool_]:
    """Return a mask (n,) of what is on one idea with a paper that the reader wants less of, or a part of its work."""
    mask = np.zeros(len(candidates.ids), dtype=np.bool_)
    if reader.less is None or not len(reader.less.vectors):
        return mask
    line = candidates.scales.alike.raw(NEAR_DUPLICATE)
    mask |= (reader.less.cosines(candidates.vectors) >= line).any(axis=0)
    if candidates.works is not None:
        ids = [candidates.named[paper] for paper in reader.less.papers if paper in candidates.named]
        works = candidates.works[np.isin(candidates.ids, ids)]
        mask |= np.isin(candidates.works, works[works >= 0])
    return mask
