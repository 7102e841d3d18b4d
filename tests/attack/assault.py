"""Everything at once, from one process and at modest rates: the machine's cores are shared with what is attacked."""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.attack.http import Answer, Visitor
from tests.attack.slow import SlowClients
from tests.subscriptions.signup.proofs import solve

SLOW, SIGN_UPS, NETWORKS = 200, 5000, 20
STREAM = 600_000_000  # bytes that an oversized body says it has; little more than what is refused is really sent
TOKEN = "A" * 22
PATHS = ["/", "/search/", "/subscribe/", "/topics/{}/", "/papers/{}/", "/confirm/{}/", "/preferences/{}/", "/u/{}"]
PATHS += ["/digests/{}/", "/address/{}/", "/admin/login/", "/anymail/postmark/tracking/", "/anymail/mailgun/tracking/"]
PATHS += ["/subscribe/done/", "/about/trending/", "/account/{}/", "/link/{}/", "/robots.txt", "/static/{}"]
ODD = ["\x00", "%00", "%ff%fe", "%ed%a0%80", "\ud800", "9" * 400, "-1", "1e999", "../../etc/passwd", "'", '"', "<b>"]
ODD += ["%F0%9F%92%A9", "\u202e", "NaN", "[]", "{}", "a" * 3000, "2606.00001v99999999999", "0001-01-01", "=", "&", "%"]
FIELDS = ["q", "topic", "page", "after", "before", "email", "text", "papers", "topics", "timezone", "send_hour", "mute"]
CHALLENGE = re.compile(r'<script id="proof-challenge"[^>]*>(.*?)</script>')


class Assault:
    """What is asked of the site, and what it answers, by kind of attack."""

    def __init__(self, port: int, seed: int, tokens: list[str]) -> None:
        self.port, self.tokens, self.chance = port, tokens, random.Random(seed)
        self.answers: dict[str, Counter[int]] = {}
        self.failed: list[str] = []  # what was answered with an error of the server's own
        self.unanswered: list[str] = []
        self.slow = SlowClients(port, "papers.example.org")
        self.least_held = SLOW

    async def rage(self, seconds: float) -> None:
        """All of it for so long."""
        self.over = time.monotonic() + seconds
        fuzz = self._every(0.15, self.fuzz), self._every(0.15, self.fuzz)
        flood = [self.sign_ups(nth, seconds) for nth in range(NETWORKS)]
        others = self._every(1.5, self.oversized), self._every(12, self.library), self._watch()
        await asyncio.gather(self.slow.hold(SLOW, seconds), *fuzz, *flood, *others)

    async def _every(self, pause: float, attack: Callable[[], Awaitable[None]]) -> None:
        while time.monotonic() < self.over:
            await attack()
            await asyncio.sleep(self.chance.uniform(0, 2 * pause))

    async def _watch(self) -> None:
        """How many of the slow clients the site holds, once all are there."""
        await asyncio.sleep(5)
        while time.monotonic() < self.over - 1:
            self.least_held = min(self.least_held, sum(self.slow.held.values()))
            await asyncio.sleep(1)

    def note(self, kind: str, asked: str, answer: Answer) -> Answer:
        self.answers.setdefault(kind, Counter())[answer.status] += 1
        if not answer.status:
            self.unanswered.append(f"{kind}: {asked[:100]!r} after {answer.seconds:.0f} s: {answer.text}")
        if answer.status >= 500 and answer.status not in (501, 503):
            self.failed.append(f"{kind}: {answer.status} to {asked[:300]!r}")
        return answer

    async def sign_ups(self, network: int, seconds: float) -> None:
        """One network's part of the flood, each from another address of it and for another stranger."""
        share = SIGN_UPS // NETWORKS
        visitor = Visitor(self.port, f"2001:db8:{network:x}::1")
        token = await visitor.form_token("/subscribe/")
        started = time.monotonic()
        for nth in range(share):
            if time.monotonic() > self.over:
                break  # on a machine that cannot answer so many, the table tells how many there were
            visitor.address = f"2001:db8:{network:x}:{nth % 8:x}::{nth:x}"
            fields = {"email": f"victim{network}-{nth}@host{nth % 40}.example", "text": "robots", "patience": "1"}
            answer = await visitor.post("/subscribe/", fields | {"csrfmiddlewaretoken": token})
            self.note("sign-ups", f"/subscribe/ {fields}", answer)
            await asyncio.sleep(max(0, started + seconds * 0.95 * (nth + 1) / share - time.monotonic()))
        visitor.close()

    async def fuzz(self) -> None:
        """One request of nonsense, by chance a query, a form or a report."""
        visitor = Visitor(self.port, f"203.0.113.{self.chance.randrange(256)}")
        path = self.chance.choice(PATHS).format(self.chance.choice([*ODD, TOKEN]))
        query = "&".join(f"{self.chance.choice(FIELDS)}={self.chance.choice(ODD)}" for _ in range(3))
        raw = (path + (f"?{query}" if self.chance.random() < 0.6 else "")).encode("utf-8", "surrogatepass")
        target = raw.replace(b" ", b"%20").decode("latin-1")
        if self.chance.random() < 0.5:
            answer = await visitor.get(target)
        else:
            answer = await visitor.send(target, self._body(query), self.chance.choice(KINDS))
        self.note("nonsense", target, answer)
        visitor.close()

    def _body(self, query: str) -> bytes:
        value = self.chance.choice(ODD)
        report = json.dumps([{"RecordType": value, "MessageID": value, "event-data": {"timestamp": value}, "x": value}])
        nested = b"[" * 5000
        noise = self.chance.randbytes(200)
        return self.chance.choice([query.encode("utf-8", "surrogatepass"), report.encode(), nested, noise])

    async def oversized(self) -> None:
        """A body that says it is 600 MB long, or does not say; it is sent until the site refuses it."""
        path = self.chance.choice([f"/u/{TOKEN}", "/subscribe/", f"/preferences/{TOKEN}/library/", "/admin/login/"])
        visitor = Visitor(self.port, "203.0.113.77")
        length, piece = b"Content-Length: %d\r\n\r\n" % STREAM, b"a" * 100_000
        if self.chance.random() < 0.5:
            length, piece = b"Transfer-Encoding: chunked\r\n\r\n", b"186a0\r\n%b\r\n" % piece
        answer = await visitor.ask(visitor.head("POST", path) + length + piece * self._pieces(path))
        self.note("oversized", path, answer)
        visitor.close()

    def _pieces(self, path: str) -> int:
        """Some more than the site reads there before it refuses: the rest of the stream is never sent."""
        return 60 if "library" in path else 12

    async def library(self) -> None:
        file = self.chance.choice(LIBRARIES)()
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bib"\r\n\r\n'
        path = f"/preferences/{self.chance.choice(self.tokens)}/library/"
        visitor = Visitor(self.port, "203.0.113.88")
        answer = await visitor.send(path, head + file + b"\r\n--b--\r\n", "multipart/form-data; boundary=b")
        self.note("libraries", path, answer)
        visitor.close()

    async def honest_sign_up(self, email: str) -> Answer:
        """What a browser with scripts does: compute the proof that the form asks for, if it does."""
        visitor = Visitor(self.port, "192.0.2.44")
        page = (await visitor.get("/subscribe/")).text
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[0]
        fields = {"email": email, "text": "reinforcement learning for robots", "csrfmiddlewaretoken": token}
        if asked := CHALLENGE.search(page):
            fields["altcha"] = await asyncio.to_thread(solve, json.loads(asked[1]))
        answer = await visitor.post("/subscribe/", fields)
        visitor.close()
        return self.note("honest sign-up", "/subscribe/", answer)


KINDS = [
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=b",
    "text/plain",
    "x/y",
]
LIBRARIES: list[Callable[[], bytes]] = [
    lambda: b"@article{a, author={" + b" " * 4_900_000 + b"x}, title={y}}",
    lambda: b"TY  - JOUR\nAU  - a\n" * 250_000,
    lambda: b"@article{a, title={" + "ﬃ".encode() * 1_600_000 + b"}}",
    lambda: b"{" * 4_900_000,
    lambda: b"@article{a, title={" + b"a" * 2_000_000 + b"}, author={" + b"a and " * 400_000 + b"}}",
]
