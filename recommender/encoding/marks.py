"""Vectors of known texts, by which a model is known again: another one under its name must not be compared with it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from recommender.encoding.encoder import PROBES, Encoder
from recommender.vectors import Matrix, Vector, pack, unpack

KNOWN_TEXT = PROBES[0]
SAME_MODEL = 0.97  # cosine; in bfloat16 and in float32 the smallest models give .98, others .999


@lru_cache(maxsize=4)
def mark(loaded: Encoder) -> bytes:
    """Return the packed vectors of the known text, as a paper and as a query."""
    return pack(np.concatenate([loaded.encode([KNOWN_TEXT]), loaded.encode_queries([KNOWN_TEXT])]))


def is_of(stored: bytes, loaded: Encoder) -> bool:
    """Tell whether a mark is of this model, whatever the precision of its numbers."""
    before, after = _rows(stored), _rows(mark(loaded))
    return before.shape == after.shape and bool(((before * after).sum(axis=1) > SAME_MODEL).all())


def gives(stored: bytes, query: Vector) -> bool:
    """Tell whether a (d,) vector of the known text as a query is by the model of a mark."""
    return bool(_rows(stored)[1] @ query > SAME_MODEL)


def _rows(packed: bytes) -> Matrix:
    return unpack(packed).reshape(2, -1)
