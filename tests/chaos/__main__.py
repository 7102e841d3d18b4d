"""Break everything for minutes, then look whether each mail left once.

Usage: python -m tests.chaos postgresql|sqlite

CHAOS_SEED repeats a run (as far as a machine can), CHAOS_SECONDS makes it longer or shorter, CHAOS_KEEP=1 leaves the
logs and the database. The exit code is 0 if every rule of tests/chaos/verdict.py holds.
"""

import os
import random
import sys
import tempfile

KINDS = {"postgresql": (300, 4, 4000), "sqlite": (180, 2, 1500)}  # seconds, workers, subscribers


def main(kind: str) -> int:
    seconds, workers, people = KINDS[kind]
    seconds = int(os.environ.get("CHAOS_SECONDS", seconds))
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(10**6))
    print(f"Chaos on {kind} for {seconds} s: CHAOS_SEED={seed} CHAOS_SECONDS={seconds}", flush=True)
    os.environ |= {"VAR_DIR": tempfile.mkdtemp(prefix="pr"), "DJANGO_SETTINGS_MODULE": "config.settings"}
    from tests.chaos.run import ChaosRun  # the settings are read when it is imported

    with ChaosRun(kind, workers, seed) as run:
        return run.whole(seconds, people * seconds // KINDS[kind][0])


if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
