"""Layers as files that processes map into memory: after a restart little is read again, and web workers share a copy.

A file is never changed. A process with a new state writes it beside the old one, and then names it the current one.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from hashlib import blake2b
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from django.conf import settings
from django.db import connection
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from recommender import machine_lock

Arrays = Mapping[str, NDArray[Any]]
CURRENT = "current"

logger = logging.getLogger(__name__)


class Files:
    """The kept layers of one table of the database that this process works on."""

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def folder(self) -> Path:
        return home() / self.name

    def alone(self) -> AbstractContextManager[bool]:
        """Hold this table's lock of the machine: who reads everything for the first time does it for all processes."""
        return machine_lock.held(self.folder.with_suffix(".lock"))

    def open(self) -> list[Arrays]:
        """Map what was kept last into memory; return nothing where nothing was, or where it cannot be read."""
        try:
            state = self.folder / (self.folder / CURRENT).read_text()
            return [_opened(layer) for layer in sorted(state.iterdir(), key=lambda layer: int(layer.name))]
        except FileNotFoundError:
            return []
        except Exception as error:  # whatever a damaged file may provoke: the database has everything
            logger.warning("The index in %s is damaged (%r) and is made anew.", self.folder, error)
            return []

    def keep(self, layers: Iterable[Arrays]) -> list[Arrays]:
        """Write layers in place of those kept so far, and map them into memory; return nothing if there is no room."""
        state = self.folder / uuid4().hex
        try:
            for number, layer in enumerate(layers):
                _write(state / str(number), layer)
            self._name_current(state)
        except OSError as error:
            logger.warning("The index is not kept in %s, and will be read anew after a restart: %s", self.folder, error)
            shutil.rmtree(state, ignore_errors=True)
            return []
        return self.open()

    def _name_current(self, state: Path) -> None:
        """Make a state the current one. Processes with the old one open keep it: a file lives while it is mapped."""
        note = self.folder / f"{state.name}.{CURRENT}"
        note.write_text(state.name)
        note.replace(self.folder / CURRENT)
        for other in self.folder.iterdir():
            if other.is_dir() and other != state:
                shutil.rmtree(other, ignore_errors=True)


def home() -> Path:
    """Return a folder for each database, so that a process on another one never meets these files."""
    place = [str(connection.settings_dict[part]) for part in ("ENGINE", "HOST", "PORT", "NAME")]
    return Path(settings.VAR_DIR) / "index" / blake2b("\n".join(place).encode(), digest_size=8).hexdigest()


def _opened(folder: Path) -> Arrays:
    return {file.stem: np.asarray(open_memmap(file, mode="r")) for file in folder.glob("*.npy")}


def _write(folder: Path, layer: Arrays) -> None:
    folder.mkdir(parents=True)
    for name, array in layer.items():
        with (folder / f"{name}.npy").open("wb") as file:
            np.save(file, array)
            file.flush()
            os.fsync(file.fileno())  # or a power failure leaves zeros that pass for vectors
