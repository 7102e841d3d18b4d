"""Rows of recorded data, as a folder laid out like the one described in docs/trending.md holds them."""

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

Row = dict[str, Any]
Value = TypeVar("Value")
DAMAGED = (OSError, EOFError, zlib.error, ValueError, LookupError, TypeError, AttributeError)


class DataUnusable(Exception):
    """The folder lacks a file, or a file is damaged; the message names it and the remedy."""


def read(folder: Path, name: str, make: Callable[[Row], Value]) -> list[Value]:
    """What make makes of each row of a packed file of JSON Lines; DataUnusable."""
    path = folder / name
    if not path.is_file():
        raise DataUnusable(f"{path} is missing. Name a folder that holds {name} with --data.")
    found: list[Value] = []
    try:
        for row in lines(path):
            found.append(make(row))  # one by one: then it is known how far the file was sound
    except DAMAGED as error:
        problem = f"{path} is damaged after line {len(found)} ({type(error).__name__}: {error})"
        raise DataUnusable(f"{problem:.300}. Fetch it again.") from error
    if not found:
        raise DataUnusable(f"{path} is empty. Fetch it again.")
    return found


def lines(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)
