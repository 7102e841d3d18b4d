"""A source on the loopback: real HTTP, and able to fail in the ways that a source does."""

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hangs: bool = False
    repeat: int = 1  # how often the body is sent


class FeedServer:
    """answers maps a path with its query to an Answer; what is not in it gets default. requests holds what came."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.default = Answer(status=404)
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.released = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.feeds = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    feeds: FeedServer

    def handle_error(self, *details: object) -> None:
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    quiet: ClassVar[bool] = True

    def do_GET(self) -> None:
        feeds = self.server.feeds
        feeds.requests.append((self.path, dict(self.headers)))
        answer = feeds.answers.get(self.path, feeds.default)
        if answer.hangs:
            feeds.released.wait(30)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for _ in range(answer.repeat):
            self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read requests instead."""
