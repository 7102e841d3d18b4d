"""The small process that turns queries into vectors, as it really runs."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from papers.models import Paper
from recommender.embedding import embed
from recommender.encoding import encoder, marks, onnx_export, onnx_files, query_encoder
from recommender.encoding.query_encoder import EncoderAway
from recommender.models import EmbeddingModel
from recommender.search import finding
from tests import tiny_model as tiny
from tests.services import ROOT, eventually

Start = Callable[[], subprocess.Popen[str]]
LOADING = 120.0  # seconds that torch may take on a machine that is busy with other tests


class Servers:
    """The real command as processes of their own, with the tiny model, behind one socket."""

    def __init__(self, path: Path, model: str) -> None:
        self.path = path
        places = {"QUERY_ENCODER_SOCKET": str(path), "VAR_DIR": str(path.parent)}
        # In float32 as the tests that look at its vectors: those of half precision differ from batch to batch.
        self.environment = os.environ | places | {"EMBEDDING_MODEL": model, "EMBEDDING_PRECISION": "float32"}
        self.started: list[subprocess.Popen[str]] = []

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "manage.py", "serve_query_encoder"]
        process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        assert process.stdout is not None
        assert "listens" in process.stdout.readline()
        return process

    def end(self) -> None:
        for process in self.started:
            process.kill()
            process.communicate()


@pytest.fixture(autouse=True)
def _as_exact_as_the_servers(exact: None) -> None:
    """The models that this process loads are compared with theirs."""


@pytest.fixture(scope="module")
def running(tiny_model: str) -> Iterator[Path]:
    """The socket of a server that serves all tests that do it no harm."""
    with tempfile.TemporaryDirectory(prefix="pr") as folder:
        servers = Servers(Path(folder) / "encoder.sock", tiny_model)
        servers.start()
        yield servers.path
        servers.end()


@pytest.fixture
def server(running: Path, settings: Settings) -> Path:
    settings.QUERY_ENCODER_SOCKET, settings.QUERY_ENCODER_TIMEOUT = running, LOADING
    return running


@pytest.fixture
def start(socket_path: Path, running: Path, tiny_model: str, settings: Settings) -> Iterator[Start]:
    """Starts a server of the test's own, in a VAR_DIR of its own with an export in it; returns when it listens."""
    settings.VAR_DIR = socket_path.parent
    shutil.copytree(running.parent / "encoders", settings.VAR_DIR / "encoders")
    settings.QUERY_ENCODER_TIMEOUT = LOADING
    servers = Servers(socket_path, tiny_model)
    yield servers.start
    servers.end()


def raw(path: Path, request: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(str(path))
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_its_vectors_are_those_of_the_encoder(server: Path, tiny_model: str) -> None:
    texts = ["robot grasping", "protein folding", "robot grasping"]
    vectors = query_encoder.encode(texts, model=tiny_model)
    assert vectors.shape == (3, 32)
    assert np.allclose(vectors, encoder.load(tiny_model).encode(texts), atol=1e-4)


def libraries_of(process: subprocess.Popen[str]) -> str:
    return Path(f"/proc/{process.pid}/maps").read_text()


def test_with_an_export_it_answers_without_torch(start: Start, tiny_model: str) -> None:
    assert onnx_export.ensure(tiny_model)
    process = start()
    vectors = query_encoder.encode(["robot grasping"], model=tiny_model)
    assert np.allclose(vectors, encoder.load(tiny_model).encode(["robot grasping"]), atol=1e-4)
    assert "onnxruntime" in libraries_of(process)
    assert "libtorch" not in libraries_of(process)


def test_beside_it_a_model_that_has_no_export_is_served_by_torch(
    start: Start, tiny_model: str, tmp_path: Path, settings: Settings
) -> None:
    onnx_export.ensure(tiny_model)
    process = start()
    plain = str(tiny.build(tmp_path / "plain", seed=3))
    folder = onnx_files.folder_for(plain)
    assert folder
    folder.mkdir(parents=True)
    onnx_files.refuse(folder, "as a model of an unknown kind is", lasting=True)
    assert np.allclose(query_encoder.encode(["robot"], model=plain), encoder.load(plain).encode(["robot"]), atol=1e-4)
    assert "libtorch" in libraries_of(process)


def test_vectors_of_another_dimension_than_the_stored_ones_are_none(server: Path, tiny_model: str) -> None:
    assert query_encoder.encode_for(["robot"], EmbeddingModel(name=tiny_model, dimension=32)).shape == (1, 32)
    with pytest.raises(EncoderAway, match="32 dimensions now, what is stored has 384"):
        query_encoder.encode_for(["robot"], EmbeddingModel(name=tiny_model, dimension=384))


def test_vectors_of_another_model_that_came_under_the_name_are_none(
    server: Path, tiny_model: str, tmp_path: Path
) -> None:
    stored = EmbeddingModel(name=tiny_model, dimension=32, mark=marks.mark(encoder.load(tiny_model)))
    assert query_encoder.encode_for(["robot"] * 64, stored).shape == (64, 32)
    stored.name = str(tiny.build(tmp_path / "another", seed=4))
    with pytest.raises(EncoderAway, match="other vectors now"):
        query_encoder.encode_for(["robot"], stored)


def test_an_encoder_that_gives_no_vector_is_away(server: Path, poisoned_model: str) -> None:
    with pytest.raises(EncoderAway, match="zero or not finite"):
        query_encoder.encode(["quantum robot"], model=poisoned_model)
    assert len(query_encoder.encode(["robot"], model=poisoned_model)) == 1


def test_no_texts_are_no_vectors(server: Path, tiny_model: str) -> None:
    assert len(query_encoder.encode([], model=tiny_model)) == 0


def test_several_clients_are_served_at_once(server: Path, tiny_model: str) -> None:
    texts = [f"robot number {n}" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda text: query_encoder.encode([text], model=tiny_model)[0], texts))
    assert np.allclose(found, encoder.load(tiny_model).encode(texts), atol=1e-4)


def test_it_serves_another_model_when_asked_for_it(server: Path, other_model: str) -> None:
    assert query_encoder.encode(["robot"], model=other_model).shape == (1, 16)


def test_only_its_owner_may_talk_to_it(server: Path) -> None:
    assert stat.S_IMODE(server.stat().st_mode) == 0o600


def test_a_terminated_server_ends_well_and_takes_its_socket_away(start: Start, socket_path: Path) -> None:
    process = start()
    process.send_signal(signal.SIGTERM)
    assert process.wait(120) == 0
    assert not socket_path.exists()


def test_a_second_server_is_refused_while_the_first_answers(server: Path, tiny_model: str, settings: Settings) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    with pytest.raises(CommandError, match="already answers"):
        call_command("serve_query_encoder")
    assert len(query_encoder.encode(["still there"], model=tiny_model)) == 1


@pytest.mark.parametrize(
    "request_", [b"", b"no json\n", b"[]\n", b"{}\n", b'{"model": 1, "texts": ["x"]}\n', b'{"model": "m"}\n']
)
def test_nonsense_is_answered_with_an_error_and_does_no_harm(server: Path, tiny_model: str, request_: bytes) -> None:
    assert "error" in json.loads(raw(server, request_))
    assert len(query_encoder.encode(["robot"], model=tiny_model)) == 1


def test_too_many_texts_are_refused(server: Path, tiny_model: str) -> None:
    with pytest.raises(EncoderAway, match="65"):
        query_encoder.encode(["x"] * 66, model=tiny_model)


def test_a_very_long_text_is_cut_and_not_refused(server: Path, tiny_model: str) -> None:
    assert len(query_encoder.encode(["robot " * 50_000], model=tiny_model)) == 1


def test_a_model_that_is_missing_is_an_encoder_that_is_away(server: Path) -> None:
    with pytest.raises(EncoderAway, match="cannot be loaded"):
        query_encoder.encode(["robot"], model="/no/such/folder")


def test_without_a_server_the_encoder_is_away(socket_path: Path) -> None:
    with pytest.raises(EncoderAway):
        query_encoder.encode(["robot"], model="any")


@pytest.mark.django_db
def test_before_anything_is_embedded_the_encoder_is_away(socket_path: Path) -> None:
    with pytest.raises(EncoderAway, match="nothing is embedded"):
        query_encoder.encode(["robot"])


@pytest.mark.parametrize(
    "answer", [b"", b"\n", b"{}\n", b'{"shape": [2, 4]}\n' + bytes(32), b'{"shape": [1, 4]}\n' + bytes(7), b"\xff\n"]
)
def test_a_broken_answer_is_an_encoder_that_is_away(socket_path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener, ThreadPoolExecutor(1) as pool:
        listener.bind(str(socket_path))
        listener.listen()
        asked = pool.submit(lambda: query_encoder.encode(["robot"], model="any"))
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as request:
            request.readline()
            connection.sendall(answer)
            connection.shutdown(socket.SHUT_WR)
            with pytest.raises(EncoderAway):
                asked.result(10)


def test_a_server_that_hangs_is_given_up_after_the_time_limit(socket_path: Path, settings: Settings) -> None:
    settings.QUERY_ENCODER_TIMEOUT = 0.1
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path))
        listener.listen()
        with pytest.raises(EncoderAway, match="timed out"):
            query_encoder.encode(["robot"], model="any")


def test_a_path_too_long_for_a_socket_names_the_setting(tiny_model: str, settings: Settings, tmp_path: Path) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    settings.QUERY_ENCODER_SOCKET = tmp_path / ("long" * 30) / "encoder.sock"
    with pytest.raises(CommandError, match="QUERY_ENCODER_SOCKET"):
        call_command("serve_query_encoder")
    with pytest.raises(EncoderAway):
        query_encoder.encode(["robot"], model="any")


def test_an_ordinary_file_is_never_removed(tiny_model: str, settings: Settings, socket_path: Path) -> None:
    settings.EMBEDDING_MODEL = tiny_model
    socket_path.write_text("precious")
    with pytest.raises(CommandError, match="not a socket"):
        call_command("serve_query_encoder")
    assert socket_path.read_text() == "precious"


def test_a_missing_model_is_told_before_anything_listens(settings: Settings, socket_path: Path) -> None:
    settings.EMBEDDING_MODEL = "/no/such/folder"
    with pytest.raises(CommandError, match="EMBEDDING_MODEL"):
        call_command("serve_query_encoder")
    assert not socket_path.exists()


@pytest.mark.django_db
def test_search_lives_through_the_death_of_the_encoder(
    start: Start, socket_path: Path, tiny_model: str, make_paper: Callable[..., Paper]
) -> None:
    paper = make_paper(1, "Robot grasping")
    embed.embed_missing(tiny_model)
    process = start()
    assert finding.search("robot grasping").how == "meaning"
    process.kill()
    process.wait()
    assert socket_path.exists(), "killed, it could not take its socket away"
    fallen_back = finding.search("robot grasping")
    assert (fallen_back.how, [hit.paper for hit in fallen_back.hits]) == ("words", [paper])
    start()
    assert eventually(lambda: finding.search("robot grasping").how == "meaning")


def asks(path: Path) -> int:
    """How many clients have connected to the socket, whether the server has noticed or not."""
    return sum(line.endswith(f" {path}") for line in Path("/proc/net/unix").read_text().splitlines()) - 1


@pytest.fixture
def searchable(start: Start, tiny_model: str, make_paper: Callable[..., Paper]) -> subprocess.Popen[str]:
    """A running encoder, and one paper that is found by words and by meaning."""
    make_paper(1, "Robot grasping")
    embed.embed_missing(tiny_model)
    process = start()
    assert finding.search("robot").how == "meaning"
    return process


@pytest.mark.django_db
def test_a_search_whose_encoder_is_killed_while_it_waits_is_answered_by_words(
    searchable: subprocess.Popen[str], start: Start, socket_path: Path, settings: Settings, client: Client
) -> None:
    settings.QUERY_ENCODER_TIMEOUT = 600.0  # only the death of the encoder ends the wait
    events = []
    searchable.send_signal(signal.SIGSTOP)

    def kill_in_mid_query() -> None:
        eventually(lambda: asks(socket_path) > 0, 30)
        events.append("asked")
        searchable.kill()
        events.append("killed")

    killer = Thread(target=kill_in_mid_query)
    killer.start()
    page = client.get("/search/", {"q": "robot grasping"}).content.decode()
    events.append("answered")
    killer.join()
    assert sorted(events[:2]) == ["asked", "killed"]
    assert events[-1] == "answered"
    assert finding.AWAY in page
    assert "Robot grasping" in page
    start()
    settings.QUERY_ENCODER_TIMEOUT = LOADING
    assert finding.AWAY not in client.get("/search/", {"q": "robot grasping"}).content.decode()


@pytest.mark.django_db
def test_a_search_does_not_wait_for_an_encoder_that_stands_still(
    searchable: subprocess.Popen[str], settings: Settings, client: Client
) -> None:
    settings.QUERY_ENCODER_TIMEOUT = 0.2
    searchable.send_signal(signal.SIGSTOP)
    page = client.get("/search/", {"q": "robot grasping"}).content.decode()
    assert state_of(searchable) == "T", "it has answered although the encoder has not moved"
    assert finding.AWAY in page
    assert "Robot grasping" in page
    settings.QUERY_ENCODER_TIMEOUT = LOADING
    searchable.send_signal(signal.SIGCONT)
    assert finding.AWAY not in client.get("/search/", {"q": "robot grasping"}).content.decode()


def state_of(process: subprocess.Popen[str]) -> str:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
