"""The API of any mail provider on the loopback: it answers as that provider does, and counts the copies it took."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from tests.fakes.dialects import Dialect, Reply, Request
from tests.fakes.faulty import Serving

LOST = "answer lost"


class Taken(NamedTuple):
    """What a provider remembers of a message that came with a key."""

    name: str
    at: datetime
    content: bytes


class MailApi(Serving):
    """Takes each message, while its situation is "taken", or fails in one of the ways of its dialect.

    failures holds these ways by situation, and may get more. In the situation LOST it takes the message and hangs up.
    copies holds the bodies of all that it would deliver, requests all that came. Its clock tells how old a key is.
    """

    def __init__(self, dialect: Dialect, to: str = "ada@example.org") -> None:
        super().__init__()
        self.dialect, self.to = dialect, to
        self.situation = "taken"
        self.failures = dict(dialect.failures)
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.copies: list[bytes] = []
        self.requests: list[Request] = []
        self._by_key: dict[str, Taken] = {}
        self._lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.api = self

    @property
    def asked(self) -> int:
        return len(self.requests)

    @property
    def keys(self) -> list[str]:
        """The key of each request, in their order."""
        return [self.dialect.key(request) for request in self.requests]

    @property
    def settings(self) -> dict[str, object]:
        """For the setting ANYMAIL."""
        url = f"http://127.0.0.1:{self.server.server_port}/"
        return self.dialect.settings(url) | {"IGNORE_UNSUPPORTED_FEATURES": True, "WEBHOOK_SECRET": "name:password"}

    def answer(self, request: Request) -> Reply | None:
        """Return the answer, None for hanging up."""
        with self._lock:
            self.requests.append(request)
            failure = self.failures.get(self.situation)
            if failure:
                return failure(self.to)
            reply = self._take(request)
            return None if self.situation == LOST else reply

    def _take(self, request: Request) -> Reply:
        key = self.dialect.key(request)
        before = self._by_key.get(key) if key else None
        if before and self.clock() < before.at + self.dialect.life:
            return self.dialect.again(before.name, before.content == request.content)
        self.copies.append(request.content)
        name = f"id-{len(self.copies)}"
        if key:
            self._by_key[key] = Taken(name, self.clock(), request.content)
        return self.dialect.taken(name, self.to)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: MailApi


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.api.answer(Request({name.lower(): value for name, value in self.headers.items()}, content))
        if reply is None:
            self.close_connection = True
            return
        data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read copies and requests instead."""
