"""Turn an uploaded file's bytes into entries, whatever the file is and is called."""

import json
from collections.abc import Iterator
from itertools import islice
from types import ModuleType

from subscriptions.bibliographies import refusals
from subscriptions.bibliographies.encodings import text_of
from subscriptions.bibliographies.entries import MOST_BYTES, MOST_ENTRIES, TOO_LARGE, BibliographyError, Entry
from subscriptions.bibliographies.formats import bibtex, csl_json, endnote, nbib, ris
from subscriptions.bibliographies.reading import Reading, Unreadable

FORMATS = (bibtex, ris, nbib, endnote, csl_json)
NONE_READ = (
    "This looks like {}. An entry begins in line {} of this file, but none could be read ({}): it is damaged. "
    "Please export it again."
)


def read(data: bytes) -> Reading:
    """Return what becomes of a file's entries; raise BibliographyError where nothing does, or it is too large."""
    text = decoded(data)
    format_module, count = format_of(text)
    _refuse_more_than(MOST_ENTRIES, count)
    found = list(islice(format_module.read(text), MOST_ENTRIES + 1))
    entries = tuple(entry for entry in found if isinstance(entry, Entry))
    unreadable = tuple(entry for entry in found if isinstance(entry, Unreadable))
    _refuse_more_than(MOST_ENTRIES, len(found))
    if not entries:
        first = unreadable[0]
        raise BibliographyError(NONE_READ.format(format_module.NAME, first.line, first.reason))
    return Reading(entries, unreadable)


def to_lines(data: bytes) -> Iterator[str]:
    """Yield what was read for another process, an entry a line; an object {"refused": …} says why there is nothing."""
    try:
        reading = read(data)
    except BibliographyError as error:
        yield json.dumps({"refused": str(error)})
    else:
        yield from (entry.to_line() for entry in reading.entries)
        yield from (entry.to_line() for entry in reading.unreadable)


def decoded(data: bytes) -> str:
    """Return the text of a file; raise BibliographyError for one that is too large, or no text."""
    if len(data) > MOST_BYTES:
        raise BibliographyError(TOO_LARGE)
    if words := refusals.by_bytes(data):
        raise BibliographyError(words)
    return text_of(data)


def format_of(text: str) -> tuple[ModuleType, int]:
    """Return the format of which most entries begin in the text, and how many; raise BibliographyError for none."""
    counts = {one: sum(1 for _ in one.begun(text)) for one in FORMATS}
    best = max(counts, key=lambda one: counts[one])
    if not counts[best]:
        raise BibliographyError(refusals.by_text(text))
    return best, counts[best]


def _refuse_more_than(most: int, count: int) -> None:
    if count > most:
        raise BibliographyError(f"Please keep to {most} entries; this file has {count}. You can upload it in parts.")
