"""A source on the loopback: real HTTP, and able to fail in the ways that a source does."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.fakes.faulty import Serving


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    repeat: int = 1  # how often the body is sent
    drip: float = 0.0  # seconds after each byte: an answer that trickles in


class Visit(NamedTuple):
    """When a request came and when its answer was out, by the monotonic clock."""

    path: str
    began: float
    ended: float


class FeedServer(Serving):
    """answers maps a path with its query to an Answer; what is not in it is asked of respond, and then gets default.

    requests holds what came, visits what was answered.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.default = Answer(status=404)
        self.respond: Callable[[str, dict[str, str]], Answer | None] = lambda path, headers: None
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.visits: list[Visit] = []
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.feeds = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def answer_to(self, path: str, headers: dict[str, str]) -> Answer:
        return self.answers.get(path) or self.respond(path, headers) or self.default


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    feeds: FeedServer

    def handle_error(self, *details: object) -> None:
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        feeds, began = self.server.feeds, time.monotonic()
        headers = dict(self.headers)
        feeds.requests.append((self.path, headers))
        try:
            self.give(feeds.answer_to(self.path, headers))
        finally:
            feeds.visits.append(Visit(self.path, began, time.monotonic()))

    def give(self, answer: Answer) -> None:
        if answer.hangs:
            self.server.feeds.released.wait(30)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for _ in range(answer.repeat):
            self.send(answer)

    def send(self, answer: Answer) -> None:
        if not answer.drip:
            self.wfile.write(answer.body)
            return
        for byte in answer.body:
            self.wfile.write(bytes([byte]))
            if self.server.feeds.released.wait(answer.drip):
                return

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read requests instead."""
