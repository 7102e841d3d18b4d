"""The web server of the Procfile: slow, broken and hostile clients, and workers that hang or die."""

import asyncio
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from config.web.lanes import PREVIEWS, SIGN_UPS
from tests.attack.slow import SlowClients
from tests.config.web.odd_stack import OddStack
from tests.services import eventually
from tests.stack import Stack

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
UNSUBSCRIBE = b"POST /u/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\n" + HOST
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n%b\r\n" % (b"a" * 4096) * 100


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = OddStack(PYTHONPATH=str(Path.cwd()), TMPDIR=str(tmp_path_factory.mktemp("temporary")))
    stack.migrate()
    stack.start("web")
    yield stack
    stack.remove()


def say(stack: Stack, words: bytes, seconds: float = 20) -> bytes:
    """What the server answers until it closes the connection, or has answered all of these words."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=seconds) as client:
        client.sendall(words)
        heard = b""
        while piece := client.recv(65_536):
            heard += piece
    return heard


def ask(stack: Stack, path: str, **headers: str) -> str:
    with closing(HTTPConnection("127.0.0.1", stack.port, timeout=120)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200
        return answer.read().decode()


REFUSED = {
    "too long, and says so": (UNSUBSCRIBE + b"Content-Length: 600000000\r\n\r\n" + b"a" * 500_000, 413),
    "too long, in pieces": (UNSUBSCRIBE + CHUNKS, 413),
    "asks before it sends too much": (UNSUBSCRIBE + b"Expect: 100-continue\r\nContent-Length: 5000\r\n\r\n", 413),
    "compressed": (UNSUBSCRIBE + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", 415),
    "two ways of saying its length": (UNSUBSCRIBE + b"Content-Length: 3\r\n" + CHUNKS, 400),
    "two lengths": (UNSUBSCRIBE + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
    "chunks in HTTP/1.0": (b"POST /u/A HTTP/1.0\r\n" + HOST + CHUNKS, 400),
    "a length nobody can read": (UNSUBSCRIBE + b"Content-Length: %b\r\n\r\n" % (b"9" * 5000), 400),
    "a negative length": (UNSUBSCRIBE + b"Content-Length: -1\r\n\r\n", 400),
    "a blank in a header's name": (UNSUBSCRIBE + b"Content-Length : 3\r\n\r\nabc", 400),
    "an unknown coding": (UNSUBSCRIBE + b"Transfer-Encoding: xchunked\r\n\r\n", 501),
    "a chunk without a size": (UNSUBSCRIBE + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "a long address": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    "long headers": (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 40_000 + b"\r\n\r\n", 431),
    "endless headers": (b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 8000, 431),
    # Quick to refuse here; the expressions that would read them take time that grows with the square.
    "blanks and a control character": (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b" " * 30_000 + b"\x01\r\n\r\n", 400),
    "digits without an end": (b"GET a://" + b"1" * 7900 + b" x\r\n" + HOST + b"\r\n", 400),
    "an address that is none": (b"GET http://[ HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "the beginning of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_in_one_line_and_the_connection_closed(web: Stack, name: str) -> None:
    words, status = REFUSED[name]
    head, _, text = say(web, words).partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status, head
    assert b"Content-Type: text/plain" in head
    assert 0 < len(text.decode().strip()) < 150


def test_nothing_that_is_refused_or_read_becomes_a_file(web: Stack) -> None:
    """Neither while it comes nor later: the folder for it cannot even be written to."""
    folder = Path(web.environment["TMPDIR"])
    written = sum(map(_bytes_written, web.children("web")))
    for name in ("too long, and says so", "too long, in pieces"):
        say(web, REFUSED[name][0])
    for size, path in ((900_000, b"/anymail/postmark/tracking/"), (5_000_000, b"/preferences/A/library/")):
        head = b"POST %b HTTP/1.1\r\n%bConnection: close\r\nContent-Length: %d\r\n\r\n" % (path, HOST, size)
        assert say(web, head + b"a" * size).startswith(b"HTTP/1.1 4")
    assert sum(map(_bytes_written, web.children("web"))) - written < 1_000_000
    assert list(folder.iterdir()) == []


def _bytes_written(process: int) -> int:
    counters = dict(line.split(": ") for line in Path(f"/proc/{process}/io").read_text().splitlines())
    return int(counters["write_bytes"])


def test_a_form_sent_in_pieces_is_read_as_a_whole(web: Stack) -> None:
    words = UNSUBSCRIBE + FORM + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    words += b"a\r\nList-Unsub\r\n10\r\nscribe=One-Click\r\n0\r\n\r\n"
    assert say(web, words).endswith(b"\r\n\r\nUnsubscribed.")


def test_who_asks_before_sending_is_told_to_go_on(web: Stack) -> None:
    with socket.create_connection(("127.0.0.1", web.port), timeout=120) as client:
        client.sendall(UNSUBSCRIBE + FORM + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: 26\r\n\r\n")
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"List-Unsubscribe=One-Click")
        assert client.recv(100).startswith(b"HTTP/1.1 200 OK")


def test_one_connection_serves_one_request_after_another(web: Stack) -> None:
    several = (b"GET /robots.txt HTTP/1.1\r\n" + HOST + b"\r\n") * 3
    last = b"HEAD /robots.txt HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    heard = say(web, several + last)
    assert heard.count(b"HTTP/1.1 200 OK") == 4
    assert heard.count(b"Disallow: /search/") == 3
    assert heard.endswith(b"\r\n\r\n")


def test_what_proxies_say_of_the_client_arrives_as_they_said_it(web: Stack) -> None:
    """Neither believed nor swallowed by the server: TRUSTED_PROXIES decides. A name with an underscore is forged."""
    told = json.loads(ask(web, "/environ/", **{"X-Forwarded-For": "192.0.2.1, 192.0.2.2", "X_Forwarded_For": "::1"}))
    assert (told["REMOTE_ADDR"], told["HTTP_X_FORWARDED_FOR"]) == ("127.0.0.1", "192.0.2.1, 192.0.2.2")
    told = json.loads(ask(web, "/environ/", **{"X-Forwarded-Proto": "https"}))
    assert (told["wsgi.url_scheme"], told["HTTP_X_FORWARDED_PROTO"]) == ("http", "https")


@pytest.fixture
def slow_clients(web: Stack) -> Iterator[SlowClients]:
    """200 of them, all connected."""
    clients = SlowClients(web.port)
    loop = asyncio.new_event_loop()
    holding = loop.create_task(clients.hold(200, 120))

    def hold() -> None:
        loop.run_until_complete(asyncio.gather(holding, return_exceptions=True))

    thread = threading.Thread(target=hold)
    thread.start()
    eventually(lambda: sum(clients.held.values()) >= 200, 90, lambda: str(clients.held))
    yield clients
    loop.call_soon_threadsafe(holding.cancel)
    thread.join(180)
    loop.close()


def test_others_are_answered_within_a_second_while_two_hundred_are_slow(web: Stack, slow_clients: SlowClients) -> None:
    took = []
    for _ in range(20):
        began = time.monotonic()
        assert "Disallow" in ask(web, "/robots.txt")
        took.append(time.monotonic() - began)
    assert sum(slow_clients.held.values()) >= 180  # as slow as they are, they are still there
    assert sorted(took)[10] < 5  # a client that is waited for takes 30


def test_a_stop_waits_for_no_slow_client_and_finishes_what_is_being_worked_on(
    web: Stack, slow_clients: SlowClients
) -> None:
    answers: list[bytes] = []
    asking = threading.Thread(target=lambda: answers.append(say(web, _hang(1.5))))
    asking.start()
    eventually(lambda: ask(web, "/hanging/") == "1")
    began = time.monotonic()
    web.stop("web", seconds=120)
    assert time.monotonic() - began < 60  # the slow ones hold on for twice as long
    asking.join(60)
    assert answers[0].startswith(b"HTTP/1.1 200 OK")
    web.start("web")


def _hang(seconds: float) -> bytes:
    return b"GET /hang/?%f HTTP/1.1\r\n%bConnection: close\r\n\r\n" % (seconds, HOST)


def _hanging(stack: Stack, seconds: float) -> socket.socket:
    """A connection on which something was asked that takes so long."""
    client = socket.create_connection(("127.0.0.1", stack.port), timeout=120)
    client.sendall(_hang(seconds))
    return client


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_a_worker_that_dies_or_hangs_is_replaced(web: Stack, how: signal.Signals) -> None:
    [worker] = web.children("web")
    os.kill(worker, how)
    eventually(lambda: web.children("web") not in ([], [worker]), 20)
    assert "Disallow" in ask(web, "/robots.txt")


def test_a_worker_all_of_whose_threads_hang_is_replaced(web: Stack) -> None:
    [worker] = web.children("web")
    with ExitStack() as open_ones:
        for _ in range(9):
            open_ones.enter_context(_hanging(web, 600))
        eventually(lambda: web.children("web") not in ([], [worker]), 20)
    assert "Disallow" in ask(web, "/robots.txt")


@pytest.mark.parametrize(("path", "threads"), [("/subscribe/", SIGN_UPS), ("/subscribe/preview/", PREVIEWS)])
def test_a_flood_of_forms_waits_for_itself_and_takes_no_thread_from_pages(web: Stack, path: str, threads: int) -> None:
    [worker] = web.children("web")
    form = f"POST {path}?0.5 HTTP/1.1\r\n".encode() + HOST + b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    with ExitStack() as open_ones:
        flood = [open_ones.enter_context(socket.create_connection(("127.0.0.1", web.port), 120)) for _ in range(12)]
        for client in flood:
            client.sendall(form)
        eventually(lambda: ask(web, "/hanging/") != "0")
        assert {ask(web, "/hanging/") for _ in range(30)} <= set(map(str, range(threads + 1)))
        assert flood[-1].recv(12) == b"HTTP/1.1 200"
    assert web.children("web") == [worker]


def test_a_flood_of_quick_requests_disturbs_no_worker(web: Stack) -> None:
    """Its queue changes all the time while it is looked at."""
    workers = web.children("web")
    with ExitStack() as open_ones:
        clients = [socket.create_connection(("127.0.0.1", web.port), timeout=120) for _ in range(20)]
        for client in map(open_ones.enter_context, clients):
            client.sendall((b"GET /hanging/ HTTP/1.1\r\n" + HOST + b"\r\n") * 200)
        assert all(client.recv(100).startswith(b"HTTP/1.1 200 OK") for client in clients)
        assert "Disallow" in ask(web, "/robots.txt")
    assert web.children("web") == workers


def test_requests_that_take_long_are_waited_for_while_a_thread_is_left(web: Stack) -> None:
    workers = web.children("web")
    with ExitStack() as open_ones:
        clients = [open_ones.enter_context(_hanging(web, 4)) for _ in range(7)]  # longer than a worker may hang
        assert "Disallow" in ask(web, "/robots.txt")
        assert all(client.recv(100).startswith(b"HTTP/1.1 200 OK") for client in clients)
    assert web.children("web") == workers
