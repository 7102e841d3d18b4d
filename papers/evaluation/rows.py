"""Rows of recorded data, as a folder laid out like the one described in docs/trending.md holds them."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

Row = dict[str, Any]
Value = TypeVar("Value")
DAMAGED = (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, AttributeError)


class DataUnusable(Exception):
    """The folder lacks a file, or a file is damaged; the message names it and the remedy."""


def read(folder: Path, name: str, make: Callable[[Row], Value]) -> list[Value]:
    """Return make(row) for each row of a packed file of JSON Lines; raise DataUnusable."""
    path = folder / name
    if not path.is_file():
        raise DataUnusable(f"{path} is missing. Name a folder that holds {name} with --data.")
    values: list[Value] = []
    try:
        for row in lines(path):
            values.append(make(row))  # one by one: then it is known how far the file was sound
    except DAMAGED as error:
        problem = f"{path} is damaged after line {len(values)} ({type(error).__name__}: {error})"
        raise DataUnusable(f"{problem:.300}. Fetch it again.") from error
    if not values:
        raise DataUnusable(f"{path} is empty. Fetch it again.")
    return values


def is_odd(identifier: str) -> bool:
    """Tell which half an identifier is in, by its hash: defaults are chosen on one half and reported on the other."""
    return sha256(identifier.encode()).digest()[0] % 2 == 1


def lines(path: Path) -> Iterator[Row]:
    """Yield the rows of a packed file of JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)
