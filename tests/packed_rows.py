"""Recorded data as evaluations read it: packed files of one JSON object a line."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path


def write(folder: Path, name: str, rows: Iterable[object]) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in rows).encode()))
