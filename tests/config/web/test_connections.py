"""How long the web server waits for each step of a request, with less patience than it has."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from waitress import wasyncore
from waitress.task import ThreadedTaskDispatcher

from config.web import connections
from config.web.connections import Server, settings_of
from tests.services import eventually

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"POST /u/A HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n"
UPLOAD = b"POST /preferences/A/library/ HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n"


def large_page(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    """As much as no kernel keeps for a client, or as little as nothing."""
    start_response("200 OK", [])
    return [b"a" * (20_000_000 if environ["PATH_INFO"] == "/large/" else 1)]


@contextmanager
def waiting_server() -> Iterator[Server]:
    """One that does nothing until it is told to take a turn."""
    known: dict[int, Any] = {}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads = ThreadedTaskDispatcher()
        threads.set_thread_count(2)
        place = (listener.family, listener.type, listener.proto, listener.getsockname())
        given = {"_sock": listener, "dispatcher": threads, "adj": settings_of(2, listener), "sockinfo": place}
        yield Server(large_page, known, bind_socket=False, **given)
        threads.shutdown()
        wasyncore.close_all(known)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for step in ("HEAD", "BODY", "READING", "IDLE", "DRAINING"):
        monkeypatch.setattr(connections, step, 0.2)
    ended = threading.Event()
    with waiting_server() as server:

        def serve() -> None:
            while not ended.is_set():
                server.take_turn(0.05)

        loop = threading.Thread(target=serve)
        loop.start()
        yield server
        ended.set()
        loop.join()


def begin(server: Server, words: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", int(server.effective_port)), timeout=120)
    client.sendall(words)
    return client


def heard(client: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    with client:
        return b"".join(iter(lambda: client.recv(65_536), b""))


@pytest.mark.parametrize("words", [b"GET / HTT", b"GET / HTTP/1.1\r\n" + HOST, FORM % 100 + b"a"])
def test_a_request_that_does_not_arrive_in_time_is_told_so(server: Server, words: bytes) -> None:
    answer = heard(begin(server, words))
    assert answer.split()[1] == b"408"
    assert answer.endswith(b"Please try again.\n")


@pytest.mark.parametrize("words", [b"", b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"])
def test_an_idle_connection_is_closed_without_a_word(server: Server, words: bytes) -> None:
    assert heard(begin(server, words)).count(b"HTTP/1.1") == bool(words)


def test_a_client_that_does_not_read_its_answer_is_left(server: Server) -> None:
    with begin(server, b"GET /large/ HTTP/1.1\r\n" + HOST + b"\r\n"):
        eventually(lambda: server.active_channels)
        eventually(lambda: not server.active_channels)


def test_few_large_bodies_are_taken_at_the_same_time(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LARGE_BODIES", 1)
    monkeypatch.setattr(connections, "BODY", 60)
    with ExitStack() as open_ones:
        first = open_ones.enter_context(begin(server, UPLOAD % 100_000 + b"a"))
        eventually(lambda: server.large_bodies() == 1)
        assert heard(begin(server, UPLOAD % 100_000 + b"a")).split()[1] == b"503"
        first.sendall(b"a" * 99_999)
        assert first.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_where_most_connections_are_taken_patience_is_shorter(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD", 60)
    channel = begin(server, b"GET / HTT")
    [seen] = eventually(lambda: list(server.active_channels.values()))
    eventually(lambda: seen.request)
    assert not seen.overdue(seen.since + 16, haste=1)
    assert seen.overdue(seen.since + 16, haste=4)
    channel.close()


def test_who_comes_while_others_are_closed_is_served() -> None:
    """A connection that is closed for its slowness frees a number, which the kernel gives to the next visitor."""
    with waiting_server() as server:
        idle = begin(server, b"")
        [channel] = eventually(lambda: server.take_turn(0.1) or list(server.active_channels.values()))
        channel.since -= 1000
        client = begin(server, b"GET / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        server.next_channel_cleanup = 0
        eventually(lambda: server.take_turn(0.1) or not server.active_channels)
        assert heard(idle) == b""
        assert heard(client).startswith(b"HTTP/1.1 200 OK")
