"""What this process has computed of interests that somebody describes: in memory, bounded, and under keyed hashes.

Who describes it is a part of the key, so that nobody learns by a faster answer what others have typed.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
_SECRET = secrets.token_bytes(32)


class Remembered(Generic[Value]):
    """Keeps the values that were used last; what fails to be computed is not kept."""

    def __init__(self, most: int) -> None:
        self._most, self._values, self._lock = most, OrderedDict[bytes, Value](), Lock()

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the value of a key whose repr tells it from all others; compute it where it is not known."""
        hashed = blake2b(repr(key).encode(errors="surrogatepass"), key=_SECRET, digest_size=16).digest()
        with self._lock:
            if hashed in self._values:
                self._values.move_to_end(hashed)
                return self._values[hashed]
        value = compute()
        with self._lock:
            self._values[hashed] = value
            if len(self._values) > self._most:
                self._values.popitem(last=False)
        return value

    def forget(self) -> None:
        with self._lock:
            self._values.clear()
