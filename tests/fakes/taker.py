"""A mail provider on the loopback that takes whatever comes, in the words of each provider's API."""

import json
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, NamedTuple
from urllib.parse import parse_qs

from tests.fakes.faulty import Serving

ID = "0123-4567"


class Request(NamedTuple):
    path: str
    headers: Message
    body: Any  # what JSON or a form says

    @property
    def text(self) -> str:
        """All of it in one text, to look into."""
        return json.dumps([self.path, dict(self.headers.items()), self.body])


class Taker(Serving):
    """Keeps what came in requests, and answers as the provider of that name, to the recipient of that address.

    answer, where it is set, stands in for what that provider says when it takes a mail: a status and JSON.
    """

    KEYS: ClassVar[dict[str, tuple[str, ...]]] = {
        "brevo": ("API_KEY",),
        "mailersend": ("API_TOKEN",),
        "mailgun": ("API_KEY",),
        "mailjet": ("API_KEY", "SECRET_KEY"),
        "mailtrap": ("API_TOKEN",),
        "mandrill": ("API_KEY",),
        "postal": ("API_KEY",),
        "postmark": ("SERVER_TOKEN",),
        "resend": ("API_KEY",),
        "scaleway": ("SECRET_KEY", "PROJECT_ID"),
        "sendgrid": ("API_KEY",),
        "sendinblue": ("API_KEY",),
        "sparkpost": ("API_KEY",),
        "unisender_go": ("API_KEY",),
    }

    def __init__(self, name: str = "postmark", to: str = "reader@example.com") -> None:
        super().__init__()
        self.name, self.to = name, to
        self.requests: list[Request] = []
        self.answer: tuple[int, Any] | None = None
        self.lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), _Handler)
        self.server.taker = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/"

    @property
    def anymail(self) -> dict[str, Any]:
        """For the setting ANYMAIL: the address alone."""
        if self.name == "amazon_ses":
            key = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
            return {"AMAZON_SES_CLIENT_PARAMS": {"endpoint_url": self.url, "region_name": "eu-west-1"} | key}
        return {f"{self.name.upper()}_API_URL": self.url}

    @property
    def account(self) -> dict[str, Any]:
        """The same, with keys."""
        return self.anymail | {f"{self.name.upper()}_{key}": f"own-{key}" for key in self.KEYS.get(self.name, ())}

    def taken(self, request: Request) -> tuple[int, Any]:
        """What the provider says when it takes a mail; Mailgun names it by the Message-ID that came."""
        own = request.body.get("h:Message-Id", [""])[0] if isinstance(request.body, dict) else ""
        answers: dict[str, Any] = {
            "amazon_ses": {"MessageId": ID},
            "brevo": {"messageId": f"<{ID}@relay.example>"},
            "mailgun": {"id": own, "message": "Queued. Thank you."},
            "mailjet": {"Messages": [{"Status": "success", "To": [{"Email": self.to, "MessageID": 7}]}]},
            "mailtrap": {"success": True, "message_ids": [ID]},
            "mandrill": [{"email": self.to, "status": "sent", "_id": ID}],
            "postal": {"status": "success", "data": {"messages": {self.to: {"id": 7, "token": "t"}}}},
            "postmark": {"ErrorCode": 0, "Message": "OK", "MessageID": ID, "To": self.to},
            "resend": {"id": ID},
            "scaleway": {"emails": [{"id": ID, "mail_rcpt": self.to, "status": "new"}]},
            "sendinblue": {"messageId": f"<{ID}@relay.example>"},
            "sparkpost": {"results": {"total_accepted_recipients": 1, "total_rejected_recipients": 0, "id": ID}},
            "unisender_go": {"status": "success", "job_id": ID, "emails": [self.to]},
        }
        return 200, answers.get(self.name)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    taker: Taker


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        taker = self.server.taker
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        is_json = "json" in self.headers.get("Content-Type", "")
        request = Request(self.path, self.headers, json.loads(raw) if is_json else parse_qs(raw))
        with taker.lock:
            taker.requests.append(request)
        status, answer = taker.answer or taker.taken(request)
        data = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json" if data else "text/html")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Message-Id", ID)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read requests instead."""
