"""A mail provider on the loopback that can fail in all the ways providers do."""

import json
import threading
import uuid
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic
from typing import Any, ClassVar

from tests.fakes.faulty import Faulty
from tests.fakes.odds import Ledger, Odds

Json = dict[str, Any]


class Provider(Faulty):
    """Speaks the API of Postmark, and of Resend and Brevo, which take a message with a known key only once.

    To a second one Resend gives its first answer again, and Brevo an error.

    accepted holds the messages that the provider has taken over (and would deliver), named the ids it gave them, calls
    counts the requests, called holds when they came. Set mode to one of MODES, or give odds; stop() makes it refuse
    connections.
    """

    ERRORS: ClassVar[dict[str, tuple[int, Json]]] = {
        "refused": (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: '{to}'."}),
        "inactive": (
            422,
            {
                "ErrorCode": 406,
                "Message": "You tried to send to recipient(s) that have been marked as inactive. Found inactive "
                "addresses: {to}. Inactive recipients are ones that have generated a hard bounce.",
            },
        ),
        "vague": (422, {"ErrorCode": 406, "Message": "Something is wrong with somebody."}),
        "unauthorized": (401, {"ErrorCode": 10, "Message": "Bad or missing server token."}),
        "forbidden": (403, {"ErrorCode": 412, "Message": "Your account is pending approval."}),
        "throttled": (429, {"ErrorCode": 429, "Message": "Rate limit exceeded."}),
        "broken": (500, {"ErrorCode": 500, "Message": "Internal server error."}),
        "unavailable": (503, {"ErrorCode": 503, "Message": "Down for maintenance."}),
    }
    # These take the message over and then fail to say so; "hang" waits until release() or the end of the test.
    AMBIGUOUS = ("hang", "reset", "garbled", "truncated")
    MODES = ("ok", *ERRORS, *AMBIGUOUS, "closed")  # closed: the connection, before anything of it was read
    BACKENDS: ClassVar[dict[str, str]] = {
        "postmark": "POSTMARK_SERVER_TOKEN",
        "resend": "RESEND_API_KEY",
        "brevo": "BREVO_API_KEY",
    }

    def __init__(self, *, port: int = 0, odds: Odds | None = None, ledger: Ledger | None = None) -> None:
        super().__init__(odds, ledger)
        self.retry_after = 7
        self.called: list[float] = []
        self.accepted: list[Json] = []
        self.named: list[str] = []
        self._by_key: dict[str, Json] = {}
        self._lock = threading.Lock()
        self.server = _ProviderServer(("127.0.0.1", port), _ProviderHandler)
        self.server.provider = self

    @property
    def calls(self) -> int:
        return len(self.called)

    @property
    def anymail(self) -> Json:
        """For the setting ANYMAIL, with EMAIL_BACKEND = anymail.backends.postmark.EmailBackend."""
        return self.settings("postmark")

    def settings(self, backend: str) -> Json:
        """For the setting ANYMAIL with one of BACKENDS."""
        url = f"http://127.0.0.1:{self.server.server_port}/"
        keys = {self.BACKENDS[backend]: "token", f"{backend.upper()}_API_URL": url}
        return keys | {"WEBHOOK_SECRET": "name:password"}

    @property
    def environment(self) -> dict[str, str]:
        """For a process of its own."""
        return {"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": json.dumps(self.anymail)}

    def release(self) -> None:
        self.released.set()

    def knows(self, key: str) -> bool:
        return key in self._by_key

    def take(self, message: Json, key: str = "") -> Json:
        """The answer; a second message with the same key gets the first one's, and is not taken over."""
        with self._lock:
            if key in self._by_key:
                return self._by_key[key]
            if self.ledger:
                self.ledger.write(json.dumps([message.get(part) for part in ("Metadata", "Headers", "headers")]))
            self.accepted.append(message)
            name = str(uuid.uuid4())
            self.named.append(name)
            # The words of Postmark, of Resend and of Brevo; each backend looks for its own.
            answer = {"ErrorCode": 0, "Message": "OK", "MessageID": name, "To": message.get("To", "")}
            answer |= {"id": name, "messageId": name}
            if key:
                self._by_key[key] = answer
        return answer


class _ProviderServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    provider: Provider

    def handle_error(self, *details: object) -> None:
        """A client that was killed in the middle is part of the tests, not worth a traceback."""


class _ProviderHandler(BaseHTTPRequestHandler):
    server: _ProviderServer
    mode: str

    def handle(self) -> None:
        self.mode = self.server.provider.odds.draw()
        if self.mode == "closed":
            self.server.provider.called.append(monotonic())
            return
        super().handle()

    def do_POST(self) -> None:
        provider = self.server.provider
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider.called.append(monotonic())
        if self.mode in provider.ERRORS:
            status, error = provider.ERRORS[self.mode]
            return self.reply(status, error | {"Message": error["Message"].replace("{to}", str(body.get("To", "")))})
        key = _key(self.headers, body)
        if provider.knows(key) and self.path == "/smtp/email":
            return self.reply(400, {"code": "duplicate_parameter", "message": "This key came before."})
        answer = [provider.take(one) for one in body] if isinstance(body, list) else provider.take(body, key)
        return self.reply(200, answer) if self.mode == "ok" else self.fail_to_say_so(json.dumps(answer).encode())

    def fail_to_say_so(self, answer: bytes) -> None:
        if self.mode == "hang":
            self.server.provider.released.wait(60)
        if self.mode == "garbled":
            self.send(200, b"<html>" + answer, len(answer) + 6)
        if self.mode == "truncated":
            self.send(200, answer[: len(answer) // 2], len(answer))
        self.close_connection = True

    def reply(self, status: int, answer: Any) -> None:
        data = json.dumps(answer).encode()
        self.send(status, data, len(data))

    def send(self, status: int, data: bytes, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        if status == 429:
            self.send_header("Retry-After", str(self.server.provider.retry_after))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read accepted and calls instead."""


def _key(headers: Mapping[str, str], body: Any) -> str:
    """Resend takes it as a header of the request, Brevo among the headers of the message."""
    told = body.get("headers", {}) if isinstance(body, dict) else {}
    by_name = {name.lower(): value for name, value in told.items()} if isinstance(told, dict) else {}
    return str(headers.get("Idempotency-Key") or by_name.get("idempotencykey") or "")
