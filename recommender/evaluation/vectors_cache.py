"""Vectors of texts, encoded once for all runs: a file that a killed run leaves whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from papers.evaluation.rows import DataUnusable
from recommender.cosines import AS_MEASURED
from recommender.embedding import calibration
from recommender.encoding import encoder, onnx_files
from recommender.models import EmbeddingModel
from recommender.vectors import Matrix

BLOCK = 256  # texts; after each of these blocks a killed run may go on where it was
TABLE = (
    "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text BLOB, vector BLOB, PRIMARY KEY (model, text)) WITHOUT ROWID"
)


def described(name: str, dimension: int) -> EmbeddingModel:
    """Return a model that is not stored, with what its cosines are worth; raise encoder.ModelMissing."""
    scales = AS_MEASURED if name == encoder.PACKAGED else calibration.measure(encoder.load(name))
    return EmbeddingModel(name=name, dimension=dimension, calibration=scales.as_data())


def encode(texts: Sequence[str], model: str, path: Path, *, queries: bool = False) -> Matrix:
    """Return (n, d) float32 unit rows of n papers, or of queries, encoding those not yet in the file, with progress.

    A model that has changed since is another one. Raises encoder.ModelMissing, and DataUnusable for a file that is no
    cache.
    """
    keys = [sha256(text.encode()).digest() for text in texts]
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        vectors = _found(path, Kind(model, queries), dict(zip(keys, texts, strict=True)))
    except sqlite3.DatabaseError as error:
        raise DataUnusable(f"{path} cannot be used ({error}). Remove it and run this again.") from error
    return np.stack([np.frombuffer(vectors[key], dtype="<f4") for key in keys])


class Kind(NamedTuple):
    """Vectors that compare with each other."""

    model: str
    queries: bool

    def key(self) -> str:
        folder = encoder.whereabouts(self.model)
        version = f" {onnx_files.version(folder)}" if folder and self.model != encoder.PACKAGED else ""
        return f"{self.model}{version}{' queries' if self.queries else ''}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        loaded = encoder.load(self.model)
        return loaded.encode_queries(texts) if self.queries else loaded.encode(texts)


def _found(path: Path, kind: Kind, texts: dict[bytes, str]) -> dict[bytes, bytes]:
    with closing(sqlite3.connect(path)) as cache:
        cache.execute(TABLE)
        _fill(cache, kind, texts)
        return dict(cache.execute("SELECT text, vector FROM vectors WHERE model = ?", [kind.key()]))


def _fill(cache: sqlite3.Connection, kind: Kind, texts: dict[bytes, str]) -> None:
    model = kind.key()
    known = {key for (key,) in cache.execute("SELECT text FROM vectors WHERE model = ?", [model])}
    missing = sorted(texts.keys() - known, key=lambda key: (len(texts[key]), key))
    with tqdm(total=len(missing), desc="Encoding", unit="text", disable=not missing) as progress:
        for start in range(0, len(missing), BLOCK):
            block = missing[start : start + BLOCK]
            vectors = kind.encode([texts[key] for key in block])
            keep(cache, model, block, vectors)
            progress.update(len(block))


def keep(cache: sqlite3.Connection, model: str, keys: Sequence[bytes], vectors: Matrix) -> None:
    rows = [(model, key, vector.astype("<f4").tobytes()) for key, vector in zip(keys, vectors, strict=True)]
    with cache:
        cache.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
