"""BibTeX and BibLaTeX, read as BibTeX itself reads them, and on where it gives up.

The text is parted at each line that begins an entry beyond doubt: a type, a bracket, and an equals sign before the next
brace. No entry goes beyond its stretch, so one that never ends takes no other with it, and every character is looked at
a fixed number of times whatever is wrong.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, pairwise

from subscriptions.bibliographies.entries import BibliographyError, Entry, from_fields, names
from subscriptions.bibliographies.formats.bibtex_values import Stretch, stretch, value
from subscriptions.bibliographies.reading import Lines, Unreadable, entry_or_why

NAME = "BibTeX"
MOST = {"=": 200_000, "@": 200_000, "{": 500_000, "}": 500_000}  # in a file
PARTNERS = {"{": "}", "(": ")"}
MOST_VALUES = 500  # in an entry
MOST_MACROS, MACRO = 10_000, 1_000  # how many, and characters of each
# What is no entry: BibTeX's own words, and those by which styles of REVTeX and IEEE take their options.
COMMENTS = {"comment", "preamble", "control", "ieeetranbstctl", "bstctl"}
NO_ENTRIES = {"string", *COMMENTS}

_HEAD = re.compile(
    r"(?:(?P<line>^[ \t%]*+)|(?<=[\s})]))@\s*+(?P<kind>[^\s{}(),=\"#%'@\\]*+)\s*+(?P<bracket>[{(])", re.M
)
# A line that ends behind the closing brace, or before it: what goes on there is a sentence.
_BARE_HEAD = re.compile(r"[^{}\n]*+(?:\}[ \t]*+)?$", re.M)
_STRING = re.compile(r"(?P<line>(?!))?@\s*+string\s*+(?P<bracket>[{(])", re.IGNORECASE)
_FIELD_AHEAD = re.compile(r"[^{}\"=@]{0,400}+=")
_KEY = re.compile(r"\s*+[^\s,{}=\"]*+\s*+,")
# Between fields: first a piece of what is passed over (blanks and commas, a remark, a word that is no name of a field).
# Many at once, in a group that gives nothing back, are misread by older builds of Python 3.11 (Debian 12's).
_IN_ENTRY = re.compile(
    r"[\s,#]++|%[^\n]*+|[^\s,={}\"#%()@]++(?!\s*+=)|(?P<name>[^\s,={}\"#%()@]++)\s*+=\s*+|(?P<sign>.)", re.DOTALL
)
_IN_REMARK = re.compile(_IN_ENTRY.pattern.replace("%[^\\n]*+", "%"), re.DOTALL)  # where each line begins with a %
_GOES_ON = re.compile(r"(?P<strays>[}\s]*+),?\s*+[^\s,={}\"#%()@]++\s*+=\s*+[{\"\w]")


@dataclass(frozen=True, slots=True)
class _Body:
    """What stands in the brackets of an entry."""

    fields: dict[str, list[str]]
    end: int
    is_closed: bool


def begun(text: str) -> Iterator[re.Match[str]]:
    """Find what looks like the head of an entry, wherever it stands."""
    return (head for head in _heads(text) if head["kind"].lower() not in NO_ENTRIES)


def read(text: str) -> Iterator[Entry | Unreadable]:
    """Yield what each head begins, in the file's order; raise BibliographyError for too many fields or braces."""
    if any(text.count(sign) > most for sign, most in MOST.items()):
        raise BibliographyError(
            "This file has too many fields for 5000 entries. Please export it without abstracts, or in parts."
        )
    certain = (head.start() for head in _heads(text) if head["line"] is not None and _is_followed_by_field(head))
    stretches = [stretch(text, start, end) for start, end in pairwise(dict.fromkeys((0, *certain, len(text))))]
    macros: dict[str, str] = {}
    for where in stretches:
        _add_macros(where, macros)
    lines = Lines(text)
    for where in stretches:
        yield from (_entry(body, lines.of(head.start())) for head, body in _bodies(where, macros))


def _heads(text: str) -> Iterator[re.Match[str]]:
    return filter(_begins, _HEAD.finditer(text))


def _begins(head: re.Match[str]) -> bool:
    """Tell whether it begins anything: a field follows, or nothing else stands in its line."""
    is_plain = head["line"] is not None and head["kind"] and head["bracket"] == "{"
    return _is_followed_by_field(head) or bool(is_plain and _BARE_HEAD.match(head.string, head.end()))


def _is_followed_by_field(head: re.Match[str]) -> bool:
    return bool(_FIELD_AHEAD.match(head.string, head.end()))


def _add_macros(where: Stretch, macros: dict[str, str]) -> None:
    """Add the values of @string, named in lower case; from the whole file first, since some come after their use."""
    for head in _STRING.finditer(where.text, where.start, where.end):
        for name, values in _body(where, head, macros).fields.items():
            if len(macros) < MOST_MACROS:
                macros[name] = values[0][:MACRO]


def _bodies(where: Stretch, macros: Mapping[str, str]) -> Iterator[tuple[re.Match[str], _Body]]:
    position = where.start
    while head := _HEAD.search(where.text, position, where.end):
        position = head.end()
        kind = head["kind"].lower()
        if kind in COMMENTS:
            position = where.closing.get(head.end() - 1, head.end())
        elif _begins(head):
            body = _body(where, head, macros)
            position = body.end
            if kind != "string":
                yield head, body


def _body(where: Stretch, head: re.Match[str], macros: Mapping[str, str]) -> _Body:
    key = _KEY.match(where.text, head.end(), where.end)
    position = key.end() if key else head.end()
    is_sure = where.balanced and head["bracket"] == "{"
    stop = where.closing[head.end() - 1] if is_sure else where.end
    fields: dict[str, list[str]] = {}
    count, more, pieces = 0, 0, _IN_REMARK if "%" in (head["line"] or "") else _IN_ENTRY
    while position < stop and (found := pieces.match(where.text, position, stop)):
        if found["name"]:
            content, position = value(where, found.end(), macros)
            count += 1
            if count <= MOST_VALUES:
                fields.setdefault(found["name"].lower(), []).append(content)
        elif found["sign"] == PARTNERS[head["bracket"]] and not (more := _behind_strays(where, found.end())):
            return _Body(fields, found.end(), is_closed=True)
        elif found["sign"] == "@" and (other := _HEAD.match(where.text, found.start())) and _begins(other):
            return _Body(fields, found.start(), is_closed=False)
        else:
            position = more or 1 + where.closing.get(found.start(), found.end() - 1)
            more = 0
    return _Body(fields, max(position, stop), is_closed=is_sure)


def _behind_strays(where: Stretch, position: int) -> int:
    """Return where fields go on behind a closing bracket and more of them; 0 where the entry has ended there."""
    goes_on = None if where.balanced else _GOES_ON.match(where.text, position, where.end)
    return goes_on.end("strays") if goes_on else 0


def _entry(body: _Body, line: int) -> Entry | Unreadable:
    authors = chain.from_iterable(map(names, body.fields.get("author", ())))
    entry = from_fields(body.fields, authors, line)
    return entry_or_why(entry, has_fields=bool(body.fields), is_closed=body.is_closed)
