"""Attack the whole site for two minutes, then look whether its readers noticed.

Usage: python -m tests.attack

ATTACK_SEED repeats a run (as far as a machine can), ATTACK_SECONDS makes it longer or shorter. The exit code is 0 if
every rule of tests/attack/verdict.py holds. Everything happens on the loopback, at modest rates.
"""

import asyncio
import json
import os
import random
import signal
import sys
import time

from tests.attack.assault import Assault
from tests.attack.readers import Seen
from tests.attack.target import Target
from tests.attack.verdict import Findings, complaints, table, too_slow
from tests.processes import say

REST = 30.0  # seconds of readers alone, against which the others are judged
HONEST = "honest@example.net"
GOES = 3


def main() -> int:
    seed = int(os.environ.get("ATTACK_SEED") or random.SystemRandom().randrange(10**6))
    seconds = float(os.environ.get("ATTACK_SECONDS") or 100)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))  # and everything that was started too
    say(f"Attack: ATTACK_SEED={seed} ATTACK_SECONDS={seconds:.0f}")
    for go in range(1, GOES + 1):
        found, wrong = attacked(seed, seconds)
        if go == GOES or wrong != [too_slow(found)]:
            break
        # A machine that stands still for a second is slow for more than one page in a hundred, whoever caused it.
        say(f"WRONG: {wrong[0]}. Only what comes {GOES} times is the site's fault.")
    say("\n".join(f"WRONG: {line}." for line in wrong) or "Readers hardly noticed, and nothing broke.")
    return int(bool(wrong))


def attacked(seed: int, seconds: float) -> tuple[Findings, list[str]]:
    """Attack a new site, show how it went, and return what was found and what is wrong with it."""
    with Target() as target:
        found = asyncio.run(whole(target, seed, seconds))
    for line in table(found):
        say(line)
    return found, list(complaints(found))


async def whole(target: Target, seed: int, seconds: float) -> Findings:
    await readers(target, 8, seed)  # warms everything up
    before = target.processor()
    at_rest = await readers(target, REST, seed)
    between = target.processor()
    workers, memory = target.workers(), target.web_memory()
    say("Readers alone are measured; now everything else begins.")
    assault = Assault(target.port, seed, target.tokens)
    attacked, mail_after, _ = await asyncio.gather(
        readers(target, seconds, seed), honest(target, assault, seconds), assault.rage(seconds)
    )
    after = target.processor()
    await asyncio.sleep(5)
    return Findings(
        at_rest=at_rest,
        attacked=attacked,
        busy_at_rest={name: (between[name] - before[name]) / REST for name in between},
        busy={name: (after[name] - between[name]) / seconds for name in after},
        answers=assault.answers,
        failed=assault.failed,
        unanswered=assault.unanswered,
        least_held=assault.least_held,
        workers_before=workers,
        workers_after=target.workers(),
        memory_before=memory,
        memory_after=target.web_memory(),
        mail_after=mail_after,
        left_over=target.left_over(),
        logged=target.logged(),
    )


async def readers(target: Target, seconds: float, seed: int) -> Seen:
    """What the fifty readers saw."""
    command = [sys.executable, "-m", "tests.attack.readers", str(target.port), str(seconds), str(seed)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    return [(kind, status, took) for kind, status, took in json.loads(said)]


async def honest(target: Target, assault: Assault, seconds: float) -> float | None:
    """In the middle of the flood somebody signs up: seconds until the mail is there, or None."""
    await asyncio.sleep(seconds / 2)
    began = time.monotonic()
    await assault.honest_sign_up(HONEST)
    while not target.has_mail_for(HONEST):
        if time.monotonic() > began + seconds / 2 + 30:
            return None
        await asyncio.sleep(0.5)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
