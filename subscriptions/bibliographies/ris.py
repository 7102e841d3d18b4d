"""RIS, as reference managers and publishers export it."""

import re
from collections.abc import Iterator
from itertools import groupby

import rispy  # type: ignore[import-untyped]

from subscriptions.bibliographies.entries import FIELD, BibliographyError, Entry, from_fields

NAMES = {
    "urls": "url",
    "primary_title": "title",
    "file_attachments1": "link",
    "accession_number": "accession",
    "notes": "note",
    "journal_name": "journal",
    "secondary_title": "journal",
    "alternate_title3": "journal",
}
MOST_LINES = 500_000
# Of one field: the parser appends each to what it has, so that a million would take hours.
MOST_CONTINUATIONS = 500
_BEGINNING = re.compile(r"^TY  ?- ", re.MULTILINE)


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find where entries begin."""
    return _BEGINNING.finditer(text)


def read(text: str) -> Iterator[Entry]:
    """Yield the entries; raise BibliographyError for too many lines or a damaged file."""
    if text.count("\n") > MOST_LINES:
        raise BibliographyError("This file has too many lines to be a bibliography of 5000 entries.")
    try:
        records = rispy.loads("\n".join(_bounded(text)))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, NotImplementedError) as error:
        raise BibliographyError("This file begins like RIS, but is damaged. Please export it again.") from error
    yield from map(_entry, records)


def _bounded(text: str) -> Iterator[str]:
    """Yield the lines, cut, but only the first ones that continue a field."""
    for continues, lines in groupby(text.split("\n"), lambda line: line[2:5] != "  -"):
        for number, line in enumerate(lines):
            if not continues or number < MOST_CONTINUATIONS:
                yield line[:FIELD]


def _entry(record: dict[str, object]) -> Entry:
    fields: dict[str, list[str]] = {}
    for name, value in record.items():
        values = value if isinstance(value, list) else [value]
        fields.setdefault(NAMES.get(name, name), []).extend(map(str, values))
    authors = fields.get("authors") or fields.get("first_authors") or []
    return from_fields(fields, authors, line=0)
