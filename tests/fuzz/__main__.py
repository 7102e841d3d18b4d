"""Send FUZZ_CASES requests full of nonsense to every address of the site, in this process.

Usage: python -m tests.fuzz

FUZZ_SEED repeats a run, FUZZ_ONLY names a part of the addresses. The database is that of DATABASE_URL, without a table
as yet. The exit code is 0 if nothing was answered with 500.
"""

import os
import random
import sys
import time

import django
from django.test.utils import setup_test_environment

from tests.processes import say


def main() -> int:
    seed = int(os.environ.get("FUZZ_SEED") or random.SystemRandom().randrange(10**6))
    cases = int(os.environ.get("FUZZ_CASES") or 1000)
    say(f"FUZZ_CASES={cases} FUZZ_SEED={seed} repeats this run.")
    django.setup()
    setup_test_environment(debug=False)
    from tests.fuzz.run import Run  # reads the settings, which are known now

    began, run = time.monotonic(), Run(seed, cases, os.environ.get("FUZZ_ONLY", ""))
    run.all()
    answers = ", ".join(f"{status}: {count}" for status, count in sorted(run.statuses.items()))
    say(f"{run.sent} requests to {run.addresses} addresses in {time.monotonic() - began:.0f} s. Answers: {answers}")
    for place, request in run.failures.items():
        say(f"500, {run.times[place]} times: {place}\n{request}")
    return 1 if run.failures else 0


if __name__ == "__main__":
    sys.exit(main())
