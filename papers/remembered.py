"""What this process has computed before: in memory, bounded, and under keyed hashes.

Nobody can tell from a memory's image what was looked for, and what visitors typed has them in its key, so that nobody
learns by a faster answer what others have typed.
"""

from __future__ import annotations

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")
_SECRET = secrets.token_bytes(32)
OLDEST = 2  # times the age at which a value is made anew: so old it may be while another makes it


class Remembered(Generic[Value]):
    """Keeps the values that were used last; what fails to be computed is not kept."""

    def __init__(self, most: int) -> None:
        self._most, self._values, self._lock = most, OrderedDict[bytes, Value](), Lock()

    def get(self, key: Hashable, compute: Callable[[], Value]) -> Value:
        """Return the value of a key whose repr tells it from all others; compute it where it is not known."""
        hashed = _hashed(key)
        found = self._find(hashed)
        if found is None:
            found = compute()
            self._keep(hashed, found)
        return found

    def _find(self, hashed: bytes) -> Value | None:
        with self._lock:
            if hashed in self._values:
                self._values.move_to_end(hashed)
            return self._values.get(hashed)

    def _keep(self, hashed: bytes, value: Value) -> None:
        with self._lock:
            self._values[hashed] = value
            if len(self._values) > self._most:
                self._values.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._values.clear()


def _hashed(key: Hashable) -> bytes:
    return blake2b(repr(key).encode(errors="surrogatepass"), key=_SECRET, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class _Made(Generic[Value]):
    value: Value
    at: float  # seconds since 1970, when its making began: it knows nothing newer

    def is_within(self, seconds: float, now: float) -> bool:
        return 0 <= now - self.at < seconds  # a clock that was put back makes nothing young again


class KeptAWhile(Generic[Value]):
    """Keeps values for some seconds. One who asks makes an old one anew, and the others are given the old one."""

    def __init__(self, most: int) -> None:
        self._made: Remembered[_Made[Value]] = Remembered(most)
        self._being_made, self._lock = set[bytes](), Lock()

    def get(self, key: Hashable, seconds: float, make: Callable[[], Value]) -> Value:
        """Return the value of a key, not older than so many seconds, or than OLDEST times that while it is made anew.

        With no seconds, and where making it fails, nothing is kept.
        """
        if not seconds:
            return make()
        hashed = _hashed(key)
        found, now = self._made._find(hashed), time.time()
        if found and found.is_within(seconds, now):
            return found.value
        if not self._takes_on(hashed) and found and found.is_within(OLDEST * seconds, now):
            return found.value
        try:
            value = make()
            self._made._keep(hashed, _Made(value, now))
        finally:
            with self._lock:
                self._being_made.discard(hashed)
        return value

    def _takes_on(self, hashed: bytes) -> bool:
        """Tell whether whoever asks is to make it, because nobody does."""
        with self._lock:
            if hashed in self._being_made:
                return False
            self._being_made.add(hashed)
            return True

    def forget(self) -> None:
        self._made.forget()
