"""How often a fake fails, and what it has taken over: both can outlive, and be changed beside, the process itself."""

import json
import os
import random
import re
import threading
import time
from collections import Counter
from pathlib import Path

DIGEST = re.compile(r"[0-9a-f]{32}")


class Odds:
    """Draws a mode for each call: always the one that was set, or by chance from a file that may change at any time.

    The file holds {mode: weight, …}; the same seed and the same calls draw the same modes.
    """

    def __init__(self, file: Path | None = None, seed: int = 0) -> None:
        self.always = "ok"
        self._file = file
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def draw(self) -> str:
        if self._file is None:
            return self.always
        weights: dict[str, float] = json.loads(self._file.read_text())
        with self._lock:
            return self._random.choices(list(weights), list(weights.values()))[0]


def write_odds(file: Path, weights: dict[str, float]) -> None:
    """Whole or not at all: a fake may be reading."""
    unfinished = file.with_suffix(".new")
    unfinished.write_text(json.dumps(weights))
    unfinished.replace(file)


class Ledger:
    """A line for each digest that a fake has taken over, with the moment, in the file before the fake says so."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def write(self, message: str) -> None:
        """Of a message the first digest's name that it holds."""
        found = DIGEST.search(message)
        os.write(self._descriptor, f"{found[0] if found else 'nameless'} {time.time():.3f}\n".encode())


def accepted(*ledgers: Path) -> Counter[str]:
    """How often each digest was taken over."""
    return Counter(name for name, _ in acceptances(*ledgers))


def acceptances(*ledgers: Path) -> list[tuple[str, str]]:
    """Each digest that was taken over, and when: seconds since 1970 by the clock of the fakes, which is right."""
    lines = (line for file in ledgers if file.exists() for line in file.read_text().splitlines())
    return [(name, moment) for name, _, moment in (line.partition(" ") for line in lines)]
