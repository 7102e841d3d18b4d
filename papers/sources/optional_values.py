"""Values that a paper can do without: one that is nonsense costs only itself, and is told; never the paper."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from papers.models import SignalKind
from papers.records import SignalRecord
from papers.sources import reading
from papers.text import author_lists

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OptionalValues:
    """Reads the optional values of one paper; tell is called with what is wrong with one that is left out."""

    tell: Callable[[str], object]

    def read(self, read: Callable[[object, str], T], value: object, name: str, nothing: T) -> T:
        """Return what read makes of value, or nothing where it raises ValueError."""
        try:
            return read(value, name)
        except ValueError as error:
            self.tell(str(error))
            return nothing

    def line(self, value: object, name: str) -> str:
        return self.read(reading.line, value, name, "")

    def day(self, value: object, name: str) -> date | None:
        return self.read(reading.day, value, name, None)

    def lines(self, value: object, name: str) -> tuple[str, ...]:
        """Return the good entries of a list of texts."""
        entries: list[object] = self.read(reading.entries, value, name, [])
        texts = (self.read(_short_line, entry, f"an entry of {name}", "") for entry in entries)
        return tuple(text for text in texts if text)

    def authors(self, value: object, name: str) -> tuple[str, ...]:
        """Return the good entries of a list of authors, one each: sources also list punctuation, and two as one."""
        return tuple(author_lists.one_each(self.lines(value, name)))

    def signals(self, observed_at: datetime, **counts: object) -> Iterator[SignalRecord]:
        """Yield a record for each count that is given, by the name of its kind: a missing one is unknown, not zero."""
        for name, value in counts.items():
            number = self.read(reading.count, value, name, None)
            if number is not None:
                yield SignalRecord(SignalKind[name.upper()].value, number, observed_at)


def _short_line(value: object, name: str) -> str:
    return reading.line(value, name, reading.NAME_CHARACTERS)
