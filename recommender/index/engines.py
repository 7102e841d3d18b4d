"""The interface of an index of vectors, which exact and pgvector have."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from django.db import connection
from django.db.models import BinaryField, ExpressionWrapper, F, QuerySet

from papers.models.prepared import Prepared
from recommender.index.hybrid import Scale
from recommender.index.layers import Ids, Mask
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix, Vector, unpack_rows

RAW = ExpressionWrapper(F("vector"), output_field=BinaryField())  # converted all at once, not one by one
AT_ONCE = 10_000  # papers in one question
TABLE = PaperVector._meta.db_table


@dataclass(frozen=True, slots=True)
class Near:
    ids: Ids  # (m,) of the nearest papers, in any order
    scale: Scale  # of the similarities of all papers, those that were not allowed too
    # Gives (m,) similarities of any papers (m,), which err by some thousandths, NaN for one that has none; None where
    # the stored vectors alone can tell.
    roughly: Callable[[Ids], Vector] | None = None


class Engine(Protocol):
    def near(self, query: Vector, k: int, allowed: Mask | None = None) -> Near:
        """Return the k papers nearest to a (d,) vector of any length, among those that a table by key (n,) allows.

        A few may be missed: k is to be larger than what is shown, and the order is made of the stored vectors.
        """


def stamp(model: int) -> Hashable:
    """Return something that differs after a vector of a model was stored: a revision gets a new row."""
    return tuple(_newest(model=model))


def _by_key(model: int) -> QuerySet[PaperVector, Any]:
    return PaperVector.objects.filter(model=model).order_by("-pk").values_list("pk")[:1]


_newest = Prepared(_by_key, model=(1, 2))


def stored(model: EmbeddingModel, ids: Ids) -> tuple[Ids, Matrix]:
    """Return the keys of ids (m,) that have a vector by a model, ascending, and their (m, d) vectors."""
    rows: list[tuple[int, bytes]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(ids), AT_ONCE):
            # Every search asks this of some hundred papers, and the ORM would take longer for it than the database.
            among = ",".join(map(str, ids[start : start + AT_ONCE].tolist()))
            where = f"model_id = %s AND paper_id IN ({among})"
            cursor.execute(f"SELECT paper_id, vector FROM {TABLE} WHERE {where}", [model.pk])
            rows += cursor.fetchall()
    rows.sort(key=lambda row: row[0])
    vectors = unpack_rows([bytes(raw) for _, raw in rows], model.dimension)
    return np.array([key for key, _ in rows], dtype=np.int64), vectors


def cosines(model: EmbeddingModel, query: Vector, ids: Ids) -> Vector:
    """Return (m,) similarities of a query (d,) and papers in ascending order of ids; NaN for one without a vector."""
    similarities = np.full(len(ids), np.nan, dtype=np.float32)
    known, vectors = stored(model, ids)
    similarities[np.isin(ids, known)] = vectors @ query
    return similarities
