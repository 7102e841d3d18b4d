"""Dense and lexical evidence joined into one relevance: pure arithmetic on arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Matrix, Vector


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; the two shares sum to 1."""

    lexical: float
    nearest: int  # of a reader's vectors, the ones that a paper is judged by

    @property
    def dense(self) -> float:
        return 1 - self.lexical


# Chosen on the half of people that `manage.py evaluate readers` does not report on; see docs/matching.md.
MATCHING = Weights(lexical=0.6, nearest=16)


def relevance(cosines: Matrix, lexical: Vector, weights: Weights = MATCHING) -> Vector:
    """(k, n) cosines of a reader's vectors and (n,) cosines of the reader's terms → (n,) relevance, −1 to 1.

    Without vectors the terms decide alone; without terms, which is lexical all 0, the vectors keep their order.
    """
    if not len(cosines):
        return np.asarray(weights.lexical * lexical, dtype=np.float32)
    dense = weights.dense * mean_of_nearest(cosines, weights.nearest)
    return np.asarray(dense + weights.lexical * lexical, dtype=np.float32)


def mean_of_nearest(cosines: NDArray[np.float32], nearest: int) -> Vector:
    """(k, n) → (n,) the mean of the largest of each column, of all where there are fewer."""
    spare = len(cosines) - nearest
    return np.asarray((cosines if spare <= 0 else np.partition(cosines, spare, axis=0)[spare:]).mean(axis=0))
