"""Commands of layout: what they set, and that alone, is shown of them; delimiters that grow with what they hold."""

import re
from collections.abc import Callable

from papers.text.tex import symbols
from papers.text.tex.shapes import subscript, superscript
from papers.text.tex.tokens import Tokens, argument, atom, option, refuse, sequence, source_argument

# Lengths, labels and colours: nothing of them is shown. The number is that of their arguments.
UNSHOWN = {"hspace": 1, "vspace": 1, "label": 1, "color": 1, "phantom": 1, "hphantom": 1, "vphantom": 1, "fontsize": 2}
COLOURED = symbols.names("textcolor colorbox scalebox raisebox resizebox")


def _delimited(tokens: Tokens) -> str:
    """Read from left to right with the delimiters, of which a dot is none."""
    opening = _delimiter(tokens)
    tokens.deeper()
    inner = sequence(tokens, r"\right")
    tokens.depth -= 1
    return f"{opening}{inner}{_delimiter(tokens)}"


def _delimiter(tokens: Tokens) -> str:
    if tokens.following() == ".":
        tokens.take()
        return ""
    return atom(tokens) if tokens.peek() else refuse("a delimiter is missing")


def _unshown(name: str) -> Callable[[Tokens], str]:
    def read(tokens: Tokens) -> str:
        for _ in range(UNSHOWN[name]):
            source_argument(tokens)
        return " " if name.endswith("space") else ""

    return read


def _dressed(tokens: Tokens) -> str:
    """Read what is coloured, or set higher: the first argument says how."""
    source_argument(tokens)
    option(tokens)
    return argument(tokens)


def _link(tokens: Tokens) -> str:
    address, shown = source_argument(tokens), argument(tokens)
    return shown if address == shown else f"{shown} ({address})"


def _rule(tokens: Tokens) -> str:
    """Read a line that is drawn: a dash in words."""
    option(tokens)
    source_argument(tokens)
    source_argument(tokens)
    return "—"


def _code_point(tokens: Tokens) -> str:
    """Read MathJax's way to write a character: x2014."""
    code = re.fullmatch(r"x([0-9A-Fa-f]{2,5})", source_argument(tokens))
    character = chr(int(code[1], 16)) if code else ""
    return character if character.isprintable() and character else refuse("unicode")


def _tag(tokens: Tokens) -> str:
    return f" ({argument(tokens)})"


def _texorpdf(tokens: Tokens) -> str:
    shown = argument(tokens)
    source_argument(tokens)
    return shown


def _two_scripts(tokens: Tokens) -> str:
    """Read what stands before a sign: an isotope's numbers."""
    above, below = argument(tokens), argument(tokens)
    return f"{superscript(above) if above else ''}{subscript(below) if below else ''}"


def _split_angle(name: str) -> Callable[[Tokens], str]:
    """Return the reader of a unit that stands over a number's point: of 0 and 3 it makes 0.3″."""

    def read(tokens: Tokens) -> str:
        decimals = argument(tokens) if tokens.following() == "{" else ""
        while tokens.peek().isdecimal():
            decimals += tokens.take()
        return f".{decimals}{symbols.SPLIT_UNITS[name]}"

    return read


RULES: dict[str, Callable[[Tokens], str]] = {
    **{name: _unshown(name) for name in UNSHOWN},
    **{name: _split_angle(name) for name in symbols.SPLIT_UNITS},
    **dict.fromkeys(COLOURED, _dressed),
    "href": _link,
    "left": _delimited,
    "prescript": _two_scripts,
    "rule": _rule,
    "tag": _tag,
    "texorpdfstring": _texorpdf,
    "unicode": _code_point,
}
