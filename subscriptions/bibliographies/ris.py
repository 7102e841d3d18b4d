"""RIS, as reference managers and publishers export it."""

import re
from collections.abc import Iterator
from itertools import groupby

import rispy  # type: ignore[import-untyped]

from subscriptions.bibliographies.entries import FIELD, FIELDS_WITH_IDS, BibliographyError, Entry, from_fields

RIS_FIELDS = ("doi", "accession_number", "journal_name", "secondary_title", "alternate_title3", "number")
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
    lists = {name: value if isinstance(value, list) else [value] for name, value in record.items()}
    fields = {name: " ".join(map(str, values)) for name, values in lists.items()}
    fields.setdefault("title", fields.get("primary_title", ""))
    authors = lists.get("authors") or lists.get("first_authors") or []
    return from_fields(fields, (*FIELDS_WITH_IDS, *RIS_FIELDS), map(str, authors))
