"""Numerals: the stage of an ion in small capitals, which is read as H I, and characters that have a number."""

import re
from collections.abc import Callable

from papers.text.tex.shapes import END, WORD
from papers.text.tex.tokens import Tokens, argument

ROMAN = re.compile(r"(?:x{1,2}(?:iv|v?i{0,3}|ix)|iv|ix|vi{0,3}|i{1,3})")
ARABIC = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII", "XIV", "XV", "XVI")

# The first number of each row of Zapf's Dingbats, and the character that it is in Unicode.
ROWS = {33: 0x2701, 161: 0x2761, 172: 0x2460, 182: 0x2776, 192: 0x2780, 202: 0x278A, 212: 0x2794}
NUMERALS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")


def stage(numeral: str) -> str:
    """Return 'IV' for 'iv' and '4', '' for what is no numeral in small letters."""
    tight = numeral.strip()
    if tight.isdecimal():
        return ARABIC[int(tight)] if int(tight[:3]) < len(ARABIC) else ""
    return tight.upper() if ROMAN.fullmatch(tight) else ""


def ion(element: str, numeral: str) -> str:
    """Write an ion as astronomers read it: C IV."""
    return f"{element.strip()} {stage(numeral) or numeral.strip().upper()}"


def _ion(tokens: Tokens) -> str:
    return f"{WORD}{ion(argument(tokens), argument(tokens))}{END}"


def _in_small_capitals(tokens: Tokens) -> str:
    inner = argument(tokens)
    numeral = stage(inner) if inner.isalpha() else ""
    return f"{WORD}{numeral}{END}" if numeral else inner


def _from_here_on(tokens: Tokens) -> str:
    """Read the numeral after a command that sets small capitals to the end of its group."""
    start = tokens.position
    tokens.skip_blanks()
    letters = ""
    while len(tokens.peek()) == 1 and tokens.peek() in "ivx":
        letters += tokens.take()
    if stage(letters) and not tokens.peek().isalpha():
        return f"{WORD}{stage(letters)}{END}"
    tokens.position = start
    tokens.skip_blanks()
    return ""


def character(match: re.Match[str]) -> str:
    """Return what ding, romannumeral or char and a number stand for, or all as served where that is nothing."""
    command, number = match[1], match[2]
    shown = _by_code(number) if command == "char" else _by_number(command, number) if number.isdecimal() else ""
    return shown if shown.isprintable() and shown else match[0]


def _by_code(number: str) -> str:
    return chr(int(number, 16)) if int(number, 16) < 0x110000 else ""


def _by_number(command: str, number: str) -> str:
    at = int(number)
    if command == "romannumeral":
        return NUMERALS[at] if at < len(NUMERALS) else ""
    first = max((row for row in ROWS if row <= at), default=0)
    return chr(ROWS[first] + at - first) if first and at < 255 else ""


RULES: dict[str, Callable[[Tokens], str]] = {
    "ion": _ion,
    "textsc": _in_small_capitals,
    "sc": _from_here_on,
    "scshape": _from_here_on,
}
