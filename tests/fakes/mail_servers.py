"""Mail servers for tests: one that keeps what it accepts, and one that fails at any stage of the conversation."""

import socketserver
import threading
import time
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.fakes.faulty import Faulty
from tests.fakes.odds import Ledger, Odds
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


class FaultySmtp(Faulty):
    """A mail server whose mode says where a conversation goes wrong: "ok", "STAGE CODE" such as "rcpt 450", or a drop.

    Stages are connect, mail, rcpt, data (before the mail is read) and end (after it). "drop before" closes the
    connection instead of reading the mail, "drop after" and "hang" take it over and then say nothing.
    """

    MODES = (
        "ok",
        *(f"{stage} {code}" for stage in ("mail", "rcpt", "data", "end") for code in (451, 554)),
        "connect 421",
        "drop before",
        "drop after",
        "hang",
    )

    def __init__(self, *, port: int = 0, odds: Odds | None = None, ledger: Ledger | None = None) -> None:
        super().__init__(odds, ledger)
        self.accepted: list[bytes] = []
        self.commands: list[str] = []
        self.pace = 0.0  # seconds for each mail
        self._lock = threading.Lock()
        self.server = _SmtpServer(("127.0.0.1", port), _Conversation)
        self.server.sink = self
        self.port = int(self.server.server_address[1])

    def take(self, mail: bytes) -> None:
        time.sleep(self.pace)
        with self._lock:
            self.accepted.append(mail if self.ledger is None else b"")
            if self.ledger:
                self.ledger.write(_message_id(mail))


class _SmtpServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128
    sink: FaultySmtp

    def handle_error(self, *details: object) -> None:
        """A client that was killed in the middle is part of the tests, not worth a traceback."""


class _Conversation(socketserver.StreamRequestHandler):
    server: _SmtpServer
    disable_nagle_algorithm = True
    mode = "ok"
    has_recipient = False

    def handle(self) -> None:
        self.mode = self.server.sink.odds.draw()
        if self._fails_at("connect"):
            return
        self._say("220 fake.example ESMTP")
        while line := self.rfile.readline():
            word = line.split(b" ")[0].strip().decode().lower()
            self.server.sink.commands.append(word)
            if not getattr(self, f"_on_{word}", self._on_other)():
                return

    def _on_ehlo(self) -> bool:
        return self._say("250-fake.example\r\n250-PIPELINING\r\n250 8BITMIME")

    def _on_mail(self) -> bool:
        self.mode, self.has_recipient = self.server.sink.odds.draw(), False
        return self._fails_at("mail") or self._say("250 OK")

    def _on_rcpt(self) -> bool:
        if self.mode.startswith("mail "):
            return self._say("503 nobody sends it")
        self.has_recipient = not self._fails_at("rcpt")
        return not self.has_recipient or self._say("250 OK")

    def _on_data(self) -> bool:
        """False if the conversation is over."""
        if not self.has_recipient:
            return self._say("503 nobody to send it to")
        if self._fails_at("data"):
            return True
        self._say("354 go on")
        if self.mode == "drop before":
            return False
        mail = self._read_mail()
        return mail is not None and (self._fails_at("end") or self._take(mail))

    def _take(self, mail: bytes) -> bool:
        self.server.sink.take(mail)
        if self.mode == "hang":
            self.server.sink.released.wait(60)
        return self.mode not in {"drop after", "hang"} and self._say("250 taken")

    def _on_quit(self) -> bool:
        self._say("221 bye")
        return False

    def _on_other(self) -> bool:
        return self._say("250 OK")

    def _read_mail(self) -> bytes | None:
        """None if the client left in the middle."""
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return None
            lines.append(line)
        return b"".join(lines)

    def _fails_at(self, stage: str) -> bool:
        where, _, code = self.mode.partition(" ")
        return where == stage and self._say(f"{code} not now, says the fake")

    def _say(self, text: str) -> bool:
        self.wfile.write(f"{text}\r\n".encode())
        return True


def _message_id(mail: bytes) -> str:
    head = mail.partition(b"\r\n\r\n")[0].decode(errors="replace").lower()
    return head.partition("message-id:")[2]
