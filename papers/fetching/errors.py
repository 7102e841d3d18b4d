import logging
from collections.abc import Iterator
from contextlib import contextmanager

# What a parser raises when it meets what nobody thought of.
SURPRISES = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

log = logging.getLogger(__name__)


class SourceError(Exception):
    """A source could not be read: which one, what is wrong, and what to do about it."""

    def __init__(self, source: str, problem: str, remedy: str) -> None:
        super().__init__(f"{source}: {problem}. {remedy}")
        self.source = source
        self.problem = problem
        self.remedy = remedy


@contextmanager
def blamed_on(source: str) -> Iterator[None]:
    """Turn whatever a parser in the block stumbles over into a SourceError of its source: the other sources go on."""
    try:
        yield
    except SURPRISES as error:
        log.exception("%s served what its parser does not expect", source)
        raise SourceError(source, f"served something unexpected ({error!r:.200})", "See the log.") from error
