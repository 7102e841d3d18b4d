"""Keep layers in memory in step with a table of the database, by reading only what changed.

A request waits for a small change to be read. A large one (a first start, a backfill) is read by a thread of its own,
and searches meanwhile see what is there so far.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Generic, Protocol, TypeVar

import numpy as np
from django.db import Error, connection
from numpy.typing import NDArray
from tqdm import tqdm

from recommender.index.files import Files
from recommender.index.layers import UNKNOWN, Ids, Layer, Layers, Part

SMALL = 2_000  # changed papers that a request waits for: some tenths of a second
CHUNK = 8_192  # papers read into one layer
LARGE = 20_000  # papers of a layer that is kept in files
MANY = 100_000  # papers that a request neither counts nor joins: deletions are then noticed at the next start

logger = logging.getLogger(__name__)
L = TypeVar("L", bound=Layer)
L_co = TypeVar("L_co", bound=Layer, covariant=True)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Rows:
    """Papers of a table and their versions, in any order."""

    ids: Ids
    versions: Ids

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Rows:
        rows = np.fromiter(pairs, dtype=np.dtype([("id", np.int64), ("version", np.int64)]))
        return cls(rows["id"].copy(), rows["version"].copy())

    def __len__(self) -> int:
        return len(self.ids)


class Table(Protocol[L_co]):
    """What is mirrored."""

    def stamp(self) -> Hashable:
        """Return something that differs after a change and costs little to ask for."""

    def since(self, version: int, limit: int | None) -> Rows:
        """Return the papers that may have changed since that version was the newest, at most so many."""

    def count(self) -> int: ...

    def read(self, ids: list[int]) -> L_co:
        """Return a layer of those papers that are still there."""


class Follower(ABC):
    """Follows a table of the database, a small change at once and a large one in a thread of its own."""

    def __init__(self) -> None:
        self._reading = Lock()
        self._stamp: Hashable = None

    @abstractmethod
    def stamp(self) -> Hashable:
        """Return something that differs after a change and costs little to ask for."""

    @abstractmethod
    def read_little(self) -> bool:
        """Read what changed, if it is so little that a request may wait for it; False if it is not."""

    @abstractmethod
    def read_everything(self, progress: bool) -> None:
        """Read what changed, however much it is."""

    @property
    def is_behind(self) -> bool:
        """Tell whether something is being read just now."""
        return self._reading.locked()

    def follow(self) -> None:
        """Take in what changed; leave it to a thread, and do not wait, if it is much."""
        stamp = self.stamp()
        if stamp == self._stamp or not self._reading.acquire(blocking=False):
            return
        done = True  # with an error too: the next one tries again
        try:
            done = self.read_little()
            self._stamp = stamp if done else None
        finally:
            if done:
                self._reading.release()
        if not done:
            Thread(target=self._read_aside, daemon=True).start()

    def catch_up(self, progress: bool = False) -> None:
        """Take in what changed, however long that takes."""
        with self._reading:
            self._read(progress)

    def _read_aside(self) -> None:
        try:
            self._read(progress=False)
        except Error as error:
            logger.warning("The index could not be brought up to date: %s", error)
        finally:
            self._reading.release()
            connection.close()

    def _read(self, progress: bool) -> None:
        stamp = self.stamp()
        self.read_everything(progress)
        self._stamp = stamp


class Mirror(Follower, Generic[L, V]):
    """A table's layers, the large ones in files, and one view of them for each state."""

    def __init__(self, table: Table[L], kind: type[L], view: Callable[[Layers[L]], V], files: Files) -> None:
        super().__init__()
        self._table, self._kind, self._view, self._files = table, kind, view, files
        self._begin()

    def _begin(self) -> None:
        self._stamp = None
        self._layers: Layers[L] = Layers()
        self._kept: tuple[L, ...] = ()
        self._seen: tuple[Layers[L], V] = (self._layers, self._view(self._layers))

    def current(self) -> V:
        """Return the view of the database as it is now, or as it was a moment ago while much is read."""
        self.follow()
        return self.view()

    def caught_up(self, progress: bool = False) -> V:
        """Return the view of the database as it is now, however long the reading takes."""
        self.catch_up(progress)
        return self.view()

    def forget(self) -> None:
        """Empty the layers: this process has turned to another database."""
        with self._reading:
            self._begin()

    def view(self) -> V:
        layers, view = self._seen
        if layers is not self._layers:
            layers = self._layers
            view = self._view(layers)
            self._seen = layers, view
        return view

    def stamp(self) -> Hashable:
        return self._table.stamp()

    def read_little(self) -> bool:
        rows = self._table.since(self._layers.newest, SMALL + 1)
        stale = self._stale(rows)
        if len(rows) > SMALL or len(stale) > SMALL:
            return False
        self._take(stale, most=MANY)
        if len(self._layers) <= MANY and self._table.count() != len(self._layers):
            self._reconcile()
        return self._layers.is_settled and not self._unkept()

    def read_everything(self, progress: bool) -> None:
        """Read what changed; a large table is read by one process of a machine, and the next open its files."""
        if self._layers.parts or self._table.count() < LARGE:
            self._read_all(progress)
            return
        with self._files.alone():
            self._read_all(progress)

    def _read_all(self, progress: bool) -> None:
        if not self._layers.parts:
            self._open()
        self._take(self._stale(self._table.since(self._layers.newest, None)), progress)
        if self._table.count() != len(self._layers):
            self._reconcile()
        self._layers = self._layers.settled()
        if self._unkept():
            self._keep()

    def _open(self) -> None:
        """Begin with what was kept, as far as the table still has it."""
        try:
            self._kept = tuple(map(self._kind.of_arrays, self._files.open()))
        except KeyError:
            return
        for layer in self._kept:
            self._layers = self._layers.with_layer(layer)
        if self._kept:
            self._reconcile()

    def _keep(self) -> None:
        large = {number: part for number, part in enumerate(self._layers.parts) if len(part) >= LARGE}
        opened = self._files.keep(part.layer.arrays() for part in large.values())
        self._kept = tuple(map(self._kind.of_arrays, opened)) or tuple(part.layer for part in large.values())
        parts = list(self._layers.parts)
        for number, layer in zip(large, self._kept, strict=True):
            parts[number] = Part(layer, parts[number].alive)
        self._layers = Layers(tuple(parts))

    def _unkept(self) -> bool:
        kept = set(map(id, self._kept))
        return any(len(part) >= LARGE and id(part.layer) not in kept for part in self._layers.parts)

    def _reconcile(self) -> None:
        """Compare every paper: some are gone, or came late with an early version."""
        rows = self._table.since(UNKNOWN, None)
        self._layers = self._layers.without(np.setdiff1d(self._layers.ids, rows.ids))
        self._take(self._stale(rows))

    def _stale(self, rows: Rows) -> NDArray[np.int64]:
        return np.sort(rows.ids[self._layers.versions_of(rows.ids) != rows.versions])

    def _take(self, ids: Ids, progress: bool = False, most: int | None = None) -> None:
        with tqdm(total=len(ids), desc="Reading papers", unit="paper", disable=not progress) as bar:
            for start in range(0, len(ids), CHUNK):
                chunk = ids[start : start + CHUNK]
                self._layers = self._layers.with_layer(self._table.read(chunk.tolist())).settled(most)
                bar.update(len(chunk))
