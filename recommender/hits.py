"""From scores to the papers of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from papers.models import Paper
from recommender.hybrid import ranked
from recommender.vectors import Vector

SPARE = 20  # papers ranked beyond those asked for: some turn out to be withdrawn
CHUNK = 2_048
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Fits = Callable[[Ids], Mask]


@dataclass(frozen=True, slots=True)
class Hit:
    paper: Paper
    similarity: float | None  # cosine; None where meaning was not asked or the paper has no vector yet


def everything(ids: Ids) -> Mask:
    return np.ones(len(ids), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Papers and their scores for one query; one that cannot be a hit has the score −∞."""

    ids: Ids
    scores: Vector
    similarities: Vector | None = None

    def page(self, limit: int, offset: int = 0, fits: Fits = everything) -> list[Hit]:
        """Hits from offset on. Papers that were withdrawn or do not fit take no place: pages follow without a gap.

        fits is asked about the best papers only, and about more of them until the page is full.
        """
        wanted = offset + limit
        possible, depth = int(np.isfinite(self.scores).sum()), 0
        shown: Ids = np.empty(0, dtype=np.int64)
        while len(shown) < wanted and depth < possible:
            depth = min(possible, max(wanted + SPARE, 4 * depth))
            rows = ranked(self.scores, depth)
            rows = rows[_standing(self.ids[rows])]
            shown = rows[fits(self.ids[rows])]
        return list(self._hits(shown[offset:wanted]))

    def _hits(self, rows: NDArray[np.int64]) -> Iterator[Hit]:
        papers = Paper.objects.in_bulk(self.ids[rows].tolist())
        for row, key in zip(rows.tolist(), self.ids[rows].tolist(), strict=True):
            if key in papers:
                yield Hit(papers[key], self._similarity(row))

    def _similarity(self, row: int) -> float | None:
        if self.similarities is None or np.isnan(self.similarities[row]):
            return None
        return float(self.similarities[row])

    def only(self, allowed: Mask) -> Ranking:
        return Ranking(self.ids, np.where(allowed, self.scores, -np.inf), self.similarities)


def _standing(ids: Ids) -> Mask:
    """(n,) which of these papers are still there and were not withdrawn."""
    keys: list[int] = ids.tolist()
    there: list[int] = []
    for start in range(0, len(keys), CHUNK):
        papers = Paper.objects.filter(pk__in=keys[start : start + CHUNK], withdrawn_on=None)
        there.extend(papers.values_list("pk", flat=True))
    return np.isin(ids, np.array(there, dtype=np.int64))
