"""A clock that runs faster than the real one and jumps while processes look at it.

Each process reads its own from a file: the real moment from which it counts, how far it is ahead, and how fast it
runs. Only the wall clock is moved; what waits and times out does so in real seconds, as it does when a host's clock
jumps. (libfaketime cannot do that for a worker: with its monotonic clock moved too, waits in threads never end.)
"""

import os
from pathlib import Path

import _time_machine
import time_machine

HOUR, DAY = 3600.0, 86_400.0


def real() -> float:
    return float(_time_machine.original_time_ns() / 1e9)


class Clock(time_machine.Traveller):
    def __init__(self, file: Path) -> None:
        super().__init__(0, None, tick=True)
        self._file = file

    def time_ns(self) -> int:
        started, ahead, rate = map(float, self._file.read_text().split())
        return int((started + ahead + (real() - started) * rate) * 1e9)


def write(file: Path, started: float, ahead: float, rate: float) -> None:
    unfinished = file.with_suffix(".new")
    unfinished.write_text(f"{started!r} {ahead!r} {rate!r}")
    unfinished.replace(file)


def follow(file: Path) -> None:
    """From now on this process, and what it forks, lives by the clock in the file."""
    time_machine.travel(0).start()
    time_machine.traveller_stack[-1] = Clock(file)


if clock := os.environ.get("CHAOS_CLOCK"):
    follow(Path(clock))
