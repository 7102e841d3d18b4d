"""The query encoder on another machine, by HTTP to who has the key, and the export that each machine makes itself."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from pytest_django import Settings

from recommender.encoding import addresses, encoder, export_apart, onnx_files, query_encoder
from recommender.encoding.query_encoder import EncoderAway
from tests import tiny_model as tiny
from tests.services import ROOT, eventually, free_port

KEY = "a key of these tests that no other installation has"
LOADING = 120.0  # seconds that torch may take on a machine that is busy with other tests
HERE = "127.0.0.3"


class Elsewhere:
    """The real command as a process with a VAR_DIR of its own, reached by address alone."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.port = folder, free_port()
        own = {"VAR_DIR": str(folder), "QUERY_ENCODER_LISTEN": f"{HERE}:{self.port}", "QUERY_ENCODER_KEY": KEY}
        own |= {"EMBEDDING_MODEL": model, "EMBEDDING_PRECISION": "float32"}
        self.url = f"http://{HERE}:{self.port}"
        command = [sys.executable, "manage.py", "serve_query_encoder"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | own, stdout=subprocess.PIPE)

    def wait(self) -> None:
        eventually(self.is_alive, 60, lambda: f"ended with {self.process.poll()}")

    def is_alive(self) -> bool:
        try:
            return self.ask("GET", "/livez")[0] == 200
        except OSError:
            return False

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        with closing(HTTPConnection(HERE, self.port, timeout=LOADING)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def running(tiny_model: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    elsewhere = Elsewhere(tmp_path_factory.mktemp("elsewhere"), tiny_model)
    elsewhere.wait()
    yield elsewhere
    elsewhere.end()


@pytest.fixture
def there(running: Elsewhere, settings: Settings, exact: None) -> Elsewhere:
    settings.QUERY_ENCODER_URL, settings.QUERY_ENCODER_KEY = running.url, KEY
    settings.QUERY_ENCODER_SOCKET, settings.QUERY_ENCODER_TIMEOUT = Path("/no/such/socket"), LOADING
    return running


def test_its_vectors_are_those_of_the_encoder(there: Elsewhere, tiny_model: str) -> None:
    vectors = query_encoder.encode(["robot grasping", "protein folding"], model=tiny_model)
    assert np.allclose(vectors, encoder.load(tiny_model).encode(["robot grasping", "protein folding"]), atol=1e-4)
    assert query_encoder.encode([], model=tiny_model).shape[0] == 0


def test_a_machine_with_an_empty_folder_made_its_own_export_and_needs_no_torch(there: Elsewhere) -> None:
    assert [folder.name for folder in (there.folder / "encoders").glob("[!.]*/about.json")] == ["about.json"]
    assert "libtorch" not in Path(f"/proc/{there.process.pid}/maps").read_text()


@pytest.mark.parametrize("key", ["", "another key that is as long as the right one is, but wrong"])
def test_without_the_key_nothing_is_answered(there: Elsewhere, tiny_model: str, settings: Settings, key: str) -> None:
    settings.QUERY_ENCODER_KEY = key
    with pytest.raises(EncoderAway, match="401: QUERY_ENCODER_KEY is not"):
        query_encoder.encode(["robot"], model=tiny_model)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/vectors", b"", 404),
        ("POST", "/", b"", 404),
        ("POST", "/vectors", b"no json", 200),
        ("POST", "/vectors", b"\x80\x04\x95pickle", 200),
    ],
)
def test_nonsense_gets_an_error_and_does_no_harm(
    there: Elsewhere, tiny_model: str, method: str, path: str, body: bytes, status: int
) -> None:
    got, answer = there.ask(method, path, body, Authorization=f"Bearer {KEY}")
    assert got == status
    assert b"error" in answer or status != 200
    assert len(query_encoder.encode(["robot"], model=tiny_model)) == 1


def test_a_body_of_any_size_is_refused_before_it_comes(there: Elsewhere) -> None:
    with socket.create_connection((HERE, there.port), LOADING) as connection:
        connection.sendall(b"POST /vectors HTTP/1.1\r\nHost: here\r\nContent-Length: 9000000\r\n\r\n{")
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_several_threads_share_connections(there: Elsewhere, tiny_model: str) -> None:
    found: list[int] = []
    threads = [
        Thread(target=lambda: found.append(len(query_encoder.encode(["robot"], model=tiny_model)))) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 12


def served(answer: bytes, ask: Callable[[], object]) -> None:
    """Ask somebody who answers with these bytes and says no more, without closing."""
    with socket.create_server((HERE, 0)) as listener:
        port = listener.getsockname()[1]
        from django.conf import settings

        settings.QUERY_ENCODER_URL = f"http://{HERE}:{port}"
        held = []

        def serve() -> None:
            connection, _ = listener.accept()
            held.append(connection)
            connection.recv(65536)
            connection.sendall(answer)

        server = Thread(target=serve)
        server.start()
        try:
            ask()
        finally:
            server.join()
            for connection in held:
                connection.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
    ],
)
def test_whoever_else_answers_there_is_an_encoder_that_is_away(settings: Settings, answer: bytes) -> None:
    settings.QUERY_ENCODER_TIMEOUT, settings.QUERY_ENCODER_URL = 0.5, "set by the test"

    def ask() -> None:
        with pytest.raises(EncoderAway):
            query_encoder.encode(["robot"], model="any")

    served(answer, ask)


def test_an_address_where_nobody_listens_is_an_encoder_that_is_away(settings: Settings) -> None:
    settings.QUERY_ENCODER_URL = f"http://{HERE}:{free_port()}"
    with pytest.raises(EncoderAway, match="NewConnectionError"):
        query_encoder.encode(["robot"], model="any")


@pytest.mark.parametrize(
    ("url", "listen", "key", "named"),
    [
        ("", "", "", []),
        ("http://127.0.0.1:8100", "127.0.0.1:8100", "", []),
        ("http://[::1]:8100", "localhost:8100", "", []),
        ("http://10.0.0.5:8100", "10.0.0.5:8100", KEY, []),
        ("https://encoder.example.org", "[fd00::5]:8100", KEY, []),
        ("http://10.0.0.5:8100", "", "", ["QUERY_ENCODER_URL"]),
        ("http://encoder:8100", "", "", ["QUERY_ENCODER_URL"]),
        ("", "0.0.0.0:8100", "", ["QUERY_ENCODER_LISTEN"]),
        ("", "[::]:8100", "", ["QUERY_ENCODER_LISTEN"]),
        ("", "encoder:8100", "", ["QUERY_ENCODER_LISTEN"]),
        ("", "10.0.0.5", KEY, ["QUERY_ENCODER_LISTEN"]),
        ("", "10.0.0.5:99999", KEY, ["QUERY_ENCODER_LISTEN"]),
        ("", "http://10.0.0.5:8100", KEY, ["QUERY_ENCODER_LISTEN"]),
        ("10.0.0.5:8100", "", KEY, ["QUERY_ENCODER_URL"]),
        ("http://10.0.0.5:99999", "", KEY, ["QUERY_ENCODER_URL"]),
        ("http://user:key@10.0.0.5:8100", "", KEY, ["QUERY_ENCODER_URL"]),
        ("http://93.184.216.34:8100", "", KEY, ["QUERY_ENCODER_URL"]),
        ("http://10.0.0.5:8100", "10.0.0.5:8100", "short", ["QUERY_ENCODER_KEY"]),
    ],
)
def test_an_address_that_is_not_safe_is_refused(url: str, listen: str, key: str, named: list[str]) -> None:
    found = list(addresses.problems(url, listen, key))
    assert len(found) == len(named)
    assert all(name in problem for name, problem in zip(named, found, strict=True))
    assert not any(key in problem for problem in found if key)


def test_an_export_killed_in_the_middle_is_made_by_the_next_and_by_two_processes_once(
    tmp_path: Path, settings: Settings
) -> None:
    name, settings.VAR_DIR = str(tiny.build(tmp_path / "model", seed=11)), tmp_path / "var"
    command = [sys.executable, "manage.py", "export_encoder", "--model", name]
    environment = os.environ | {"VAR_DIR": str(settings.VAR_DIR)}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    [unfinished] = eventually(lambda: list(onnx_files.root().glob(".*/")), 60)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert onnx_files.find(name) is None
    made: list[Path | None] = []
    both = [Thread(target=lambda: made.append(export_apart.ensure(name))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert made == [onnx_files.find(name)] * 2 != [None] * 2
    assert set(onnx_files.root().iterdir()) == {unfinished, made[0]}
