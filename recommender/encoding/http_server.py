"""The query encoder for other machines: what it answers at its socket, by HTTP at an address, to who has the key.

Waitress reads the requests, within the limits below, and hands one over when all of it has come. A body is the line
that goes over the socket, and so is the answer. Nothing that came is unpacked into anything but text and numbers.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

from django.conf import settings
from waitress.server import create_server

from recommender.encoding import addresses, query_encoder
from recommender.encoding.addresses import ALIVE, PATH

THREADS = 8  # of which one encodes at a time; the others read, wait and write
CONNECTIONS = 200
IDLE = 60  # seconds until a connection on which nothing comes is closed


class Answer(NamedTuple):
    status: HTTPStatus
    body: bytes


NOT_HERE = Answer(HTTPStatus.NOT_FOUND, b"Not found.\n")
NO_KEY = Answer(HTTPStatus.UNAUTHORIZED, b"QUERY_ENCODER_KEY is not the one of this query encoder.\n")


class Unusable(Exception):
    """The address cannot be listened at; the message names the remedy."""


def listen(address: str) -> Any:
    """Listen at an address such as 10.0.0.5:8100, and return Waitress's server to run; raise Unusable."""
    host, port = addresses.listening(address)
    try:
        return create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=IDLE,
            max_request_body_size=query_encoder.MAX_REQUEST,
            inbuf_overflow=query_encoder.MAX_REQUEST,  # what people look for is in memory, and never becomes a file
            ident=None,
        )
    except (OSError, ValueError) as error:
        raise Unusable(
            f"The query encoder cannot listen at {address} ({error}): set QUERY_ENCODER_LISTEN to an address of this"
            " machine and a free port."
        ) from error


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request, as a WSGI server calls it."""
    status, body = _answer(environ)
    headers = [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]


def _answer(environ: dict[str, Any]) -> Answer:
    asked = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if asked == ("GET", ALIVE):
        return Answer(HTTPStatus.OK, b"alive\n")
    if not _has_key(environ.get("HTTP_AUTHORIZATION", "")):
        return NO_KEY
    if asked != ("POST", PATH):
        return NOT_HERE
    return Answer(HTTPStatus.OK, query_encoder.answer(environ["wsgi.input"].read(query_encoder.MAX_REQUEST)))


def _has_key(given: str) -> bool:
    """Tell whether the key was given; where none is set only this machine reaches the address."""
    wanted = f"Bearer {settings.QUERY_ENCODER_KEY}"
    return not settings.QUERY_ENCODER_KEY or hmac.compare_digest(given.encode(errors="replace"), wanted.encode())
