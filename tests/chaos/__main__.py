"""Break everything for minutes, then look whether each mail left once.

Usage: python -m tests.chaos postgresql|sqlite

CHAOS_SEED repeats a run (as far as a machine can), CHAOS_SECONDS makes it longer or shorter, CHAOS_KEEP names a folder
for the logs. The exit code is 0 if every rule of tests/chaos/verdict.py holds.
"""

import os
import random
import sys

from tests.chaos.place import Place

KINDS = {"postgresql": (300, 4, 4000), "sqlite": (180, 2, 1500)}  # seconds, workers, subscribers


def main(kind: str) -> int:
    usual, workers, people = KINDS[kind]
    seconds = int(os.environ.get("CHAOS_SECONDS", usual))
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    sys.stdout.write(f"Chaos on {kind}: CHAOS_SEED={seed} CHAOS_SECONDS={seconds}\n")
    sys.stdout.flush()
    with Place(kind, workers, seed) as place:
        from tests.chaos import run  # reads the settings, which are known now

        return run.whole(place, seconds, people * seconds // usual, seed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) if sys.argv[1:] and sys.argv[1] in KINDS else __doc__)
