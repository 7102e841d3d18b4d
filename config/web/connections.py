"""Waitress's connections with the limits of this site: how much a client may send, and how long it may take.

One thread reads all requests and writes all answers; the threads that compute get a request when all of it is here.
So a slow client costs a connection and never a thread. Each step has its time: the head of a request, its body, the
reading of the answer, and the rest between two requests.
"""

import re
import socket
import time
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.utilities import Error

from config.web import bodies

FIRST_LINE = re.compile(rb"[A-Z]{1,20} [\x21-\xff]+ HTTP/1\.[01]")
CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST_LINE, LONGEST_HEAD = 8000, 32_000  # bytes of a request's first line, and of the whole head
MOST_DIGITS = 15  # of a length
CONNECTIONS = 1000
LARGE_BODIES = 12  # that may be on their way, or in memory, at the same time
# Seconds. Where half of all connections are used, a quarter of them.
HEAD, BODY, IDLE, READING = 15.0, 30.0, 40.0, 120.0
SLOWEST = 20_000  # bytes a second, of a body that may be long
DRAINED, DRAINING = 16_000_000, 10.0  # bytes and seconds of what is sent to us after a refusal


class Refusal(Error):  # type: ignore[misc]
    """An answer from here, in one line of plain text; the connection is closed after it."""

    def __init__(self, code: int, reason: str, words: str) -> None:
        super().__init__(words)
        self.code, self.reason = code, reason

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
        return f"{self.code} {self.reason}", headers, f"{self.body}\n".encode()


TOO_SLOW = Refusal(408, "Request Timeout", "Your request took too long to arrive. Please try again.")
TOO_MANY = Refusal(503, "Service Unavailable", "Many large uploads are under way. Please try again in a minute.")
LONG_LINE = Refusal(414, "URI Too Long", f"Addresses here have at most {LONGEST_LINE:,} characters.")
LONG_HEAD = Refusal(431, "Request Header Fields Too Large", "The headers of this request are too long.")
ENCODED = Refusal(415, "Unsupported Media Type", bodies.ENCODED)


UNREADABLE = "This is not a request in HTTP/1.1."


def _too_long(limit: int) -> Refusal:
    return Refusal(413, "Content Too Large", bodies.TOO_LONG.format(limit))


class Request(HTTPRequestParser):  # type: ignore[misc]
    """Reads a request; what is wrong with it stands in error."""

    error: Any
    adj: Any
    path, limit, is_counted = "", 0, False

    def received(self, data: bytes) -> int:
        taken: int = super().received(data)
        if self.error is None and self.chunked and len(self.body_rcv) > self.limit:
            self.refuse(_too_long(self.limit))
        elif self.error and not isinstance(self.error, Refusal):
            self.refuse(self._in_our_words(self.error))
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        if len(header_plus.partition(b"\r\n")[0]) > LONGEST_LINE:
            self.refuse(LONG_LINE)
            return
        _check(header_plus)
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # of an address or a length that nobody can read
            raise ParsingError(UNREADABLE) from error
        _check_length(self.headers, self.version, chunked=self.chunked)
        if self.body_rcv is None:
            return
        self.limit = bodies.limit_of(self.path.encode("latin-1").decode(errors="replace"))
        # Waitress refuses from this number on, and counts what stands around chunks too.
        self.adj = Limited(self.adj, (self.limit * 8 if self.chunked else self.limit) + 1)
        if self.headers.get("CONTENT_ENCODING", "identity") != "identity":
            self.refuse(ENCODED)

    @property
    def is_large(self) -> bool:
        """Tell whether its body may take more memory than all connections can have."""
        return self.limit > bodies.LARGE and (self.chunked or self.content_length > bodies.LARGE)

    def _in_our_words(self, error: Error) -> Refusal:
        if error.code == 413:
            return _too_long(self.limit)
        return LONG_HEAD if error.code == 431 else Refusal(error.code, error.reason, error.body)

    def refuse(self, error: Refusal) -> None:
        self.error, self.completed, self.expect_continue = error, True, False


class Limited:
    """Waitress's settings with another limit for the body."""

    def __init__(self, settings: Any, most: int) -> None:
        self.max_request_body_size = most
        self.inbuf_overflow = settings.inbuf_overflow
        self.max_request_header_size = settings.max_request_header_size


def _check(head: bytes) -> None:
    """Refuse what Waitress's expressions take long to find wrong: they are quick on anything that passes this."""
    line, _, fields = head.partition(b"\r\n")
    if not FIRST_LINE.fullmatch(line) or CONTROL.search(fields):
        raise ParsingError(UNREADABLE)


def _check_length(headers: dict[str, str], version: str, *, chunked: bool) -> None:
    """Refuse what another server may understand otherwise: in the difference a second request can be hidden."""
    length = headers.get("CONTENT_LENGTH", "")
    if "TRANSFER_ENCODING" in headers or (chunked and length) or len(length) > MOST_DIGITS:
        raise ParsingError(f"It is not clear where this request of HTTP/{version} ends.")


class Answer(WSGITask):  # type: ignore[misc]
    chunked_response: bool

    def write(self, data: bytes) -> None:
        """Write to a HEAD only the head: a body would be taken for the beginning of the next answer."""
        only_head = self.request.command == "HEAD"
        super().write(b"" if only_head else data)
        self.chunked_response = self.chunked_response and not only_head


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection, and how long it has been at what it is doing."""

    request: Any
    close_when_flushed: bool
    parser_class, task_class = Request, Answer
    refused = draining = False
    drained = 0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.since = time.monotonic()  # when the present step began
        self.is_reading = False
        super().__init__(*arguments, **named)

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.since = time.monotonic()
        taken: bool = super().received(data)
        if self.request and not self.request.is_counted and self.request.is_large:
            self.request.is_counted = True
            if self.server.large_bodies() > LARGE_BODIES:
                self._refuse(TOO_MANY)
        return taken

    def service(self) -> None:
        """Answer the request that is first; said here what it is, since another thread may be done with it at once."""
        self.refused = self.refused or bool(self.requests[0].error)
        super().service()

    def overdue(self, now: float, haste: float) -> bool:
        """Tell whether the present step has taken more than its time, which is divided by haste."""
        self._notice_step(now)
        return (now - self.since) * haste > self._patience()

    def _notice_step(self, now: float) -> None:
        """Note a new step where an answer begins to wait for its reader, and where it ends to."""
        if bool(self.total_outbufs_len) != self.is_reading:
            self.is_reading, self.since = bool(self.total_outbufs_len), now

    def _patience(self) -> float:
        """Return the seconds of a step; while a request is being worked on, the client is not to blame."""
        if self.draining:
            return DRAINING
        if self.is_reading:
            return READING
        if self.requests:
            return float("inf")
        if self.request is None:
            return IDLE
        return BODY + self.request.limit / SLOWEST if self.request.headers_finished else HEAD

    def give_up(self) -> None:
        """Tell a client that is too slow with its request so, and leave every other one."""
        if self.request is None or self.is_reading or self.draining:
            self.handle_close()  # at once: who does not read will never let us write, which Waitress waits for
        else:
            self._refuse(TOO_SLOW)

    def _refuse(self, error: Refusal) -> None:
        with self.requests_lock:
            self.request.refuse(error)
            self.requests.append(self.request)
            self.request, self.refused = None, True
            if len(self.requests) == 1:
                self.server.add_task(self)

    def readable(self) -> bool:
        return self.draining or bool(super().readable())

    def handle_read(self) -> None:
        if not self.draining:
            super().handle_read()
            return
        self.drained += len(self.recv(65_536))
        if self.drained > DRAINED:
            self.will_close = True

    def handle_write(self) -> None:
        """Read for a while what is still sent after a refusal: closed at once, its answer would be lost."""
        if self.will_close or not self.refused or not self.close_when_flushed:
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if not self.total_outbufs_len:
            self.close_when_flushed, self.draining, self.since = False, True, time.monotonic()
            self.socket.shutdown(socket.SHUT_WR)

    def large_bodies(self) -> int:
        return sum(bool(request and request.is_counted) for request in (self.request, *self.requests))

    @property
    def is_under_way(self) -> bool:
        """Tell whether its client would miss something if it were closed now."""
        return bool(self.requests or self.total_outbufs_len)


class Server(TcpWSGIServer):  # type: ignore[misc]
    channel_class = Channel
    active_channels: dict[int, Channel]

    is_time_to_look = False

    def take_turn(self, timeout: float) -> None:
        """Serve what comes within so many seconds, and each second close what takes too long.

        Only between two polls: a number that is freed inside one goes to the next visitor at once, whom the rest of
        that poll would take for the connection that it belonged to.
        """
        wasyncore.poll2(timeout, self._map)
        if self.is_time_to_look:
            self.is_time_to_look = False
            self._close_what_is_overdue()

    def maintenance(self, now: float) -> None:
        """Do what Waitress asks for each second, in the middle of a poll."""
        self.is_time_to_look = True

    def _close_what_is_overdue(self) -> None:
        """Close overdue connections, sooner if there are many."""
        haste = 4.0 if len(self.active_channels) > CONNECTIONS / 2 else 1.0
        moment = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.overdue(moment, haste):
                channel.give_up()

    def large_bodies(self) -> int:
        held = [
            request for channel in self.active_channels.values() for request in (channel.request, *channel.requests)
        ]
        return sum(bool(request and request.is_counted) for request in held)


def settings_of(threads: int, listener: socket.socket) -> Adjustments:
    return Adjustments(
        sockets=[listener],
        threads=threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        cleanup_interval=1,
        recv_bytes=65_536,
        max_request_header_size=LONGEST_HEAD,
        inbuf_overflow=16_000_000,  # bodies stay in memory, whose limits are above
        clear_untrusted_proxy_headers=False,  # whose word counts is said by TRUSTED_PROXIES alone
        ident=None,
        log_socket_errors=False,
    )
