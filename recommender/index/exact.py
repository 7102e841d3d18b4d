"""Exact search in memory: every paper's vector by the serving model as one matrix, shared by a process's threads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from django.db.models import BinaryField, ExpressionWrapper, F
from numpy.typing import NDArray

from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix, Vector, unpack_rows

BLOCK = 65_536  # rows multiplied at a time: the scratch memory stays small however many papers there are
CHUNK = 4_096
Stamp = tuple[int, int, int, object]


@dataclass(frozen=True, slots=True)
class Index:
    ids: NDArray[np.int64]  # (n,) of papers, ascending
    vectors: Matrix  # (n, d)

    def similarities(self, query: Vector) -> Vector:
        """(d,) → (n,) cosines in the order of ids."""
        blocks = [self.vectors[at : at + BLOCK] @ query for at in range(0, len(self.ids), BLOCK)]
        return np.concatenate(blocks) if blocks else np.empty(0, dtype=np.float32)

    def rows_of(self, papers: Iterable[int]) -> NDArray[np.int64]:
        """The rows of those papers that are in the index, ascending."""
        wanted = np.fromiter(papers, dtype=np.int64)
        return np.flatnonzero(np.isin(self.ids, wanted))


def top(values: Vector, k: int) -> NDArray[np.int64]:
    """Positions of the k largest values, largest first."""
    if k >= len(values):
        return np.argsort(-values, kind="stable")
    best = np.argpartition(-values, k)[:k]
    return best[np.argsort(-values[best], kind="stable")]


_loading = Lock()


def current(model: EmbeddingModel) -> Index:
    """The index of that model as the database has it now; read again only when vectors came, changed or went."""
    stamp = _stamp(model)
    with _loading:  # or every thread that finds it stale would read it at the same time
        return _read(stamp, model.dimension)


def _stamp(model: EmbeddingModel) -> Stamp:
    vectors = PaperVector.objects.filter(model=model)
    newest = vectors.order_by("-pk").values_list("pk", "paper_updated_at").first() or (0, None)
    return model.pk, vectors.count(), *newest


@lru_cache(maxsize=1)
def _read(stamp: Stamp, dimension: int) -> Index:
    raw = ExpressionWrapper(F("vector"), output_field=BinaryField())  # converted all at once, not one by one
    rows = PaperVector.objects.filter(model=stamp[0]).order_by("paper").values_list("paper", raw)
    ids, vectors = [], []
    for paper, vector in rows.iterator(chunk_size=CHUNK):
        ids.append(paper)
        vectors.append(vector)
    return Index(np.array(ids, dtype=np.int64), unpack_rows(vectors, dimension))
