"""Set text for a mail: take out what cannot be shown, and fold lines as people read them."""

import re

from papers.text.directions import straight

WIDTH = 72  # characters in a line of plain text
INDENT = "    "  # as wide as the number of a pick, such as "10. "
# Control characters, halves of surrogate pairs, and spaces that forbid a line break (which some programs show as "Â ").
ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\u202f\ud800-\udfff\ufffe\uffff]")
SPACES = "\x85\xa0\u2028\u2029\u202f\x0b\x0c"


def clean(text: str) -> str:
    """Return the text without control characters; spaces of other kinds become plain ones, line breaks stay."""
    return ODD.sub(_replacement, text) if ODD.search(text) else text


def _replacement(odd: re.Match[str]) -> str:
    return " " if odd[0] in SPACES else ""


def one_line(text: str) -> str:
    """Return one line, for a header or a title, without marks that turn the direction of reading."""
    return " ".join(straight(clean(text.replace("\r", " "))).split())


def wrapped(text: str, width: int = WIDTH) -> str:
    """Wrap into lines of at most width characters, cut at spaces alone: a longer word, such as a link, stays whole."""
    if len(text) <= width and "\n" not in text:
        return text
    return "\n".join(_folded(line, width) for line in text.splitlines())


def hanging(text: str) -> str:
    """Wrap what follows a number: there is room for the number, and the next lines begin where the first one did."""
    return wrapped(text, WIDTH - len(INDENT)).replace("\n", f"\n{INDENT}")


def _folded(line: str, width: int) -> str:
    lines, start = [], 0
    while len(line) - start > width:
        cut = line.rfind(" ", start + 1, start + width + 1)
        if cut < 0:
            cut = line.find(" ", start + width)
        if cut < 0:
            break
        lines.append(line[start:cut])
        start = cut + 1
    return "\n".join([*lines, line[start:]])
