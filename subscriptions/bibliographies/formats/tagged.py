"""Formats in which a line begins with its field's tag, and goes on in the lines below: RIS, PubMed's, EndNote's."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from subscriptions.bibliographies.entries import FIELD, Entry, from_fields
from subscriptions.bibliographies.fields import Fields
from subscriptions.bibliographies.reading import Lines, Unreadable, entry_or_why

MOST_VALUES = 1_000  # in a record


@dataclass(frozen=True, slots=True)
class Dialect:
    tag: re.Pattern[str]  # a line's beginning up to its value, with a group "tag"
    names: Mapping[str, str]  # from tags to BibTeX's names of fields; others keep theirs, in lower case
    authors: Sequence[str]  # names of fields in which they stand, the best first
    separators: tuple[str, ...] = ()  # tags that begin a record, and tell nothing
    refined: Callable[[dict[str, list[str]]], Fields] = dict  # what is made of a record's fields


def read(text: str, starts: Iterable[int], dialect: Dialect, last: str = "") -> Iterator[Entry | Unreadable]:
    """Yield the record that begins at each of these places, and behind a last tag what lacks its first line."""
    lines = Lines(text)
    for number, (start, end) in enumerate(pairwise(chain((0,), starts, (len(text),)))):
        for place, (position, fields) in enumerate(_records(text, start, end, dialect, last)):
            is_begun = number > 0 and not place
            if fields or is_begun:
                entry = _entry(dialect.refined(fields), dialect, lines.of(position))
                if is_begun or entry.title or entry.doi or entry.arxiv_id:
                    yield entry_or_why(entry, has_fields=any(map(any, fields.values())), is_closed=True)


def _records(
    text: str, start: int, end: int, dialect: Dialect, last: str
) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Yield where a record begins and its fields: one before each last tag, and one behind."""
    fields: dict[str, list[str]] = {}
    position, count = start, 0
    tags = chain(dialect.tag.finditer(text, start, end), (None,))
    for tag, following in pairwise(tags):
        assert tag
        name = tag["tag"].upper()
        count += 1
        if name == last:
            yield position, fields
            fields, position, count = {}, following.start() if following else end, 0
        elif name not in dialect.separators and count <= MOST_VALUES:
            stop = following.start() if following else end
            value = " ".join(text[tag.end() : min(stop, tag.end() + FIELD)].split())
            fields.setdefault(dialect.names.get(name, name.lower()), []).append(value)
    if fields or position == start:
        yield position, fields


def _entry(fields: Fields, dialect: Dialect, line: int) -> Entry:
    listed = next(filter(None, (fields.get(name) for name in dialect.authors)), [])
    return from_fields(fields, chain.from_iterable(value.split(";") for value in listed), line)
