"""From scores to the papers of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from papers.models import Paper
from recommender.hybrid import ranked
from recommender.vectors import Vector

SPARE = 20  # papers ranked beyond those asked for: some turn out to be withdrawn
CHUNK = 2_048


@dataclass(frozen=True, slots=True)
class Hit:
    paper: Paper
    similarity: float | None  # cosine; None where meaning was not asked or the paper has no vector yet


@dataclass(frozen=True, slots=True)
class Ranking:
    """Papers and their scores for one query; one that cannot be a hit has the score −∞."""

    ids: NDArray[np.int64]
    scores: Vector
    similarities: Vector | None = None

    def page(self, limit: int, offset: int = 0) -> list[Hit]:
        """Hits from offset on. Withdrawn papers take no place, so that pages follow each other without a gap."""
        wanted = offset + limit
        possible, depth = int(np.isfinite(self.scores).sum()), 0
        shown: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        while len(shown) < wanted and depth < possible:
            depth = min(possible, max(wanted + SPARE, 4 * depth))
            rows = ranked(self.scores, depth)
            shown = rows[_standing(self.ids[rows])]
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

    def only(self, allowed: NDArray[np.bool_]) -> Ranking:
        return Ranking(self.ids, np.where(allowed, self.scores, -np.inf), self.similarities)


def _standing(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n,) which of these papers are still there and were not withdrawn."""
    keys: list[int] = ids.tolist()
    there: list[int] = []
    for start in range(0, len(keys), CHUNK):
        papers = Paper.objects.filter(pk__in=keys[start : start + CHUNK], withdrawn_on=None)
        there.extend(papers.values_list("pk", flat=True))
    return np.isin(ids, np.array(there, dtype=np.int64))
