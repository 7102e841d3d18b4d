"""Signs of life to a watcher outside: they arrive while all is well, and hold up nothing when the watcher is away."""

import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from pytest_django import Settings

from subscriptions.operations.pings import ping

pytestmark = pytest.mark.django_db


class Watcher(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[str] = []
        self.status = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/ping/secret-of-this-site"


class _Handler(BaseHTTPRequestHandler):
    server: Watcher

    def do_GET(self) -> None:
        self.server.seen.append(self.path)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests read seen instead."""


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    with Watcher() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_ping_arrives(watcher: Watcher) -> None:
    assert ping(watcher.url)
    assert watcher.seen == ["/ping/secret-of-this-site"]


def test_without_an_address_nothing_is_done() -> None:
    assert not ping("")


def test_a_watcher_that_answers_badly_is_logged_without_the_secret(
    watcher: Watcher, caplog: pytest.LogCaptureFixture
) -> None:
    watcher.status = 503
    with caplog.at_level(logging.WARNING):
        assert not ping(watcher.url)
    assert "127.0.0.1 answered 503" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/secret", "no address", "http://", "ftp://a/secret"])
def test_a_watcher_that_is_away_is_logged_and_raises_nothing(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert not ping(url)
    assert "was not reached" in caplog.text
    assert "secret" not in caplog.text


def test_a_copy_does_not_hide_that_the_original_is_silent(watcher: Watcher, settings: Settings) -> None:
    settings.INSTANCE_ID = "copy"
    assert not ping(watcher.url)
    assert watcher.seen == []
