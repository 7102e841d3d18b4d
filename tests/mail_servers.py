"""Where mail goes in tests: a mail server, and a mail provider that can fail in all the ways providers do."""

import json
import threading
import uuid
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.processes import free_port


class SmtpSink:
    """A mail server that keeps what it accepts: raw holds the bytes of each mail, messages the parsed ones."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("2"):
            self.envelopes.append(envelope)
        return self.answer

    @property
    def url(self) -> str:
        """For EMAIL_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def raw(self) -> list[bytes]:
        return [bytes(envelope.content or b"") for envelope in self.envelopes]

    @property
    def messages(self) -> list[EmailMessage]:
        return [BytesParser(_class=EmailMessage, policy=default).parsebytes(raw) for raw in self.raw]


class Provider:
    """A mail provider on the loopback that speaks Postmark's API and can fail in all the ways a provider does.

    accepted holds the messages that the provider has taken over (and would deliver), calls counts the requests.
    Set mode to one of MODES; stop() makes it refuse connections.
    """

    ERRORS: ClassVar[dict[str, tuple[int, dict[str, Any]]]] = {
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
        "throttled": (429, {"ErrorCode": 429, "Message": "Rate limit exceeded."}),
        "unavailable": (503, {"ErrorCode": 503, "Message": "Down for maintenance."}),
    }
    # These take the message over and then fail to say so; "hang" waits until release() or the end of the test.
    AMBIGUOUS = ("hang", "reset", "garbled", "truncated")
    MODES = ("ok", *ERRORS, *AMBIGUOUS)

    def __init__(self) -> None:
        self.mode = "ok"
        self.retry_after = 7
        self.calls = 0
        self.accepted: list[dict[str, Any]] = []
        self._released = threading.Event()
        self._lock = threading.Lock()
        self._server = _ProviderServer(("127.0.0.1", 0), _ProviderHandler)
        self._server.provider = self

    def __enter__(self) -> Self:
        # A short poll, because stop() waits for the end of one.
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    @property
    def anymail(self) -> dict[str, Any]:
        """For the setting ANYMAIL, with EMAIL_BACKEND = anymail.backends.postmark.EmailBackend."""
        url = f"http://127.0.0.1:{self._server.server_port}/"
        return {"POSTMARK_SERVER_TOKEN": "token", "POSTMARK_API_URL": url, "WEBHOOK_SECRET": "name:password"}

    @property
    def environment(self) -> dict[str, str]:
        """For a process of its own."""
        return {"EMAIL_BACKEND": "anymail.backends.postmark.EmailBackend", "ANYMAIL": json.dumps(self.anymail)}

    def release(self) -> None:
        self._released.set()

    def stop(self) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    def take(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        with self._lock:
            self.accepted += messages
        return [
            {"ErrorCode": 0, "Message": "OK", "MessageID": str(uuid.uuid4()), "To": message.get("To", "")}
            for message in messages
        ]


class _ProviderServer(ThreadingHTTPServer):
    daemon_threads = True
    provider: Provider

    def handle_error(self, *details: object) -> None:
        """A client that was killed in the middle is part of the tests, not worth a traceback."""


class _ProviderHandler(BaseHTTPRequestHandler):
    server: _ProviderServer

    def do_POST(self) -> None:
        provider = self.server.provider
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        provider.calls += 1
        if provider.mode in provider.ERRORS:
            status, error = provider.ERRORS[provider.mode]
            return self.reply(status, error | {"Message": error["Message"].replace("{to}", body["To"])})
        answers = provider.take(body if isinstance(body, list) else [body])
        answer = answers if isinstance(body, list) else answers[0]
        return self.reply(200, answer) if provider.mode == "ok" else self.fail_to_say_so(json.dumps(answer).encode())

    def fail_to_say_so(self, answer: bytes) -> None:
        mode = self.server.provider.mode
        if mode == "hang":
            self.server.provider._released.wait(60)
        if mode == "garbled":
            self.send(200, b"<html>" + answer, len(answer) + 6)
        if mode == "truncated":
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
