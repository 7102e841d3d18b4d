"""Vectors at rest: unit vectors as float16 bytes, two bytes a number."""

from typing import Any

import numpy as np
from django.db import models
from numpy.typing import NDArray

Vector = NDArray[np.float32]
Matrix = NDArray[np.float32]


def unit(vectors: NDArray[Any]) -> Matrix:
    """Scale each row of (n, d), or one vector (d,), to length 1; raise ValueError for a zero row, NaN or infinity."""
    array = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(array, axis=-1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths == 0).any():
        raise ValueError("a vector is zero or not finite, so it has no direction")
    return np.asarray(array / lengths)


def unit_or_nan(vectors: NDArray[Any]) -> Matrix:
    """Scale as unit does, but turn a row of (n, d) without a direction into NaN throughout."""
    array = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(array, axis=-1, keepdims=True)
    usable = np.isfinite(lengths) & (lengths > 0)
    return np.asarray(np.where(usable, array / np.where(usable, lengths, 1), np.float32(np.nan)), dtype=np.float32)


def pack(vector: NDArray[Any]) -> bytes:
    """Pack (d,) numbers into 2·d bytes of little-endian float16."""
    return np.asarray(vector, dtype="<f2").tobytes()


def unpack(data: bytes) -> Vector:
    """Unpack 2·d bytes of little-endian float16 into (d,) float32."""
    return np.frombuffer(data, dtype="<f2").astype(np.float32)


def unpack_rows(rows: list[bytes], dimension: int) -> Matrix:
    """Unpack n byte strings into (n, dimension) float32; raise ValueError if one has another dimension."""
    joined = np.frombuffer(b"".join(rows), dtype="<f2")
    if any(len(row) != 2 * dimension for row in rows):
        raise ValueError(f"a stored vector does not have {dimension} dimensions")
    return joined.reshape(len(rows), dimension).astype(np.float32)


class VectorField(models.BinaryField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A unit vector, (d,) float32 in Python, float16 bytes in the database."""

    def from_db_value(self, value: bytes | None, expression: object, connection: object) -> Vector | None:
        return None if value is None else unpack(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        packed = pack(value) if isinstance(value, np.ndarray) else value
        return super().get_db_prep_value(packed, connection, prepared)
