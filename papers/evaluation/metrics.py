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
    """Return (n,) ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def spearman(scores: Floats, truth: Floats) -> float:
    """Return the correlation of the ranks, −1 to 1; 0 where one side is all the same (Spearman's rho)."""
    first, second = ranks(scores), ranks(truth)
    if first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def ndcg(scores: Floats, gains: Floats, k: int = 10) -> float:
    """Return the normalised discounted cumulative gain of the k highest scores (Järvelin and Kekäläinen, 2002), 0 to 1.

    Gains are taken as they are, and discounted by log2(1 + place). 0 where there is nothing to gain.
    """
    best = _discounted(np.sort(gains)[::-1][:k])
    return _discounted(gains[np.argsort(-scores, kind="stable")[:k]]) / best if best > 0 else 0.0


def _discounted(gains: Floats) -> float:
    """Return the sum of gains (k,), each divided by log2(1 + its place from 1)."""
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())


def share_below(score: float, others: Floats) -> float:
    """Return the share of others with a lower score, equal ones counted half: the AUC of one positive."""
    return float((np.sum(others < score) + np.sum(others == score) / 2) / len(others))


def with_errors(measures: Mapping[str, Callable[[Ints], float]], n: int) -> Figures:
    """Return each measure of n things, given their indices, and its standard error as NAME_se."""
    everything = np.arange(n)
    figures: Figures = {}
    for name, measure in measures.items():
        figures |= {name: measure(everything), f"{name}_se": standard_error(measure, n)}
    return figures


def standard_error(measure: Callable[[Ints], float], n: int) -> float:
    """Return the spread of a measure over bootstrap samples; it gets the indices of n things drawn with replacement."""
    random = np.random.default_rng(SEED)
    return float(np.std([measure(random.integers(n, size=n)) for _ in range(ROUNDS)]))


def mean_of_parts(parts: Sequence[Figures]) -> Figures:
    """Return the means of the figures of independent parts, with the standard errors of those means."""
    return {
        name: float(np.hypot.reduce(values) if name.endswith("_se") else np.sum(values)) / len(parts)
        for name, values in ((name, [part[name] for part in parts]) for name in parts[0])
    }
