"""What becomes of a file: entries, and those that could not be read, each with the line in which it begins."""

import json
from dataclasses import dataclass

from subscriptions.bibliographies.entries import Entry, plain

MOST_REASON = 100  # characters
NO_FIELDS, NEVER_ENDS = "it has no fields", "it never ends"


@dataclass(frozen=True, slots=True)
class Unreadable:
    line: int  # of the file; the first is 1
    reason: str

    def to_line(self) -> str:
        return json.dumps({"unreadable": [self.line, self.reason]})

    @classmethod
    def from_line(cls, line: bytes) -> "Unreadable":
        """Read what to_line wrote; raise ValueError for anything else."""
        match json.loads(line):
            case {"unreadable": [int(place), str(reason)]}:
                return cls(place, plain(reason, MOST_REASON))
        raise ValueError("not an unreadable entry")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: all that begins in it is in one of the two."""

    entries: tuple[Entry, ...]
    unreadable: tuple[Unreadable, ...]


class Lines:
    """Numbers of lines for places in a text that are asked in their order."""

    def __init__(self, text: str) -> None:
        self._text, self._position, self._line = text, 0, 1

    def of(self, position: int) -> int:
        """Return the number of the line; the first is 1. No place may lie before the one that was asked last."""
        self._line += self._text.count("\n", self._position, position)
        self._position = position
        return self._line


def entry_or_why(entry: Entry, *, has_fields: bool, is_closed: bool) -> Entry | Unreadable:
    """Return the entry, unless there is nothing in it, or it was cut off before anything that tells a paper."""
    if not is_closed and not (entry.arxiv_id or entry.doi or entry.title):
        return Unreadable(entry.line, NEVER_ENDS)
    return entry if has_fields else Unreadable(entry.line, NO_FIELDS)
