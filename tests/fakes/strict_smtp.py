"""A mail server that counts: mails and errors of each connection, and what is still open when the next sender comes."""

import socketserver
import threading
import time
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.fakes.faulty import Serving


class Taken(NamedTuple):
    connection: int  # the first is 1
    recipient: str
    mail: bytes


@dataclass
class Manners:
    """How the server treats its clients; a test changes it at any time."""

    extensions: list[str] = field(default_factory=lambda: ["PIPELINING", "SIZE 1000000"])
    refused: dict[str, str] = field(default_factory=dict)  # answers, by recipient
    refused_all: str = ""  # the answer to every recipient
    ration: int = 0  # mails of a connection, after which senders are refused for now; 0 for any number
    ration_answer: str = "452 4.5.3 Too many messages in this connection"
    errors: int = 0  # of a connection with no mail in between, after which it says goodbye; 0 for any number
    tests_connections: int = 0  # so many connections are only looked at, as by postscreen
    hangs_up_after_mail: bool = False
    size_answer: str = "552 5.3.4 Message size exceeds fixed limit"
    largest: int = 1_000_000
    starttls: str = "502 5.5.1 Unknown command"
    final: str = "250 2.0.0 Taken"
    pace: float = 0.0  # seconds until the final answer


class StrictSmtp(Serving):
    def __init__(self) -> None:
        super().__init__()
        self.manners = Manners()
        self.taken: list[Taken] = []
        self.said: list[tuple[int, str]] = []  # connection, and the word of each command
        self.connections = 0
        self.lock = threading.Lock()
        self.server = _Server(("127.0.0.1", 0), _Conversation)
        self.server.sink = self
        self.port = int(self.server.server_address[1])

    def words(self, connection: int) -> list[str]:
        return [word for number, word in self.said if number == connection]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    sink: StrictSmtp


class _Conversation(socketserver.StreamRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def handle(self) -> None:
        sink = self.server.sink
        with sink.lock:
            sink.connections += 1
            self.number = sink.connections
        self.sender = self.recipient = ""
        self.mails = self.errors = 0
        self._say("220 strict.example ESMTP")
        while line := self.rfile.readline():
            word, _, rest = line.decode().strip().partition(" ")
            sink.said.append((self.number, word.lower()))
            if not getattr(self, f"_on_{word.lower()}", self._on_other)(rest):
                return

    @property
    def manners(self) -> Manners:
        return self.server.sink.manners

    def _on_ehlo(self, rest: str) -> bool:
        lines = ["strict.example", *self.manners.extensions]
        return self._say("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    def _on_starttls(self, rest: str) -> bool:
        return self._say(self.manners.starttls)

    def _on_mail(self, rest: str) -> bool:
        if self.sender:
            return self._refuse("503 5.5.1 Error: nested MAIL command")
        if self.manners.ration and self.mails >= self.manners.ration:
            return self._say(self.manners.ration_answer)
        size = rest.lower().partition("size=")[2]
        if size and int(size) > self.manners.largest:
            return self._refuse(self.manners.size_answer)
        self.sender = rest
        return self._say("250 2.1.0 Ok")

    def _on_rcpt(self, rest: str) -> bool:
        if not self.sender:
            return self._refuse("503 5.5.1 Error: need MAIL command")
        address = rest.partition("<")[2].partition(">")[0]
        if self.number <= self.manners.tests_connections:
            return self._say("450 4.3.2 Service currently unavailable")
        if answer := self.manners.refused_all or self.manners.refused.get(address, ""):
            return self._refuse(answer)
        self.recipient = address
        return self._say("250 2.1.5 Ok")

    def _on_data(self, rest: str) -> bool:
        if not self.recipient:
            return self._refuse("554 5.5.1 Error: no valid recipients")
        self._say("354 go on")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        time.sleep(self.manners.pace)
        if self.manners.final.startswith("2"):
            self.server.sink.taken.append(Taken(self.number, self.recipient, b"".join(lines)))
        self.mails, self.errors = self.mails + 1, 0
        self.sender = self.recipient = ""
        return self._say(self.manners.final) and not self.manners.hangs_up_after_mail

    def _on_rset(self, rest: str) -> bool:
        self.sender = self.recipient = ""
        return self._say("250 2.0.0 Ok")

    def _on_quit(self, rest: str) -> bool:
        self._say("221 2.0.0 Bye")
        return False

    def _on_other(self, rest: str) -> bool:
        return self._refuse("502 5.5.2 Error: command not recognized")

    def _refuse(self, answer: str) -> bool:
        """Answer, and say goodbye of one's own accord when there were too many errors, before the next command."""
        self.errors += 1
        self._say(answer)
        return not (0 < self.manners.errors <= self.errors) or not self._say("421 4.7.0 Error: too many errors")

    def _say(self, text: str) -> bool:
        self.wfile.write(f"{text}\r\n".encode())
        return True
