"""From scores to the few papers of a digest: one idea once, varied, and no interest starves."""

from collections import Counter
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Matrix, Vector

POOL = 50  # how deep diversity looks; below that a paper is too far from the best to be worth its difference
# Of 2,934 papers of twelve days, the six pairs from .85 up are two papers on one idea; at .80 to .84 they differ.
NEAR_DUPLICATE = 0.85
# Maximal marginal relevance (Carbonell and Goldstein, 1998): this share for the score, the rest against redundancy.
RELEVANCE_SHARE = 0.8
SPARE = 2  # of a facet's papers beyond its equal share: near-duplicates may take some away
ROWS = 1_000_000  # more than an interest has vectors


@dataclass(frozen=True, slots=True)
class Chosen:
    at: int  # position among the candidates
    folded: tuple[int, ...] = ()  # positions of near-duplicates that gave way


def choose(
    score: Vector, fit: NDArray[np.bool_], facets: NDArray[np.int64], vectors: Matrix, size: int
) -> list[Chosen]:
    """At most size of the n candidates that are fit, best score first.

    facets, (2, n), says which of the reader's interests, and which row of it, each candidate is nearest to. Half of
    the places are owed: to every interest that has fit candidates the same number, and within it in turn to its rows.
    """
    pool = _pool(score, fit, facets, size)
    alike = vectors[pool] @ vectors[pool].T
    leaders, folded = _fold(alike)
    kept = _diverse(score[pool[leaders]], facets[:, pool[leaders]], alike[np.ix_(leaders, leaders)], size)
    chosen = [Chosen(int(pool[leaders[at]]), tuple(int(pool[other]) for other in folded[leaders[at]])) for at in kept]
    return sorted(chosen, key=lambda one: -score[one.at])


def _pool(score: Vector, fit: NDArray[np.bool_], facets: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Positions of the best candidates over all and of the best few of each facet, best first."""
    order = np.flatnonzero(fit)
    order = order[np.argsort(-score[order], kind="stable")]
    wanted = np.zeros(len(order), dtype=np.bool_)
    wanted[: max(POOL, 2 * size)] = True
    names = _names(facets[:, order])
    present = np.unique(names)
    for one in present:
        wanted[np.flatnonzero(names == one)[: size // len(present) + SPARE]] = True
    return order[wanted]


def _names(facets: NDArray[np.int64]) -> NDArray[np.int64]:
    """(2, n) → (n,) one number for an interest and a row of it, ascending by interest and then by row."""
    return np.asarray(facets[0] * ROWS + facets[1])


def _fold(alike: Matrix) -> tuple[list[int], dict[int, list[int]]]:
    """Rows best first → those that stay, and for each of them the worse near-duplicates that it stands for."""
    like_itself = np.eye(len(alike), dtype=np.bool_)
    first = ((alike >= NEAR_DUPLICATE) | like_itself).argmax(axis=1) if len(alike) else []
    folded: dict[int, list[int]] = {}
    for row, leader in enumerate(first):
        # A leader that gave way itself stands for nobody, so this row stays.
        if leader in folded and leader != row:
            folded[int(leader)].append(row)
        else:
            folded[row] = []
    return list(folded), folded


def _diverse(score: Vector, facets: NDArray[np.int64], alike: Matrix, size: int) -> list[int]:
    """Greedy choice by maximal marginal relevance, within what is still owed."""
    names = _names(facets)
    owed = _owed(names, size)
    chosen: list[int] = []
    redundancy = np.zeros(len(score), dtype=np.float32)
    for _ in range(min(size, len(score))):
        value = RELEVANCE_SHARE * score - (1 - RELEVANCE_SHARE) * redundancy
        value[chosen] = -np.inf
        if owed.total() >= size - len(chosen):
            value[~np.isin(names, list(owed))] = -np.inf
        best = int(value.argmax())
        chosen.append(best)
        owed = owed - Counter([int(names[best])])  # drops what has come to nothing
        redundancy = np.maximum(redundancy, alike[best])
    return chosen


def _owed(names: NDArray[np.int64], size: int) -> Counter[int]:
    """How many places each facet is owed, of those it can fill."""
    rows_of: dict[int, list[int]] = {}
    for name in np.unique(names).tolist():
        rows_of.setdefault(name // ROWS, []).append(name)
    share = max(1, size // (2 * max(1, len(rows_of))))
    turns = [row for rows in rows_of.values() for row in islice(cycle(rows), share)]
    return Counter(turns[:size]) & Counter(names.tolist())
