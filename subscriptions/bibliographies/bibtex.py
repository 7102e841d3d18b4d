"""BibTeX and BibLaTeX."""

import logging
import re
from collections.abc import Iterator
from itertools import chain

from bibtexparser.entrypoint import parse_string
from bibtexparser.model import Entry as BibtexEntry

from subscriptions.bibliographies.entries import FIELD, BibliographyError, Entry, from_fields, names

# The parser takes a minute for five megabytes of nothing but beginnings of entries, and ten seconds for as many fields.
MOST_FIELDS = 200_000
_BEGINNING = re.compile(r"@\s*(?!comment|string|preamble)\w[\w-]*\s*[{(]", re.IGNORECASE)
# BibTeX allows blanks around an entry's type and hyphens in it; the parser then sees no entry, and says nothing.
_HEAD = re.compile(r"(?<![^\s})])@\s*+(\w[\w-]*+)\s*+([{(])(?=\s*+[^\s,{}()=\"]++\s*+,)")
logging.getLogger("bibtexparser").setLevel(logging.ERROR)  # a line for each entry that a stranger wrote badly


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find where entries begin."""
    return _BEGINNING.finditer(text)


def read(text: str) -> Iterator[Entry]:
    """Yield the entries; raise BibliographyError for too many fields."""
    if text.count("=") > MOST_FIELDS or text.count("@") > MOST_FIELDS:
        raise BibliographyError("This file has too many fields to be a bibliography of 5000 entries.")
    library = parse_string(_HEAD.sub(_plain_head, text))
    # An entry with the same field or key twice is among the failed blocks, and can be read all the same.
    failed = (getattr(block, "ignore_error_block", None) for block in library.failed_blocks)
    yield from map(_entry, library.entries)
    yield from (_entry(entry) for entry in failed if isinstance(entry, BibtexEntry))


def _plain_head(head: re.Match[str]) -> str:
    kind, bracket = head.groups()
    return f"@{kind.replace('-', '')}{bracket}"


def _entry(entry: BibtexEntry) -> Entry:
    fields: dict[str, list[str]] = {}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), []).append(str(field.value)[:FIELD])
    authors = chain.from_iterable(map(names, fields.get("author", ())))
    return from_fields(fields, authors, 1 + (entry.start_line or 0))
