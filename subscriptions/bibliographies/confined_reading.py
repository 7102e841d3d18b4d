"""Read a file's entries in a process of its own, so that no file can harm the one that asks."""

import json
import logging
from collections.abc import Iterable

from subscriptions.bibliographies import confined, files
from subscriptions.bibliographies.confined import ConfinedError, Limits, Trouble
from subscriptions.bibliographies.entries import MOST_ENTRIES, BibliographyError, Entry

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


def entries(pieces: Iterable[bytes], *, seconds: int, memory: int, parser: str = PARSER) -> list[Entry]:
    """Return the entries of a file that comes in pieces; raise BibliographyError, with words for the reader.

    Reading it may take so many seconds of a processor, thrice that by the clock, and so many bytes of memory.
    """
    limits = Limits(cpu_seconds=seconds, seconds=3 * seconds, memory=memory, output=OUTPUT)
    try:
        answer = confined.run(parser, pieces, limits)
    except ConfinedError as error:
        logger.warning("A library could not be read: %s.", error)
        raise BibliographyError(WHY[error.trouble]) from error
    return _entries(answer)


def _entries(answer: bytes) -> list[Entry]:
    if answer.startswith(b"{"):
        raise BibliographyError(_refusal(answer))
    try:
        entries = [Entry.from_line(line) for line in answer.splitlines()[:MOST_ENTRIES]]
    except (ValueError, RecursionError) as error:
        logger.warning("What was read of a library is not in the agreed form.")
        raise BibliographyError(DAMAGED) from error
    if not entries:
        raise BibliographyError(DAMAGED)
    return entries


def _refusal(answer: bytes) -> str:
    try:
        return str(json.loads(answer)["refused"])[:300]
    except (ValueError, KeyError, RecursionError):
        return DAMAGED
