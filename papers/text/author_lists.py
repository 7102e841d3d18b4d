"""Lists of authors as sources print them, taken apart into people and groups, one each."""

import re
from collections.abc import Iterable, Iterator

from papers.text.people import BEHIND, is_group, outside_brackets
from papers.text.suffixes import is_suffix

PAIRS = {"(": ")", "[": "]", "{": "}"}
AND = re.compile(r"\s(?:and|&)\s", re.IGNORECASE)
LEADING_AND = re.compile(r"\A(?:and|&)\s+", re.IGNORECASE)
WORD = re.compile(r"[^\W\d_]+")


def parts(text: str) -> Iterator[str]:
    """Yield what stands between the commas that are outside brackets; one that is never closed encloses nothing."""
    start, depth, steps = 0, 0, _steps(text)
    for position, character in enumerate(text):
        depth += steps.get(position, 0)
        if character == "," and depth == 0:
            yield text[start:position]
            start = position + 1
    yield text[start:]


def _steps(text: str) -> dict[int, int]:
    """Return 1 at each bracket that is closed, and -1 where it is."""
    open_at: dict[str, list[int]] = {closing: [] for closing in PAIRS.values()}
    steps: dict[int, int] = {}
    for position, character in enumerate(text):
        if character in PAIRS:
            open_at[PAIRS[character]].append(position)
        elif open_at.get(character):
            steps |= {open_at[character].pop(): 1, position: -1}
    return steps


def split(line: str) -> list[str]:
    """Split 'Ann Lee, Bo Ek, Jr., Cy Oz (MIT, USA), John Smith, S.J.' into its four authors."""
    authors: list[str] = []
    for part in parts(line):
        name = " ".join(part.split())
        if authors and (is_suffix(name) or BEHIND.fullmatch(name)):
            authors[-1] += f", {name}"
        elif name:
            authors.append(name)
    return list(one_each(authors))


def one_each(served: Iterable[str]) -> Iterator[str]:
    """Yield each author alone: 'The X Collaboration: A. Roe' and 'B. Doe and C. Poe' are two, ':' and '(MIT)' none."""
    for entry in served:
        for name in _apart(entry):
            plain = LEADING_AND.sub("", name.strip(" ,;:"))
            if _is_somebody(plain):
                yield plain


def _is_somebody(name: str) -> bool:
    outside = outside_brackets(name)
    return any(map(str.isalpha, outside)) and not is_suffix(outside) and not BEHIND.fullmatch(outside)


def _apart(entry: str) -> Iterator[str]:
    group, colon, rest = entry.partition(":")
    if colon and is_group(group):
        yield group
        entry = rest
    for part in entry.split(";") if "(" not in entry else [entry]:
        yield from AND.split(part) if AND.search(part) and _are_people(part) else [part]


def _are_people(text: str) -> bool:
    """Tell whether words joined by 'and' are people, and not the name of an institute of science and technology."""
    return not is_group(text) and all(len(WORD.findall(part)) > 1 for part in AND.split(text)) and " of " not in text
