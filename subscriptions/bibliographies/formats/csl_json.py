"""CSL-JSON, as Zotero, Mendeley, Crossref and pandoc write it: an array of objects, or one object after another."""

import json
import re
from collections.abc import Iterator, Mapping

from subscriptions.bibliographies.entries import FIELD, Entry, from_fields
from subscriptions.bibliographies.reading import NEVER_ENDS, Lines, Unreadable, entry_or_why

NAME = "CSL JSON"
DAMAGED = "its JSON is damaged"
MOST_VALUES = 100  # of one field
# No string of JSON holds a line end: a quote that is not closed in its line hides nothing.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*+"|(?P<opening>[\[{])|(?P<closing>[\]}])')
_WRAPPER = re.compile(r'\s*+(?:\{[^\[\]]{0,2000}?"(?:items|references|records)"\s*+:\s*+)?\[?')
_TELLING = re.compile(r'"(?:title|DOI|doi)"\s*+:')
# What names and dates begin with; an object that begins otherwise is an item.
_PARTS = "family|given|literal|name|suffix|(?:non-)?dropping|first[nN]ame|last[nN]ame|creatorType|date|raw|season"
_ITEM = re.compile(rf'\{{\s*+"(?!{_PARTS})[\w-]++"\s*+:')
NAMES = {"container-title": "journal", "issue": "number", "page": "pages", "publicationtitle": "journal"}
NAMES |= {"archive_location": "eprint", "archiveid": "eprint", "extra": "note"}  # as Zotero has it


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find where objects begin, if titles or DOIs stand in them."""
    if text.lstrip()[:1] in ("[", "{") and _TELLING.search(text):
        return (token for token, _ in _items(text, _first(text)))
    return iter(())


def read(text: str) -> Iterator[Entry | Unreadable]:
    """Yield the objects in the file's order; behind a damaged one from the next that can be found."""
    lines, position, is_sure = Lines(text), _first(text), True
    again = len(text)  # characters that may be looked at once more, behind what is damaged
    while item := next(_items(text, position, is_sure=is_sure), None):
        token, position = item
        content = _decoded(text[token.start() : position])
        yield _entry(content, lines.of(token.start())) if content else _why(text, position, lines.of(token.start()))
        is_sure = is_sure and content is not None
        if content is None and again > 0 and (another := _ITEM.search(text, token.end(), position)):
            again -= position - another.start()
            position = another.start()


def _first(text: str) -> int:
    """Return where the objects begin, within what some programs wrap around them."""
    wrapper = _WRAPPER.match(text)
    return wrapper.end() if wrapper else 0


def _items(text: str, position: int, *, is_sure: bool = True) -> Iterator[tuple[re.Match[str], int]]:
    """Yield the brace that begins an object, and where the object ends: with the text, if it is cut off.

    Behind something damaged nothing is sure: a bracket more ends no array, and not every object is an item.
    """
    depth, first = 0, None
    for token in _TOKEN.finditer(text, position):
        if token["opening"] and (depth or is_sure or _ITEM.match(text, token.start())):
            first = first if depth else token
            depth += 1
        elif token["closing"] and depth:
            depth -= 1
            if first and not depth and first[0] == "{":
                yield first, token.end()
        elif token["closing"] and is_sure:
            return
    if first and depth and first[0] == "{":
        yield first, len(text)


def _decoded(text: str) -> dict[str, object] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    inner = content.get("data")  # Zotero's, with an envelope
    return inner if isinstance(inner, dict) else content


def _why(text: str, end: int, line: int) -> Unreadable:
    return Unreadable(line, NEVER_ENDS if end == len(text) and not text.endswith("}") else DAMAGED)


def _entry(item: Mapping[str, object], line: int) -> Entry | Unreadable:
    fields: dict[str, list[str]] = {}
    for name, content in item.items():
        name = NAMES.get(name.lower(), name.lower())
        fields.setdefault(name, []).extend(_values(content))
    entry = from_fields(fields, _authors(item), line)
    return entry_or_why(entry, has_fields=any(fields.values()), is_closed=True)


def _values(content: object) -> Iterator[str]:
    several = content[:MOST_VALUES] if isinstance(content, list) else [content]
    return (str(value)[:FIELD] for value in several if isinstance(value, str | int))


def _authors(item: Mapping[str, object]) -> Iterator[str]:
    people = item.get("author") or item.get("creators")
    for person in people[:MOST_VALUES] if isinstance(people, list) else ():
        if isinstance(person, dict) and person.get("creatorType", "author") == "author":
            yield _name(person)
        elif isinstance(person, str):
            yield person[:FIELD]


def _name(person: Mapping[str, object]) -> str:
    family = person.get("family") or person.get("lastName")
    given = person.get("given") or person.get("firstName")
    whole = person.get("literal") or person.get("name")
    parts = [person.get("non-dropping-particle"), family]
    surname = " ".join(part[:FIELD] for part in parts if isinstance(part, str))
    if not surname:
        return str(whole or "")[:FIELD]
    return f"{surname}, {given[:FIELD]}" if isinstance(given, str) and given else surname
