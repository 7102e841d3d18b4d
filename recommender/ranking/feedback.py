"""How a reader's words about papers count: pure arithmetic on arrays, on the scale of cosines."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.cosines import SAME, CosineScale
from recommender.vectors import Matrix, Vector

NEIGHBOURHOOD = 0.5  # cosine from which a paper is about what another one is about
# Of 600 readers' ten best among 1,000 listed papers, one disliked: of those nearer than .7 to it 21 % stay among
# the ten, of those from .6 47 %, from .5 87 %, of all others 100 %. At full strength one word would empty a subject
# (0, 7 and 61 %).
STRENGTH = 0.5


@dataclass(frozen=True, slots=True)
class Rated:
    vectors: Matrix  # (m, d) unit rows
    weights: Vector  # (m,) freshness, 1 for the newest
    papers: Sequence[str] = ()  # (m,) their identifiers
    _last: list[tuple[Matrix, Matrix]] = field(default_factory=list, repr=False)

    def cosines(self, vectors: Matrix) -> Matrix:
        """Return (m, n) cosines with (n, d) candidates; about the same ones it computes them once."""
        if not self._last or self._last[0][0] is not vectors:
            self._last[:] = [(vectors, self.vectors @ vectors.T)]
        return self._last[0][1]


def freshness(days: Vector, half_life: float) -> Vector:
    """Map (m,) days ago to (m,) weights in (0, 1], halved with every half-life, in days."""
    return np.asarray(0.5 ** (days.clip(min=0) / half_life), dtype=np.float32)


def lowered_by(less: Rated | None, vectors: Matrix, scale: CosineScale = SAME) -> Vector:
    """Return (n,) how much relevance each of the (n, d) candidates loses by papers that the reader wants less of.

    scale is that of the model for two papers.
    """
    if less is None or not len(less.vectors):
        return np.zeros(len(vectors), dtype=np.float32)
    too_near = (scale.of(less.cosines(vectors)) - NEIGHBOURHOOD).clip(min=0)
    return np.asarray(STRENGTH * (too_near * less.weights[:, np.newaxis]).max(axis=0))
