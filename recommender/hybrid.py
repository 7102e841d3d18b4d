"""Two kinds of evidence for one query, its words and its meaning, as one order of papers: pure NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Vector

WORDS = 0.3  # the share of the words in the score; the rest is meaning (docs/matching.md, "Search")


def fused(by_words: Vector, by_meaning: Vector, words: float = WORDS) -> Vector:
    """(n,) BM25 and (n,) cosines, NaN where a paper has no vector yet → (n,) scores, each side in standard scores.

    A paper without a vector counts as of middling meaning: its words alone can bring it forward.
    """
    return words * standardised(by_words) + (1 - words) * np.nan_to_num(standardised(by_meaning))


def standardised(values: Vector) -> Vector:
    """(n,) how many standard deviations above the mean; all 0 where nothing differs. NaN stays and does not count."""
    known = values[~np.isnan(values)]
    spread = known.std() if len(known) else 0.0
    return (values - known.mean()) / spread if spread > 0 else np.zeros_like(values)


def ranked(scores: Vector, k: int) -> NDArray[np.int64]:
    """Positions of the k highest scores, highest first, of equal ones the last first; more come after them."""
    if k < len(scores):
        least = np.partition(scores, len(scores) - k)[len(scores) - k] if k else np.inf
        positions = np.flatnonzero(scores >= least)
    else:
        positions = np.arange(len(scores))
    backwards = positions[::-1]
    return backwards[np.argsort(-scores[backwards], kind="stable")][:k]
