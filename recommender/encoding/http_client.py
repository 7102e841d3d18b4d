"""Ask a query encoder on another machine; connections stay open for the next question."""

from __future__ import annotations

import io
import time
from functools import lru_cache
from http import HTTPStatus
from os import getpid

import urllib3
from django.conf import settings

from recommender.encoding.addresses import PATH

CONNECTIONS = 8  # that a process keeps open, one for each of its threads
BLOCK = 65_536
MOST = 16 * 1024 * 1024  # bytes of an answer: as many vectors as may be asked for, of 60,000 dimensions


def ask(line: bytes) -> io.BytesIO:
    """Return the answer to a request, within QUERY_ENCODER_TIMEOUT.

    Raises OSError where none comes in time, and ValueError for one that is refused or longer than MOST.
    """
    until = time.monotonic() + settings.QUERY_ENCODER_TIMEOUT
    try:
        return _asked(line, until)
    except urllib3.exceptions.HTTPError as error:  # its text would name the address in each answer of a probe
        raise OSError(f"{type(error).__name__} at QUERY_ENCODER_URL") from error


def _asked(line: bytes, until: float) -> io.BytesIO:
    timeout = urllib3.Timeout(total=settings.QUERY_ENCODER_TIMEOUT)
    response = _pool(getpid()).request(
        "POST",
        settings.QUERY_ENCODER_URL + PATH,
        body=line,
        headers=_headers(),
        timeout=timeout,
        preload_content=False,
        redirect=False,
        retries=False,
    )
    try:
        body = _whole(response, until)
    except BaseException:
        response.close()  # what is left of it must not be read as the next answer
        raise
    response.release_conn()
    if response.status != HTTPStatus.OK:
        raise ValueError(f"it answers {response.status}: {body.getvalue()[:200].decode(errors='replace').strip()}")
    return body


def _headers() -> dict[str, str]:
    """Return what goes with each request: the key, where there is one."""
    key = settings.QUERY_ENCODER_KEY
    return {"Authorization": f"Bearer {key}"} if key else {}


def _whole(response: urllib3.BaseHTTPResponse, until: float) -> io.BytesIO:
    """Read an answer to its end: one that trickles in never hits the time-out of a single read."""
    body = io.BytesIO()
    while block := response.read1(BLOCK):
        body.write(block)
        if body.tell() > MOST:
            raise ValueError("its answer is too long")
        if time.monotonic() > until:
            raise OSError("its answer comes too slowly")
    body.seek(0)
    return body


@lru_cache(maxsize=1)
def _pool(process: int) -> urllib3.PoolManager:
    """Return the connections of this process: those of one that was forked are not for two."""
    return urllib3.PoolManager(num_pools=1, maxsize=CONNECTIONS)
