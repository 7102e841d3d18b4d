"""What a parser of strangers' files could do at worst, each as a function that a confined process is told to call."""

import os
import signal
import sys
import time
from collections.abc import Iterator


def in_order(data: bytes) -> Iterator[str]:
    yield from reversed(data.decode().split())


def names_its_modules(data: bytes) -> Iterator[str]:
    yield from sorted(sys.modules)


def names_its_environment(data: bytes) -> Iterator[str]:
    yield from sorted(os.environ)


def eats_memory(data: bytes) -> Iterator[str]:
    hoard = []
    while True:
        hoard.append(bytearray(10_000_000))
        yield ""


def loops(data: bytes) -> Iterator[str]:
    while True:
        pass
    yield ""


def waits(data: bytes) -> Iterator[str]:
    yield "one line"
    sys.stdout.flush()
    time.sleep(3600)


def closes_and_waits(data: bytes) -> Iterator[str]:
    yield "one line"
    sys.stdout.flush()
    os.close(sys.stdout.fileno())
    time.sleep(3600)


def dies(data: bytes) -> Iterator[str]:
    os.kill(os.getpid(), signal.SIGSEGV)
    yield ""


def is_killed(data: bytes) -> Iterator[str]:
    os.kill(os.getpid(), signal.SIGKILL)
    yield ""


def leaves(data: bytes) -> Iterator[str]:
    yield '["", "", "A title that nobody should take for a whole answer", "", []]'
    sys.stdout.flush()
    os._exit(9)


def raises(data: bytes) -> Iterator[str]:
    yield "one line"
    raise KeyError(data.decode())


def recurses(data: bytes) -> Iterator[str]:
    yield from recurses(data)


def floods(data: bytes) -> Iterator[str]:
    while True:
        yield "x" * 10_000


def talks_nonsense(data: bytes) -> Iterator[str]:
    yield data.decode()
