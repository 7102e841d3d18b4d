"""How text is set for a mail: what cannot be shown is taken out, and lines are folded as people read them."""

import re

WIDTH = 76  # characters in a line of plain text
# Control characters, halves of surrogate pairs, and spaces that forbid a line break (which some programs show as "Â ").
ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\xa0\u2028\u2029\u202f\ud800-\udfff\ufffe\uffff]")
# Marks that turn the direction of what follows: at home in a text, but a subject would pull others along.
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
SPACES = "\x85\xa0\u2028\u2029\u202f\x0b\x0c"


def clean(text: str) -> str:
    """The same text without control characters; spaces of other kinds become plain ones, line breaks stay."""
    return ODD.sub(_replacement, text) if ODD.search(text) else text


def _replacement(odd: re.Match[str]) -> str:
    return " " if odd[0] in SPACES else ""


def one_line(text: str) -> str:
    """For a header or a title: one line without marks that turn the direction of reading."""
    return " ".join(TURNS.sub("", clean(text.replace("\r", " "))).split())


def wrapped(text: str, width: int = WIDTH) -> str:
    """Lines of at most width characters, cut at spaces alone: a longer word, such as a link, stays whole."""
    if len(text) <= width and "\n" not in text:
        return text
    return "\n".join(_folded(line, width) for line in text.splitlines())


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


def shortened(text: str, length: int) -> str:
    """At most length characters; what is cut ends between words if it can, and with an ellipsis."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    cut = head.rfind(" ")
    return (head[:cut] if cut > length // 2 else head).rstrip(",;:–—- ") + "…"
