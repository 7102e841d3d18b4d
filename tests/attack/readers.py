"""Fifty readers on pages, in a process of their own, so that what else is going on does not hold up their clocks.

Usage: python -m tests.attack.readers PORT SECONDS SEED
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator, Mapping

from tests.attack.http import Visitor

READERS, REST = 50, 3.0  # people, and seconds that each looks at a page on average
PAGES = {
    "front page": "/",
    "search": "/search/?q={}",
    "topics": "/topics/",
    "about": "/about/",
    "form": "/subscribe/",
}
Seen = list[tuple[str, int, float]]  # kind, status, seconds
WORDS = ["graph", "network", "quantum", "protein", "language", "vision", "robot", "theorem", "galaxy", "market"]


async def read(port: int, seconds: float, seed: int) -> Seen:
    """Each page that was asked for: its kind, its status and how long it took."""
    over, seen = time.monotonic() + seconds, Seen()
    readers = (_reader(port, nth, random.Random(seed + nth), over, seen) for nth in range(READERS))
    await asyncio.gather(*readers)
    return seen


async def _reader(port: int, nth: int, chance: random.Random, over: float, seen: Seen) -> None:
    visitor = Visitor(port, f"198.51.100.{nth}")
    await asyncio.sleep(chance.uniform(0, REST))
    while time.monotonic() < over:
        kind = chance.choice(list(PAGES))
        answer = await visitor.get(PAGES[kind].format("+".join(chance.sample(WORDS, 2))))
        seen.append((kind, answer.status, answer.seconds))
        await asyncio.sleep(chance.uniform(0, 2 * REST))
    visitor.close()


def p99(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.99)] if ordered else 0.0


def by_kind(seen: Seen) -> Mapping[str, list[float]]:
    return dict(_kinds(seen))


def _kinds(seen: Seen) -> Iterator[tuple[str, list[float]]]:
    yield "all pages", [took for _, _, took in seen]
    for kind in PAGES:
        yield kind, [took for name, _, took in seen if name == kind]


if __name__ == "__main__":
    port, seconds, seed = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(read(int(port), float(seconds), int(seed)))))
