"""How alike papers are: their cosine, and 1 for the parts of one work."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Matrix, Vector

BLOCK = 256  # rows that are multiplied at a time
Places = NDArray[np.int64]


def likeness(vectors: Matrix, works: NDArray[np.int64] | None = None) -> Matrix:
    """Return (…, n, n) how alike papers are, from (…, n, d) unit vectors and (…, n) works."""
    alike = vectors @ np.swapaxes(vectors, -1, -2)
    if works is not None and (works >= 0).any():
        alike[(works[..., np.newaxis] == works[..., np.newaxis, :]) & (works >= 0)[..., np.newaxis, :]] = 1.0
    return alike


class Pooled:
    """How alike the papers of r pools are, m of each."""

    def __init__(self, alike: Matrix) -> None:
        self._all, self._each = alike, np.arange(len(alike))  # (r, m, m)

    def take(self, pools: slice) -> Pooled:
        return Pooled(self._all[pools])

    def to(self, places: NDArray[np.intp]) -> Matrix:
        """Return (r, m) how alike the papers of each pool are to the one at (r,) places in it."""
        return np.asarray(self._all[self._each, places])

    def first(self, line: float, held: Places) -> Places:
        """Return (r, m) of each paper the first in its pool that is as alike as the line, if no other it itself.

        held (r,) says how many of a pool count; of the rest nothing is said.
        """
        return first_of(self._all >= line)


class Looked:
    """What Pooled says, looked up in what is known of all papers."""

    def __init__(self, packed: Packed, papers: Places) -> None:
        self._packed, self._papers, self._each = packed, papers, np.arange(len(papers))

    def take(self, pools: slice) -> Looked:
        return Looked(self._packed, self._papers[pools])

    def to(self, places: NDArray[np.intp]) -> Matrix:
        return self._packed.between(self._papers[self._each, places][:, np.newaxis], self._papers)

    def first(self, line: float, held: Places) -> Places:
        places = np.arange(self._papers.shape[1])
        first = np.tile(places, (len(self._papers), 1))
        twins = self._packed.has_twin(line)[self._papers] & (places < held[:, np.newaxis])
        for reader in np.flatnonzero(twins.sum(axis=1) > 1):
            some = np.flatnonzero(twins[reader])
            papers = self._papers[reader, some]
            first[reader, some] = some[first_of(self._packed.between(papers[:, np.newaxis], papers) >= line)]
        return first


def first_of(like: NDArray[np.bool_]) -> Places:
    """Return (…, m) the first place in each row of (…, m, m) that is like it; it itself always is."""
    each = np.arange(like.shape[-1])
    like[..., each, each] = True
    return like.argmax(axis=-1) if len(each) else np.zeros(like.shape[:-1], dtype=np.int64)


class Packed:
    """The likeness of all n papers, each two of them once: half the memory of a matrix, and looked up as fast."""

    def __init__(self, vectors: Matrix, works: NDArray[np.int64] | None = None) -> None:
        n = len(vectors)
        self._starts = np.cumsum(np.arange(n), dtype=np.int64)  # of each row, which ends with the paper itself
        self._values = np.empty(size(n), dtype=np.float32)
        self._twins: dict[float, NDArray[np.bool_]] = {}
        for first in range(0, n, BLOCK):
            rows = vectors[first : first + BLOCK] @ vectors[: first + BLOCK].T
            for at, row in enumerate(rows, first):
                self._row(at)[:] = row[: at + 1]
        for work in np.unique(works[works >= 0]) if works is not None else ():
            parts = np.flatnonzero(works == work)
            self._values[self._place(parts[:, np.newaxis], parts)] = 1.0

    def between(self, some: Places, others: Places) -> Matrix:
        """Return how alike papers are to others; of both the positions, in shapes that fit each other."""
        return np.asarray(self._values.take(self._place(some, others)))

    def has_twin(self, line: float) -> NDArray[np.bool_]:
        """Return (n,) which papers are as alike as the line to any other."""
        if line not in self._twins:
            mask = np.zeros(len(self._starts), dtype=np.bool_)
            for at in range(len(mask)):
                like = np.flatnonzero(self._row(at)[:at] >= line)
                mask[like] = True
                mask[at] |= bool(len(like))
            self._twins[line] = mask
        return self._twins[line]

    def _row(self, at: int) -> Vector:
        """Return (at + 1,) how alike the paper is to those before it and to itself."""
        return self._values[self._starts[at] : self._starts[at] + at + 1]

    def _place(self, some: Places, others: Places) -> NDArray[Any]:
        # Of two papers the later one has the row, in which the other is found: the other sum is smaller.
        return np.asarray(np.maximum(self._starts[some] + others, self._starts[others] + some))


def size(n: int) -> int:
    """Return how many numbers Packed holds of n papers."""
    return n * (n + 1) // 2
