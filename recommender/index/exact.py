"""Every paper's vector in memory in one byte a number, and all of them looked at for each query.

Beside float32 that is a quarter of the memory and of the time (docs/benchmarks.md, "Search"). It errs by a few
thousandths, so it only chooses who is near, and puts in order what stands far down: the first papers of a search are
compared by their stored vectors.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from typing import Any

import numpy as np
import simsimd
from numpy.typing import NDArray

from recommender.index.engines import RAW, Near, stamp
from recommender.index.files import Files
from recommender.index.hybrid import Scale
from recommender.index.layers import Ids, Layers, Mask, Places, poured
from recommender.index.mirror import Mirror, Rows
from recommender.index.words import looked_up
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix, Vector, unpack_rows

AT_ONCE = 2_048
LARGEST = 127
TINIEST = np.finfo(np.float32).tiny  # below it numbers have only a few digits
BITS = 24
WINDOW = 10_000  # keys below the newest one, of which some may come to light late


@dataclass(frozen=True)
class VectorLayer:
    ids: Ids
    versions: Ids
    numbers: NDArray[np.int8]  # (n, d)
    units: Vector  # (n,) what 1 in a row of numbers is worth

    @classmethod
    def of(cls, ids: Ids, versions: Ids, vectors: Matrix) -> VectorLayer:
        """Build the layer of n papers in any order and their (n, d) vectors."""
        order = np.argsort(ids)
        numbers, units = in_bytes(vectors[order])
        return cls(ids[order], versions[order], numbers, units)

    @classmethod
    def joined(cls, layers: Sequence[VectorLayer], places: Sequence[Places]) -> VectorLayer:
        return cls(
            poured((one.ids for one in layers), places),
            poured((one.versions for one in layers), places),
            poured((one.numbers for one in layers), places),
            poured((one.units for one in layers), places),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        return dict(vars(self))

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> VectorLayer:
        return cls(**{one.name: arrays[one.name] for one in fields(cls)})


class Index:
    """n papers as they were at one moment; thread-safe, since nothing in it changes."""

    def __init__(self, layers: Layers[VectorLayer]) -> None:
        self.layers = layers
        self._whole = [bool(part.alive.all()) for part in layers.parts]

    @property
    def ids(self) -> Ids:
        return self.layers.ids

    def near(self, query: Vector, k: int, allowed: Mask | None = None) -> Near:
        """Return the nearest papers, as Engine.near does."""
        similarities = self.similarities(query)
        scale, roughly = self._scale(similarities), partial(self._of, similarities)
        best = [self._best(number, values, k, allowed) for number, values in enumerate(similarities)]
        if not best:
            return Near(np.empty(0, dtype=np.int64), scale, roughly)
        ids, values = (np.concatenate(parts) for parts in zip(*best, strict=True))
        return Near(ids[top(values, k)], scale, roughly)

    def _of(self, similarities: list[Vector], ids: Ids) -> Vector:
        """Return (m,) the similarities of some papers, of those of all; NaN for one that is not here."""
        found = np.full(len(ids), np.nan, dtype=np.float32)
        for part, values in zip(self.layers.parts, similarities, strict=True):
            rows, here = part.rows_of(ids)
            found[here] = values[rows[here]]
        return found

    def _scale(self, similarities: list[Vector]) -> Scale:
        """Return mean and deviation over the papers that are alive."""
        parts = zip(similarities, self._whole, self.layers.parts, strict=True)
        alive = [values if whole else values[part.alive] for values, whole, part in parts]
        n = max(sum(map(len, alive)), 1)
        mean = sum(float(values.sum(dtype=np.float64)) for values in alive) / n
        squares = sum(float(np.dot(values, values)) for values in alive) / n
        return Scale(mean, max(squares - mean * mean, 0.0) ** 0.5)

    def _best(self, number: int, values: Vector, k: int, allowed: Mask | None) -> tuple[Ids, Vector]:
        """Return the k nearest papers of one part, and their similarities."""
        part = self.layers.parts[number]
        rows = np.arange(len(values)) if self._whole[number] and allowed is None else self._standing(number, allowed)
        best = rows[top(values[rows], k)] if len(rows) < len(values) else top(values, k)
        return part.layer.ids[best], values[best]

    def _standing(self, number: int, allowed: Mask | None) -> NDArray[np.intp]:
        part = self.layers.parts[number]
        return np.flatnonzero(part.alive if allowed is None else part.alive & looked_up(allowed, part.layer.ids))

    def similarities(self, query: Vector) -> list[Vector]:
        """Return, for each part, (n,) inner products with a query (d,), as near as bytes can tell."""
        numbers, [unit] = in_bytes(query[None])
        return [_multiplied(part.layer.numbers, numbers[0]) * (part.layer.units * unit) for part in self.layers.parts]


def in_bytes(vectors: Matrix) -> tuple[NDArray[np.int8], Vector]:
    """Turn (n, d) numbers into whole ones from −127 to 127, and return (n,) what 1 is worth in each row."""
    units = np.abs(vectors).max(axis=1, initial=0) / np.float32(LARGEST)
    units[units < TINIEST] = 1  # all of the row becomes 0
    return np.rint(vectors / units[:, None]).astype(np.int8), units


def _multiplied(matrix: NDArray[np.int8], vector: NDArray[np.int8]) -> Vector:
    """Return (n,) products of (n, d) and (d,), summed without loss."""
    products = np.empty(len(matrix), dtype=np.float32)
    if len(matrix):
        simsimd.dot(vector, matrix, out=products)
    return products


def top(values: Vector, k: int) -> NDArray[np.int64]:
    """Return positions of the k largest values (n,), largest first."""
    if k >= len(values):
        return np.argsort(-values, kind="stable")
    best = np.argpartition(-values, k)[:k]
    return best[np.argsort(-values[best], kind="stable")]


class PaperVectors:
    """The table of one model's vectors; a revision gets a new row.

    A vector's version is its key, and below that some bits of its text's hash: in a new database keys begin again at 1,
    and files kept from the old one must not pass for its vectors.
    """

    def __init__(self, model: int, dimension: int) -> None:
        self.model, self.dimension = model, dimension
        self.vectors = PaperVector.objects.filter(model=model)

    def stamp(self) -> Hashable:
        return stamp(self.model)

    def since(self, version: int, limit: int | None) -> Rows:
        newer = self.vectors.filter(pk__gt=(version >> BITS) - WINDOW).order_by("-pk")
        rows = newer.values_list("paper", "pk", "text_hash")[:limit].iterator(chunk_size=AT_ONCE)
        return Rows.of((paper, _version_of(key, digest)) for paper, key, digest in rows)

    def count(self) -> int:
        return self.vectors.count()

    def read(self, ids: list[int]) -> VectorLayer:
        rows_read: list[tuple[int, int, bytes, bytes]] = []
        for start in range(0, len(ids), AT_ONCE):
            asked = self.vectors.filter(paper__in=ids[start : start + AT_ONCE])
            rows_read += asked.values_list("paper", "pk", "text_hash", RAW)
        rows = Rows.of((paper, _version_of(key, digest)) for paper, key, digest, _ in rows_read)
        return VectorLayer.of(rows.ids, rows.versions, unpack_rows([row[3] for row in rows_read], self.dimension))


def _version_of(key: int, digest: bytes | memoryview[int]) -> int:
    return (key << BITS) | int.from_bytes(bytes(digest)[: BITS // 8], "little")


@lru_cache(maxsize=1)
def _mirror(model: int, dimension: int) -> Mirror[VectorLayer, Index]:
    return Mirror(PaperVectors(model, dimension), VectorLayer, Index, Files(f"vectors_{model}"))


def current(model: EmbeddingModel) -> Index:
    """Return the vectors that the database has now; those read so far while very many are new."""
    return _mirror(model.pk, model.dimension).current()


def caught_up(model: EmbeddingModel, progress: bool = False) -> Index:
    """Return the same index, after waiting until all vectors are read."""
    return _mirror(model.pk, model.dimension).caught_up(progress)


def is_behind(model: EmbeddingModel) -> bool:
    """Tell whether vectors are being read just now."""
    return _mirror(model.pk, model.dimension).is_behind


def forget() -> None:
    """Empty the index: this process has turned to another database."""
    _mirror.cache_clear()
