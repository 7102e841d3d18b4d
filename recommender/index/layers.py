"""Immutable layers of papers, which an index in memory is made of: the newest on top, joined as they grow.

A change makes a small layer of the changed papers alone and marks them as dead below. A layer is joined with the one
under it as soon as that is not four times as large: so there are never many layers, and a paper is rarely copied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

FOLD = 4  # a layer has at least so many times the papers of the one above it
UNKNOWN = -1  # no version of a paper
GONE = -1  # no place in a joined layer

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]
Places = NDArray[np.int32]  # (n,) the row that each row of a layer gets in the joined one, or GONE


class Layer(Protocol):
    """Something about n papers, each array in the order of ids."""

    @property
    def ids(self) -> Ids:
        """Return (n,) keys, ascending."""

    @property
    def versions(self) -> Ids:
        """Return (n,) numbers that change whenever the paper does."""

    @classmethod
    def joined(cls, layers: Sequence[Self], places: Sequence[Places]) -> Self:
        """Join the rows of several layers that have a place in the new one."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all arrays that it is made of, by name."""

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Rebuild the layer; raise KeyError if some arrays are missing."""


L = TypeVar("L", bound=Layer)


@dataclass(frozen=True)
class Part(Generic[L]):
    layer: L
    alive: Mask  # (n,) False for papers that changed or went since

    def __len__(self) -> int:
        return int(np.count_nonzero(self.alive))

    def rows_of(self, ids: Ids) -> tuple[NDArray[np.intp], Mask]:
        """Return (m,) rows of some papers, and a mask of which of them are here and alive."""
        if not len(self.layer.ids):
            return np.zeros(len(ids), dtype=np.intp), np.zeros(len(ids), dtype=np.bool_)
        rows = np.minimum(np.searchsorted(self.layer.ids, ids), len(self.layer.ids) - 1)
        return rows, (self.layer.ids[rows] == ids) & self.alive[rows]

    def without(self, ids: Ids) -> Part[L]:
        rows, here = self.rows_of(ids)
        if not here.any():
            return self
        alive = self.alive.copy()
        alive[rows[here]] = False
        return Part(self.layer, alive)


@dataclass(frozen=True)
class Layers(Generic[L]):
    """Every paper is alive in one part at most."""

    parts: tuple[Part[L], ...] = field(default=())

    def __len__(self) -> int:
        return sum(map(len, self.parts))

    @property
    def ids(self) -> Ids:
        """Return (n,) keys of all papers, ascending."""
        alive = [part.layer.ids[part.alive] for part in self.parts]
        return np.sort(np.concatenate(alive)) if alive else np.empty(0, dtype=np.int64)

    @property
    def newest(self) -> int:
        """Return the highest version of all; UNKNOWN where there is nothing."""
        return max((int(part.layer.versions.max()) for part in self.parts if len(part.layer.ids)), default=UNKNOWN)

    def versions_of(self, ids: Ids) -> Ids:
        """Return (m,) versions of papers, UNKNOWN for those that are not here."""
        versions = np.full(len(ids), UNKNOWN, dtype=np.int64)
        for part in self.parts:
            rows, here = part.rows_of(ids)
            versions[here] = part.layer.versions[rows[here]]
        return versions

    def without(self, ids: Ids) -> Layers[L]:
        parts = (part.without(ids) for part in self.parts)
        return Layers(tuple(part for part in parts if part.alive.any()))

    def with_layer(self, layer: L) -> Layers[L]:
        """Return these layers with one on top, whose papers are dead below."""
        if not len(layer.ids):
            return self
        return Layers((*self.without(layer.ids).parts, Part(layer, np.ones(len(layer.ids), dtype=np.bool_))))

    def settled(self, most: int | None = None) -> Layers[L]:
        """Join layers where that is due, but not into more papers than most."""
        parts = list(self.parts)
        while _is_due(parts) and (most is None or len(parts[-2]) + len(parts[-1]) <= most):
            parts[-2:] = [joined(parts[-2:])]
        return self if len(parts) == len(self.parts) else Layers(tuple(parts))

    @property
    def is_settled(self) -> bool:
        return not _is_due(self.parts)


def _is_due(parts: Sequence[Part[L]]) -> bool:
    return len(parts) > 1 and len(parts[-2]) < FOLD * len(parts[-1])


def joined(parts: Sequence[Part[L]]) -> Part[L]:
    """Join several parts into one of the papers that are alive in them."""
    kept = [np.flatnonzero(part.alive) for part in parts]
    ids = np.concatenate([part.layer.ids[rows] for part, rows in zip(parts, kept, strict=True)])
    rank = np.empty(len(ids), dtype=np.int32)
    rank[np.argsort(ids, kind="stable")] = np.arange(len(ids), dtype=np.int32)
    places, start = [], 0
    for part, rows in zip(parts, kept, strict=True):
        place = np.full(len(part.layer.ids), GONE, dtype=np.int32)
        place[rows] = rank[start : start + len(rows)]
        places.append(place)
        start += len(rows)
    layer = parts[0].layer.joined([part.layer for part in parts], places)
    return Part(layer, np.ones(len(ids), dtype=np.bool_))


def poured(columns: Iterable[NDArray[Any]], places: Sequence[Places]) -> NDArray[Any]:
    """Put the rows of several arrays at their places in one."""
    arrays = list(columns)
    total = sum(int(np.count_nonzero(place != GONE)) for place in places)
    joined_rows = np.empty((total, *arrays[0].shape[1:]), dtype=arrays[0].dtype)
    for array, place in zip(arrays, places, strict=True):
        kept = np.flatnonzero(place != GONE)
        joined_rows[place[kept]] = array[kept]
    return joined_rows
