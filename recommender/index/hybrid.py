"""Combine two kinds of evidence for one query, words and meaning, into one order of papers: pure NumPy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Vector

WORDS = 0.3  # the share of the words in the score; the rest is meaning (docs/matching.md, "Search")


@dataclass(frozen=True, slots=True)
class Scale:
    """How one kind of evidence for a query lies over all papers."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Vector) -> Scale:
        """Return mean and deviation of the values; NaN does not count."""
        known = values[~np.isnan(values)]
        return cls(float(known.mean()), float(known.std())) if len(known) else cls(0.0, 0.0)

    def standard(self, values: Vector) -> Vector:
        """Return (n,) how many deviations above the mean; all 0 where nothing differs. NaN stays."""
        if self.deviation <= 0:
            return np.zeros_like(values)
        return np.asarray((values - np.float32(self.mean)) / np.float32(self.deviation), dtype=np.float32)


def fused(by_words: Vector, by_meaning: Vector, words: float = WORDS) -> Vector:
    """Return (n,) scores from (n,) standard scores by words and by meaning, weighted: words to 1 − words.

    A paper without a vector (NaN) counts as of middling meaning: its words alone can bring it forward.
    """
    return words * by_words + (1 - words) * np.nan_to_num(by_meaning)


def best(scores: Vector, keys: NDArray[np.int64], k: int) -> NDArray[np.intp]:
    """Return positions of the k highest scores, highest first, of equal ones the highest key first."""
    positions = np.arange(len(scores))
    if 0 < k < len(scores):
        positions = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    return positions[np.lexsort((-keys[positions], -scores[positions]))][:k]
