"""How often each network has asked in this minute or hour, in memory that all processes of the web server share.

The server's workers are forks of one process, so memory that was mapped before is common to all of them and outlives
each. Nothing is stored, so a GET may be counted; a table would have to be written at every search, and Redis need not
be there. Where it is, several web servers add to its counts, too (counts_of_machines). Networks are known by a keyed
hash, in few cells: where two share both of theirs, they share their allowance.
"""

import mmap
import time
from collections.abc import Callable
from hashlib import blake2b
from math import ceil
from threading import Lock

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from subscriptions.limits import client_address
from subscriptions.limits.counts_of_machines import counts_of_machines

MINUTE, HOUR = 60, 3_600  # seconds
CELLS = 1 << 15  # a power of two, for either hash of a network; four bytes for the window and four for the count
HASHES = 2
AROUND = 8  # so many times as much is allowed to the /48 around a network


class Allowances:
    """Counts of this window. Two processes that count at the same time may count as one: nobody is refused for it."""

    def __init__(self, window: int = MINUTE) -> None:
        self.window = window
        self._memory = mmap.mmap(-1, HASHES * CELLS * 8)
        self._cells, self._lock = memoryview(self._memory).cast("Q"), Lock()
        # The same on all machines, where one network must come to the same cells.
        self._secret = salted_hmac("requests of networks", str(window), algorithm="sha256").digest()

    def wait(self, kind: str, request: HttpRequest, limit: int) -> int:
        """Use up one request of a kind; return 0, or the seconds to wait where a network has none left."""
        home = client_address.home(request)
        seconds = self.take(f"{kind} {home}", limit)
        if seconds or ":" not in home:
            return seconds  # what one network is refused takes nothing from its neighbours
        return self.take(f"{kind} {client_address.wider(home)}", AROUND * limit)

    def take(self, key: str, limit: int, clock: Callable[[], float] = time.time) -> int:
        """Use up one of the limit of this window; return 0, or the seconds to wait where there is none left."""
        number, passed = divmod(clock(), self.window)
        places = self._places(key)
        count = self._add(places, int(number))
        if count <= limit:  # what is refused here need not be told elsewhere
            count = max(count, counts_of_machines.add(self.window, int(number), places))
        return 0 if count <= limit else ceil(self.window - passed)

    def _places(self, key: str) -> list[int]:
        hashed = blake2b(key.encode(), key=self._secret, digest_size=4 * HASHES).digest()
        return [
            number * CELLS + int.from_bytes(hashed[4 * number : 4 * number + 4], "big") % CELLS
            for number in range(HASHES)
        ]

    def _add(self, places: list[int], window: int) -> int:
        with self._lock:
            return min(self._add_at(place, window) for place in places)

    def _add_at(self, place: int, window: int) -> int:
        of_window, count = divmod(self._cells[place], 1 << 32)
        count = count + 1 if of_window == window else 1
        self._cells[place] = window << 32 | count
        return count

    def forget(self) -> None:
        self._memory[:] = bytes(len(self._memory))


# Made when the server loads its middleware, before it forks.
allowances, hourly = Allowances(), Allowances(HOUR)


def forget() -> None:
    """Forget all counts."""
    counts_of_machines.forget()
    for counts in (allowances, hourly):
        counts.forget()
