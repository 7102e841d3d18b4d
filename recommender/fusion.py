"""Dense and lexical evidence joined into one relevance: pure arithmetic on arrays.

Cosines of vectors and of terms have scales of their own, and each reader has others: a library of two papers shares a
few rare words with few papers, one of two hundred shares many with all. So both are counted in a reader's own standard
deviations over a background of papers. These are measured when the reader's vectors and terms are made and are not the
day's, because a day without one fitting paper must stay empty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Matrix, Vector

BACKGROUND = 1000  # papers are enough to tell a mean and a deviation by
LEAST_DEVIATION = 0.002  # for terms that no paper of the background has; readers of papers have .0024 or more


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts; the two shares sum to 1."""

    lexical: float
    nearest: int  # of a reader's vectors, those that a paper is judged by

    @property
    def dense(self) -> float:
        return 1 - self.lexical


# Chosen on the half of people that `manage.py evaluate readers` does not report on; see docs/matching.md.
MATCHING = Weights(lexical=0.4, nearest=16)


@dataclass(frozen=True, slots=True)
class Scale:
    """How the papers of a background look to one reader, by one kind of evidence."""

    mean: float
    deviation: float

    def standard(self, scores: Vector) -> Vector:
        """(n,) in deviations above the mean."""
        return np.asarray((scores - self.mean) / max(self.deviation, LEAST_DEVIATION), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A reader's two scales; a reader without vectors, or without terms, lacks that one and is judged by the other."""

    dense: Scale | None
    lexical: Scale | None


def calibrate(cosines: Matrix, lexical: Vector, weights: Weights = MATCHING) -> Calibration:
    """(k, b) and (b,) cosines of a reader's vectors and terms with the background's papers, as for relevance."""
    return Calibration(
        _scale(mean_of_nearest(cosines, weights.nearest)) if len(cosines) else None,
        _scale(lexical) if lexical.any() else None,
    )


def relevance(cosines: Matrix, lexical: Vector, calibration: Calibration, weights: Weights = MATCHING) -> Vector:
    """(k, n) cosines of a reader's vectors and (n,) of the reader's terms → (n,) relevance.

    It is 0 for a paper as far from the reader as papers are on the average, and grows by about 1 a deviation.
    """
    found = np.zeros(len(lexical), dtype=np.float32)
    if calibration.dense is not None:
        found += weights.dense * calibration.dense.standard(mean_of_nearest(cosines, weights.nearest))
    if calibration.lexical is not None:
        found += weights.lexical * calibration.lexical.standard(lexical)
    return found


def _scale(scores: Vector) -> Scale:
    return Scale(float(scores.mean(dtype=np.float64)), float(scores.std(dtype=np.float64)))


def mean_of_nearest(cosines: NDArray[np.float32], nearest: int) -> Vector:
    """(k, n) → (n,) the mean of the largest of each column, of all where there are fewer."""
    spare = len(cosines) - nearest
    return np.asarray((cosines if spare <= 0 else np.partition(cosines, spare, axis=0)[spare:]).mean(axis=0))
