"""How well scores order things: plain measures, and how far chance moves them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Figures = dict[str, float]
ROUNDS = 500
SEED = 20260630


def ranks(values: Floats) -> Floats:
    """(n,) ranks from 1; equal values share the mean of theirs."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[which], dtype=np.float64)


def spearman(scores: Floats, truth: Floats) -> float:
    """The correlation of the ranks, −1 to 1; 0 where one side is all the same."""
    one, other = ranks(scores), ranks(truth)
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def ndcg(scores: Floats, gains: Floats, k: int = 10) -> float:
    """Normalised discounted cumulative gain of the k highest scores (Järvelin and Kekäläinen, 2002), 0 to 1.

    Gains are taken as they are, and discounted by log2(1 + place). 0 where there is nothing to gain.
    """
    best = discounted(np.sort(gains)[::-1][:k])
    return discounted(gains[np.argsort(-scores, kind="stable")[:k]]) / best if best > 0 else 0.0


def discounted(gains: Floats) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


def share_below(score: float, others: Floats) -> float:
    """The share of others with a lower score, equal ones counted half: the AUC of one positive."""
    return float((np.sum(others < score) + np.sum(others == score) / 2) / len(others))


def with_errors(measures: Mapping[str, Callable[[Ints], float]], n: int) -> Figures:
    """Each measure of n things, given their indices, and as NAME_se its standard error."""
    everything = np.arange(n)
    found: Figures = {}
    for name, measure in measures.items():
        found |= {name: measure(everything), f"{name}_se": standard_error(measure, n)}
    return found


def standard_error(measure: Callable[[Ints], float], n: int) -> float:
    """The spread of a measure over bootstrap samples: it gets the indices of n things drawn with replacement."""
    random = np.random.default_rng(SEED)
    return float(np.std([measure(random.integers(n, size=n)) for _ in range(ROUNDS)]))


def mean_of_parts(parts: Sequence[Figures]) -> Figures:
    """Figures of independent parts → their means, with the standard errors that the means have."""
    return {
        name: float(np.hypot.reduce(values) if name.endswith("_se") else np.sum(values)) / len(parts)
        for name, values in ((name, [part[name] for part in parts]) for name in parts[0])
    }
