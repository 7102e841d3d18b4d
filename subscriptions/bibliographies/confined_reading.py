"""Read a file in a process of its own, so that no file can harm the one that asks."""

import json
import logging
from collections.abc import Iterable

from subscriptions.bibliographies import confined, files
from subscriptions.bibliographies.confined import ConfinedError, Limits, Trouble
from subscriptions.bibliographies.entries import MOST_ENTRIES, BibliographyError, Entry
from subscriptions.bibliographies.reading import Reading, Unreadable

logger = logging.getLogger(__name__)
PARSER = f"{files.__name__}:{files.to_lines.__name__}"
IN_PARTS = "Please export it without abstracts and notes, or in parts."
DAMAGED = "This file could not be read. Please export it again, or in parts."
WHY = {
    Trouble.TIME: f"Reading this file took too long. {IN_PARTS}",
    Trouble.MEMORY: f"Reading this file took too much memory. {IN_PARTS}",
    Trouble.OUTPUT: f"Too much stands in the entries of this file. {IN_PARTS}",
    Trouble.CRASH: DAMAGED,
}
OUTPUT = 16_000_000  # bytes; three times what a file may have


def read(pieces: Iterable[bytes], *, seconds: int, memory: int, parser: str = PARSER) -> Reading:
    """Return what becomes of the entries of a file in pieces; raise BibliographyError, with words for the reader.

    Reading it may take so many seconds of a processor, thrice that by the clock, and so many bytes of memory.
    """
    limits = Limits(cpu_seconds=seconds, seconds=3 * seconds, memory=memory, output=OUTPUT)
    try:
        answer = confined.run(parser, pieces, limits)
    except ConfinedError as error:
        logger.warning("A library could not be read: %s.", error)
        raise BibliographyError(WHY[error.trouble]) from error
    return _reading(answer)


def _reading(answer: bytes) -> Reading:
    if answer.startswith(b'{"refused"'):
        raise BibliographyError(_refusal(answer))
    lines = answer.splitlines()[:MOST_ENTRIES]
    try:
        entries = tuple(Entry.from_line(line) for line in lines if not line.startswith(b"{"))
        unreadable = tuple(Unreadable.from_line(line) for line in lines if line.startswith(b"{"))
    except (ValueError, RecursionError) as error:
        logger.warning("What was read of a library is not in the agreed form.")
        raise BibliographyError(DAMAGED) from error
    if not entries:
        raise BibliographyError(DAMAGED)
    return Reading(entries, unreadable)


def _refusal(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["refused"])[:300]
    except (ValueError, KeyError, RecursionError):
        return DAMAGED
