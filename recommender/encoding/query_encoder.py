"""Short texts to vectors by a small process, so that neither the web nor the mail workers ever load torch.

It is asked at a Unix socket of this machine, or at QUERY_ENCODER_URL on another one (http_client). The request is one
line of JSON, {"model": name, "texts": [...], "keep": whether vectors may be cached}; the answer is one line of JSON,
{"shape": [n, d]} and then n·d little-endian float32, or {"error": why}.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from django.conf import settings

from recommender.encoding import encoder, export_apart, http_client, marks, onnx_encoder
from recommender.models import EmbeddingModel
from recommender.vectors import Matrix

logger = logging.getLogger(__name__)
MAX_TEXTS = 65  # of a reader, and one more by which the model is known
MAX_LENGTH = encoder.LONGEST
MAX_REQUEST = 8 * 1024 * 1024
MAX_PATH = 107  # bytes; a Unix socket's address has room for no more
CACHED = 10_000
CLIENT_PATIENCE = 10.0  # seconds until a client that sends no request is dropped


Got = TypeVar("Got")


class EncoderAway(Exception):
    """There are no vectors now: the query encoder does not run, took too long, or cannot serve this model."""


class SocketUnusable(Exception):
    """The server cannot listen where it should; the message names the remedy."""


def asked_for(texts: Sequence[str], model: EmbeddingModel, *, keep: bool = True) -> Callable[[], Matrix]:
    """Ask what encode_for asks, and return what waits for the answer. Either raises EncoderAway."""
    known = [marks.KNOWN_TEXT] if model.mark else []
    wait = _asked([*texts, *known], model.name, keep)
    return lambda: _of_model(wait(), model)[: len(texts)]


def encode_for(texts: Sequence[str], model: EmbeddingModel, *, keep: bool = True) -> Matrix:
    """Return (n, d) float32 unit rows of n ≤ 64 texts that can be compared with a model's stored vectors.

    EncoderAway also where the model has changed under its name: a known text goes with the others, whose vector is
    stored, and which the query encoder has in its cache. What it shall not keep is in no cache of its own either, so
    that the time of an answer tells nobody what others have typed.
    """
    return asked_for(texts, model, keep=keep)()


def _of_model(vectors: Matrix, model: EmbeddingModel) -> Matrix:
    """Return the vectors, the last of which is that of the known text where the model has a mark; or EncoderAway."""
    if len(vectors) and vectors.shape[1] != model.dimension:
        raise EncoderAway(f"{model.name} has {vectors.shape[1]} dimensions now, what is stored has {model.dimension}")
    if model.mark and not marks.gives(bytes(model.mark), vectors[-1]):
        raise EncoderAway(f"{model.name} gives other vectors now than those that are stored")
    return vectors


def encode(texts: Sequence[str], *, model: str = "", keep: bool = True) -> Matrix:
    """Return (n, d) float32 unit rows of n texts, by the serving or the named model; raise EncoderAway."""
    return _asked(texts, model or _serving_name(), keep)()


def _asked(texts: Sequence[str], model: str, keep: bool) -> Callable[[], Matrix]:
    """Ask a query encoder of this machine, or be ready to ask another's, and return what waits for the answer."""
    cut = [text[:MAX_LENGTH] for text in texts]
    line = json.dumps({"model": model, "texts": cut, "keep": keep}).encode() + b"\n"
    if settings.QUERY_ENCODER_URL:
        return lambda: _usable(lambda: _read(http_client.ask(line), len(texts)))
    connection = _usable(lambda: _sent_here(line))
    return lambda: _usable(lambda: _received(connection, len(texts)))


def _usable(step: Callable[[], Got]) -> Got:
    try:
        return step()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EncoderAway(f"the query encoder gave no usable answer: {error}") from error


def place() -> str:
    """Return where the query encoder is asked, for operators."""
    return str(settings.QUERY_ENCODER_URL or settings.QUERY_ENCODER_SOCKET)


def _sent_here(line: bytes) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(settings.QUERY_ENCODER_TIMEOUT)
        connection.connect(str(settings.QUERY_ENCODER_SOCKET))
        connection.sendall(line)
    except BaseException:
        connection.close()
        raise
    return connection


def _received(connection: socket.socket, expected: int) -> Matrix:
    with connection, connection.makefile("rb") as answer:
        return _read(answer, expected)


def _serving_name() -> str:
    serving = EmbeddingModel.objects.serving()
    if serving is None:
        raise EncoderAway("nothing is embedded yet, so no model is serving")
    return serving.name


def _read(answer: BinaryIO, expected: int) -> Matrix:
    head = json.loads(answer.readline(MAX_REQUEST))
    if "error" in head:
        raise EncoderAway(head["error"])
    count, dimension = head["shape"]
    body = answer.read(4 * count * dimension)
    if count != expected:
        raise ValueError(f"{count} vectors for {expected} texts")
    return np.frombuffer(body, dtype="<f4").reshape(count, dimension).astype(np.float32)


_one_at_a_time = threading.Lock()


@lru_cache(maxsize=8)
def _turn(model: str) -> threading.Lock:
    """Return the lock of a model: one thread loads it, and those that want another model do not wait for it."""
    return threading.Lock()


@lru_cache(maxsize=CACHED)
def _vector(model: str, text: str) -> bytes:
    return _encoded(model, text)


def _encoded(model: str, text: str) -> bytes:
    # One text at a time costs a few milliseconds and lets the cache be an ordinary one. The lock is the model's:
    # the threads of several clients would otherwise fight for the same cores.
    loaded = load(model)
    with _one_at_a_time:
        return loaded.encode_queries([text]).astype("<f4").tobytes()


def load(model: str) -> onnx_encoder.Encodes:
    """Load the encoder of a model, after having its export made where this machine has none; raise ModelMissing."""
    with _turn(model):
        return onnx_encoder.load(model, export_apart.ensure(model))


def answer(line: bytes) -> bytes:
    """Return what is answered to a request, an error among it; it raises nothing that a request may provoke."""
    try:
        return _vectors(line)
    except (encoder.ModelMissing, ValueError, KeyError, TypeError) as error:
        return json.dumps({"error": str(error)}).encode() + b"\n"


def _vectors(line: bytes) -> bytes:
    request = json.loads(line)
    texts = [str(text) for text in request["texts"]]
    if len(texts) > MAX_TEXTS or any(len(text) > MAX_LENGTH for text in texts):
        raise ValueError(f"at most {MAX_TEXTS} texts of {MAX_LENGTH:,} characters each")
    model, keep = str(request["model"]), request.get("keep", True)
    rows = [(_vector if keep or text == marks.KNOWN_TEXT else _encoded)(model, text) for text in texts]
    shape = [len(rows), len(rows[0]) // 4 if rows else 0]
    return json.dumps({"shape": shape}).encode() + b"\n" + b"".join(rows)


class _Handler(socketserver.StreamRequestHandler):
    timeout = CLIENT_PATIENCE

    def handle(self) -> None:
        try:
            line = self.rfile.readline(MAX_REQUEST)
        except TimeoutError:
            return
        self._send(answer(line))

    def _send(self, answer: bytes) -> None:
        try:
            self.wfile.write(answer)
        except OSError:
            return  # the client has given up waiting


class Server(socketserver.ThreadingUnixStreamServer):
    """Listens on a socket of mode 0600; raises SocketUnusable if it cannot, or if another server answers there."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path) -> None:
        _make_way(path)
        self.path = path
        super().__init__(str(path), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Log an unforeseen error; the server goes on."""
        logger.exception("A query could not be answered.")

    def server_bind(self) -> None:
        before = os.umask(0o177)
        try:
            super().server_bind()
        finally:
            os.umask(before)

    def server_close(self) -> None:
        super().server_close()
        self.path.unlink(missing_ok=True)


def _make_way(path: Path) -> None:
    """Remove a stale socket; raise SocketUnusable."""
    if len(os.fsencode(path)) > MAX_PATH:
        raise SocketUnusable(
            f"{path} is too long for a Unix socket ({MAX_PATH} bytes): set QUERY_ENCODER_SOCKET to a shorter path."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_socket():
        raise SocketUnusable(f"{path} is not a socket: move it away or set QUERY_ENCODER_SOCKET to another path.")
    if path.is_socket() and _somebody_answers(path):
        raise SocketUnusable(f"A query encoder already answers at {path}: stop it, or set QUERY_ENCODER_SOCKET.")
    path.unlink(missing_ok=True)


def _somebody_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
        return True
