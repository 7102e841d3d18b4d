"""Workers and beat of this host, by the signs of life that they left."""

import time
from collections.abc import Iterator
from datetime import datetime

from subscriptions.doctor.findings import Finding, error, fine
from subscriptions.operations import life_signs

SUBJECT = "processes"


def check(now: datetime) -> Iterator[Finding]:
    names = list(life_signs.given_here())
    problems = [problem for name in names if (problem := life_signs.of_file(name, time.time()))]
    for problem in problems:
        yield _dead(problem)
    if names and not problems:
        yield fine(SUBJECT, f"Of this host live {', '.join(names)}.")


def _dead(problem: str) -> Finding:
    return error(
        SUBJECT,
        problem,
        why="What it should do is left to others, or to nobody.",
        remedy="Look at the end of its log, and start it again. One that runs elsewhere now is forgotten after a day.",
    )
