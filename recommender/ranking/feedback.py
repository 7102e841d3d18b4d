"""How a reader's words about papers count: pure arithmetic on arrays, on the scale of cosines."""

from collections.abc import Iterable, Sequence
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
        if not self.knows(vectors):
            self.keep(vectors, self.vectors @ vectors.T)
        return self._last[0][1]

    def knows(self, vectors: Matrix) -> bool:
        return bool(self._last) and self._last[0][0] is vectors

    def keep(self, vectors: Matrix, cosines: Matrix) -> None:
        self._last[:] = [(vectors, cosines)]


def multiply(rated: Iterable[Rated | None], vectors: Matrix) -> None:
    """Compute the cosines of all of these with (n, d) candidates by one product."""
    some = [one for one in rated if one is not None and len(one.vectors) and not one.knows(vectors)]
    if len(some) > 1:
        products = np.concatenate([one.vectors for one in some]) @ vectors.T
        ends = np.cumsum([len(one.vectors) for one in some])
        for one, cosines in zip(some, np.split(products, ends[:-1]), strict=True):
            one.keep(vectors, cosines)


def freshness(days: Vector, half_life: float) -> Vector:
    """Map (m,) days ago to (m,) weights in (0, 1], halved with every half-life, in days."""
    return np.asarray(0.5 ** (days.clip(min=0) / half_life), dtype=np.float32)


def lowered_by(less: Rated | None, vectors: Matrix, scale: CosineScale = SAME) -> Vector:
    """Return (n,) how much relevance each of the (n, d) candidates loses by papers that the reader wants less of.

    scale is that of the model for two papers.
    """
    if less is None or not len(less.vectors):
        return np.zeros(len(vectors), dtype=np.float32)
    return lowering(less.cosines(vectors), less.weights, scale)


def lowering(cosines: Matrix, weights: Vector, scale: CosineScale = SAME) -> Vector:
    """Return (n,) what candidates lose, from (m, n) cosines with papers that the reader wants less of."""
    too_near = (scale.of(cosines) - NEIGHBOURHOOD).clip(min=0)
    return np.asarray(STRENGTH * (too_near * weights[:, np.newaxis]).max(axis=0))
