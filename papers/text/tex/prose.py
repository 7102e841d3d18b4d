"""TeX in running text: accents, letters, emphasis, dashes and quotes. What is not known stays as served.

Pieces that are settled already (maths, links, escaped signs) stand in the text as single characters of PIECES.
"""

import re
from collections.abc import Callable

from papers.text.tex import bare_maths, markup, symbols
from papers.text.tex.pieces import LETTER, PIECES

LONGEST_WORD = 80  # characters before a tie that are looked at
BASE = rf"(?P<base>\\[ij](?![A-Za-z])\s?|{LETTER})"

Replacement = str | Callable[[re.Match[str]], str]


def wrapped(pattern: str) -> re.Pattern[str]:
    """Compile the pattern, perhaps in braces of its own: bare() decides whether they go."""
    return re.compile(rf"(?P<open>\{{)?{pattern}(?P<close>\}})?")


ACCENTED = [
    wrapped(rf"\\(?P<sign>[\"'`^~=.Hbcdkruv])\{{\s*{BASE}(?:\{{\}})?\s*\}}"),  # \'{e}, \v{s}, \"{\i}
    wrapped(rf"\\(?P<sign>[\"'`^~=])\s?{BASE}"),  # \'e
    wrapped(rf"\{{\\(?P<sign>[\"'`^~=])\}}{BASE}"),  # {\"}u, whose braces have moved
    wrapped(r"\\(?P<sign>\.)(?P<base>[eEgGIzZ])"),  # \.z, but not the end of a pattern such as \.csv
    wrapped(rf"\\(?P<sign>[Hckruv])\s{BASE}"),  # \c c
]
LETTERED = wrapped(
    rf"(?<!\d)\\(?P<name>{'|'.join(symbols.LETTERS)}|(?<={LETTER}\\)i)(?![A-Za-z])(?:\{{\}}|\s(?={LETTER}))?"
)
SYMBOL = r"(?:(?<![A-Za-z\\:/.])\\(?P<name>[A-Za-z]{2,})|\\(?P<anywhere>text[a-z]+|l?dots|degree))"
SYMBOLS = wrapped(rf"{SYMBOL}(?![A-Za-z])(?:\{{\}})?")
# Where a word stands before it: names that no file would have.
RELATED = re.compile(
    r"(?<=[A-Za-z/])\\(neq|leq|geq|approx|times|rightarrow|leftarrow|Rightarrow|varepsilon|epsilon|alpha|beta|gamma|delta"
    r"|lambda|sigma|omega|theta|(?<=[A-Z\d]\\)(?:to|sim|in))(?![A-Za-z])"
)
# Braces after a command belong to it.
ARGUMENT = re.compile(r"(?:\\[A-Za-z]+\*?|\\[^A-Za-z]|\})$")
# As it reaches us where the command of a Greek letter was taken for an accent: \b{eta}, \k{appa}, \t{heta}.
SPLIT_GREEK = re.compile(r"\\([a-z])\{([a-z]+)\}")


def _accent(match: re.Match[str]) -> str:
    """Return one letter for an accent and its base, or both as served where Unicode has no such letter."""
    letter = symbols.accented(match["base"].strip("\\ "), symbols.ACCENTS[match["sign"]])
    return bare(match, letter) if letter else match[0]


def bare(match: re.Match[str], inner: str) -> str:
    """Return inner, without the braces around it unless they belong to a command before them."""
    opened, closed = match["open"] or "", match["close"] or ""
    is_argument = ARGUMENT.search(match.string, max(0, match.start() - 40), match.start())
    return inner if opened and closed and not is_argument else f"{opened}{inner}{closed}"


def _letter(match: re.Match[str]) -> str:
    return bare(match, symbols.LETTERS[match["name"]])


def sign(match: re.Match[str]) -> str:
    symbol = symbols.symbol(match["name"] or match["anywhere"])
    return bare(match, symbol) if symbol else match[0]


def _related(match: re.Match[str]) -> str:
    symbol = symbols.symbol(match[1])
    return f" {symbol}" if match.string[match.end() :][:1] == " " and symbols.is_arrow(symbol) else symbol


def _split_greek(match: re.Match[str]) -> str:
    greek = symbols.symbol(match[1] + match[2])
    return greek if "α" <= greek <= "ω" else match[0]


MARKS: list[tuple[re.Pattern[str], Replacement]] = [
    (re.compile(r"(?<![-<!])---(?![->])"), "—"),
    # Two hyphens before a word that stands free are an option of a program: --verbose.
    (re.compile(r"(?<=[^-<!\s])--(?![->])|(?<=\s)--(?=\s)"), "–"),
    (re.compile(r"(?<!`)``(?!`)((?:(?!``)[^\"]){1,300}?)(?:''|\")"), r"“\1”"),
    (re.compile(r"(?<![\w'])''(?!')((?:(?!'')[^\"]){1,300}?)(?<!')''(?![\w'])"), r"“\1”"),
    (re.compile(r"(?<![\w`])`((?:[^`']|(?<=\w)'(?=\w)){1,200}?)'(?!\w)"), r"‘\1’"),
]
TIE = re.compile(rf"(?<=[\w.,:;)\]}}%'”{PIECES}])~(?=[^\s~])")


def to_text(source: str) -> str:
    """Turn the known TeX in running text into Unicode; everything else stays."""
    text = _without_commands(source) if "\\" in source else source
    for pattern, replacement in MARKS:
        text = pattern.sub(replacement, text)
    return TIE.sub(_tie, text)


def _without_commands(text: str) -> str:
    text = SPLIT_GREEK.sub(_split_greek, bare_maths.read(text))
    text = re.sub(rf"(?<={LETTER})\\'(?=(?:s|t|re|ve|ll|d|m)\b)", "'", text)  # an apostrophe escaped for a program
    for pattern in ACCENTED:
        text = pattern.sub(_accent, text)
    text = SYMBOLS.sub(sign, LETTERED.sub(_letter, text))
    text = RELATED.sub(_related, text)
    return markup.without(text)


def _tie(match: re.Match[str]) -> str:
    """Replace TeX's blank that keeps words together; between numbers the sign stays, since it then means a range."""
    before = match.string[max(0, match.start() - LONGEST_WORD) : match.start()].rsplit(maxsplit=1)[-1:]
    is_range = match.string[match.end()].isdigit() and before and re.match(r"[(\[]?\d", before[0])
    return "~" if is_range else " "
