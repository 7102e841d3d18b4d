"""The shape of an index of vectors; each module beside this one that finds by meaning has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from django.db.models import BinaryField, ExpressionWrapper, F

from recommender.hybrid import Scale
from recommender.index.layers import Ids, Mask
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix, Vector, unpack_rows

RAW = ExpressionWrapper(F("vector"), output_field=BinaryField())  # converted all at once, not one by one
PARAMETERS = 10_000  # ids in one question: fewer than every database takes


@dataclass(frozen=True, slots=True)
class Near:
    ids: Ids  # (m,) of the nearest papers, in any order
    scale: Scale  # of the similarities of all papers, those that were not allowed too


class Engine(Protocol):
    def near(self, query: Vector, k: int, allowed: Mask | None = None) -> Near:
        """The k papers nearest to a (d,) vector of any length, among those that a table by key allows.

        A few may be missed: k is to be larger than what is shown, and the order is made of the stored vectors.
        """


def stored(model: EmbeddingModel, ids: Ids) -> tuple[Ids, Matrix]:
    """The papers of ids that have a vector by a model, ascending, and their (m, d) vectors."""
    rows: list[tuple[int, bytes]] = []
    for at in range(0, len(ids), PARAMETERS):
        asked = PaperVector.objects.filter(model=model, paper__in=ids[at : at + PARAMETERS].tolist())
        rows += asked.values_list("paper", RAW)
    rows.sort()
    return np.array([key for key, _ in rows], dtype=np.int64), unpack_rows([raw for _, raw in rows], model.dimension)


def cosines(model: EmbeddingModel, query: Vector, ids: Ids) -> Vector:
    """(m,) similarities of a query and some papers in ascending order of ids; NaN for one without a vector."""
    found = np.full(len(ids), np.nan, dtype=np.float32)
    known, vectors = stored(model, ids)
    found[np.isin(ids, known)] = vectors @ query
    return found
