"""What a line of the log is about: the request, or the task, that this thread works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

_about: ContextVar[dict[str, str] | None] = ContextVar("log context", default=None)
Mark = Token[dict[str, str] | None]


def current() -> dict[str, str]:
    return _about.get() or {}


def bind(**fields: str) -> Mark:
    """Add fields to all lines until the mark is given back."""
    return _about.set(current() | {name: value for name, value in fields.items() if value})


def release(mark: Mark) -> None:
    _about.reset(mark)


@contextmanager
def about(**fields: str) -> Iterator[None]:
    mark = bind(**fields)
    try:
        yield
    finally:
        release(mark)
