"""Visitors of a web site as a process of their own, so that what is measured does not hold up their clocks.

Usage: python -m subscriptions.benchmarks.visitors < PLAN > SEEN, both in JSON.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from threading import local
from typing import Any
from urllib.parse import urlencode

THREADS = 64
FORM_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass(frozen=True, slots=True)
class Plan:
    """What visitors ask for; every kind of page is asked for as often as its share says."""

    port: int
    host: str
    seconds: float
    rate: float  # pages a second, whether the earlier ones are answered or not
    pages: Mapping[str, list[str]]  # kind → paths
    texts: list[str] = field(default_factory=list)  # one for each who describes their interests, typed word by word
    form: str = ""  # the page whose form they fill in
    preview: str = ""  # the path that answers to what was typed
    fields: Mapping[str, Any] = field(default_factory=dict)  # of the form, beside the text
    pause: float = 1.0  # seconds between two words


@dataclass(frozen=True, slots=True)
class Seen:
    kind: str
    status: int  # 0: no answer
    seconds: float  # from the moment at which it was due


class Visitor:
    """Asks on a connection that stays open, from a network address of its own."""

    def __init__(self, plan: Plan, number: int) -> None:
        self.plan, self.cookie, self.token = plan, "", ""
        self.address = f"198.51.{number // 250}.{number % 250 + 1}"
        self.connection = HTTPConnection("127.0.0.1", plan.port, timeout=60)

    def ask(self, kind: str, path: str, body: str | None = None, due: float | None = None) -> Seen:
        due = time.monotonic() if due is None else due
        for _ in range(2):  # the server does not keep an idle connection for long
            try:
                status, self.text = self._answer(path, body)
            except (OSError, HTTPException):
                self.connection.close()
                continue
            return Seen(kind, status, time.monotonic() - due)
        return Seen(kind, 0, time.monotonic() - due)

    def _answer(self, path: str, body: str | None) -> tuple[int, str]:
        origin = f"https://{self.plan.host}"
        headers = {"Host": self.plan.host, "X-Forwarded-Proto": "https", "X-Forwarded-For": self.address}
        headers |= {"Referer": f"{origin}/", "Origin": origin, "Cookie": self.cookie}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        self.connection.request("GET" if body is None else "POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode(errors="replace")
        if set_cookie := answer.getheader("Set-Cookie"):
            self.cookie = set_cookie.partition(";")[0]
        return answer.status, text

    def type_text(self, text: str, until: float, chance: random.Random) -> Iterator[Seen]:
        """Describe an interest, and be shown the digest after each word; begin again where the text ends."""
        self.ask("form", self.plan.form)
        found = FORM_TOKEN.search(self.text)
        fields = {"csrfmiddlewaretoken": found[1] if found else "", **self.plan.fields}
        words, shown = text.split(), 3
        while time.monotonic() < until:
            time.sleep(chance.uniform(0.5, 1.5) * self.plan.pause)
            typed = " ".join(words[:shown])
            yield self.ask("preview", self.plan.preview, urlencode(fields | {"text": typed}, doseq=True))
            shown = shown + 1 if shown < min(len(words), 25) else 3


def visit(plan: Plan, seed: int = 0) -> list[Seen]:
    """Return what was seen, in any order."""
    chance, own, until = random.Random(seed), local(), time.monotonic() + plan.seconds
    numbers = iter(range(10**6))

    def page(kind: str, path: str, due: float) -> Seen:
        if not hasattr(own, "visitor"):
            own.visitor = Visitor(plan, next(numbers))
        return own.visitor.ask(kind, path, due=due)  # type: ignore[no-any-return]

    def typist(number: int, text: str) -> list[Seen]:
        return list(Visitor(plan, 1_000 + number).type_text(text, until, random.Random(number)))

    with ThreadPoolExecutor(THREADS) as pages, ThreadPoolExecutor(max(1, len(plan.texts))) as typing:
        typed = [typing.submit(typist, number, text) for number, text in enumerate(plan.texts)]
        asked = [pages.submit(page, *one) for one in _arrivals(plan, chance, until)]
        return [each.result() for each in asked] + [seen for each in typed for seen in each.result()]


def _arrivals(plan: Plan, chance: random.Random, until: float) -> Iterator[tuple[str, str, float]]:
    """Yield what is asked for, each when it is due: at random, as people come."""
    due = time.monotonic()
    while plan.rate and plan.pages and (due := due + chance.expovariate(plan.rate)) < until:
        time.sleep(max(0.0, due - time.monotonic()))
        kind = chance.choice(list(plan.pages))
        yield kind, chance.choice(plan.pages[kind]), due


if __name__ == "__main__":
    json.dump([asdict(seen) for seen in visit(Plan(**json.load(sys.stdin)))], sys.stdout)
