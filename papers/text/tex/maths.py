"""A segment of TeX maths as one line of Unicode; whatever is not surely readable is refused as a whole."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from papers.text.tex import symbols
from papers.text.tex.shapes import (
    END,
    FRACTION,
    FRACTION_END,
    MARKS,
    OPERATOR,
    RELATION,
    SCRIPT,
    WORD,
    bracketed,
    marked,
    operand,
    settled,
    subscript,
    superscript,
)

LONGEST = 1000  # characters of a segment
DEEPEST = 12  # groups and arguments within each other
TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)


TEXTS = symbols.names(
    "text textrm textbf textit textsf texttt textsc textup textnormal emph mbox hbox mathrm mathbf mathit mathsf "
    "mathtt mathcal mathfrak mathscr mathnormal mathbin mathop mathrel mathord boldsymbol bm pmb bold symbf symbfit "
    "ensuremath smash underline underbrace overbrace"
)
SILENT = symbols.names(
    "left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm displaystyle textstyle "
    "scriptstyle scriptscriptstyle limits nolimits boldmath unboldmath nonumber allowbreak rm bf it tt sf sc cal em "
    "tiny small ! / @ -"
)
BLANKS = symbols.names(r", ; : > quad qquad enspace thinspace space \ ") | {" "}
DELIMITER_COMMANDS = frozenset({"left", "right"})


class UnreadableError(ValueError):
    """Raised for a segment that has no certain form on one line."""


@dataclass(slots=True)
class Tokens:
    """The tokens of a segment, taken one by one."""

    tokens: list[str]
    position: int = 0
    depth: int = 0
    as_prose: bool = False  # inside \text and its like, where a_b is a name

    def peek(self) -> str:
        return self.tokens[self.position] if self.position < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.position += 1
        return token

    def end_command(self) -> None:
        """Leave out the blank that only ends a command; before a sign it is meant."""
        if not re.match(r"\s+[=<>+\-/|]", "".join(self.tokens[self.position : self.position + 2])):
            self.skip_blanks()

    def skip_blanks(self) -> None:
        while self.peek().isspace():
            self.position += 1


@lru_cache(maxsize=4096)  # "$\times$" and its like make up most of all segments
def to_line(source: str) -> str:
    """Return the segment, without its dollars, as Unicode on one line.

    Raises UnreadableError for an unknown command, an environment, braces that do not match, more than LONGEST
    characters or more than DEEPEST levels.
    """
    if len(source) > LONGEST or MARKS.search(source):
        raise UnreadableError(source[:40])
    tokens = Tokens(TOKEN.findall(source))
    line = settled(_sequence(tokens, ""))
    return line.strip()


def _sequence(tokens: Tokens, closing: str) -> str:
    """Read everything up to the closing token, or to the end where it is ''; blanks are not settled yet."""
    parts: list[str] = []
    while (token := tokens.peek()) not in ("}", closing):
        if not token:
            raise UnreadableError("a brace is missing")
        parts.append(_atom(tokens))
    if tokens.take() != closing:
        raise UnreadableError("a brace too many")
    return "".join(parts)


def _atom(tokens: Tokens) -> str:
    token = tokens.take()
    if token == "{":
        return group(tokens)
    if token in SCRIPTS and not tokens.as_prose:
        return SCRIPT + SCRIPTS[token](_argument(tokens))
    if token.startswith("\\"):
        return command(token[1:], tokens)
    if token.isspace() or token == "~":
        return " "
    return {"'": "′", "$": "", "&": " "}.get(token, token)


def group(tokens: Tokens, closing: str = "}") -> str:
    tokens.depth += 1
    if tokens.depth > DEEPEST:
        raise UnreadableError("too deep")
    inner = _sequence(tokens, closing)
    tokens.depth -= 1
    return settled(inner)


def _argument(tokens: Tokens) -> str:
    return _raw_argument(tokens).strip()


def _raw_argument(tokens: Tokens) -> str:
    """Read a command's argument, a group or the next token alone, with the blanks at its beginning and end."""
    tokens.skip_blanks()
    if not tokens.peek() or tokens.peek() in "}^_":
        raise UnreadableError("an argument is missing")
    tokens.depth += 1
    if tokens.depth > DEEPEST:
        raise UnreadableError("too deep")
    inner = settled(_atom(tokens))
    tokens.depth -= 1
    return inner


def command(name: str, tokens: Tokens) -> str:
    name = name.rstrip("*") or name
    if name in RULES:
        return RULES[name](tokens)
    if name in symbols.MATHS_ACCENTS:
        return marked(_argument(tokens), symbols.MATHS_ACCENTS[name])
    if name in TEXTS:
        return _type_face(name, tokens)
    if name in SILENT:
        return silent(name, tokens)
    if name in BLANKS:
        return " "
    return sign(name, tokens)


def _following(tokens: Tokens) -> str:
    tokens.skip_blanks()
    return tokens.peek()


def _type_face(name: str, tokens: Tokens) -> str:
    before, tokens.as_prose = tokens.as_prose, tokens.as_prose or not name.startswith(("math", "bold", "sym", "bm"))
    inner = _raw_argument(tokens)
    tokens.as_prose = before
    return inner


def silent(name: str, tokens: Tokens) -> str:
    """Read a command that only sets the type; after left and right a dot stands for no delimiter at all."""
    if name[0].isalpha():
        tokens.skip_blanks()
    if name in DELIMITER_COMMANDS and tokens.peek() == ".":
        tokens.take()
    return ""


def sign(name: str, tokens: Tokens) -> str:
    if not name[0].isalpha():
        return {"|": "‖"}.get(name) or (name if name in "{}%$#&_" else refuse(name))
    symbol = symbols.symbol(name) or refuse(name)
    if name in symbols.FUNCTIONS:
        return f"{WORD}{symbol}{END}"
    if symbol in symbols.RELATIONS or symbols.is_arrow(symbol):
        return f"{RELATION}{symbol}{RELATION}"
    if symbol in symbols.OPERATORS:
        return f"{OPERATOR}{symbol}{OPERATOR}"
    tokens.end_command()
    return symbol


def refuse(name: str) -> str:
    raise UnreadableError(name)


SCRIPTS: dict[str, Callable[[str], str]] = {"^": superscript, "_": subscript}


def _fraction(tokens: Tokens) -> str:
    over, under = operand(_argument(tokens)), operand(_argument(tokens))
    return f"{FRACTION}{over}/{under}{FRACTION_END}"


def root(tokens: Tokens) -> str:
    degree = ""
    if _following(tokens) == "[":
        tokens.take()
        degree = _bracket(tokens)
    inner = _argument(tokens)
    return f"{degree}√{inner if len(inner) == 1 or inner.isdigit() else bracketed(inner)}"


def _bracket(tokens: Tokens) -> str:
    inner = group(tokens, "]")
    return symbols.superscript(inner) or refuse("the degree of a root")


def _binomial(tokens: Tokens) -> str:
    return f"({_argument(tokens)} choose {_argument(tokens)})"


def _blackboard(tokens: Tokens) -> str:
    return _argument(tokens).translate(symbols.BLACKBOARD)


def _named_function(tokens: Tokens) -> str:
    return f"{WORD}{_argument(tokens)}{END}"


def _modulus(tokens: Tokens) -> str:
    return f" (mod {_argument(tokens)})"


def _negated(tokens: Tokens) -> str:
    inner = _argument(tokens)
    barred = unicodedata.normalize("NFC", f"{inner}\u0338")
    return f"{RELATION}{barred}{RELATION}" if len(barred) == 1 else refuse("not")


def _divides(tokens: Tokens) -> str:
    return f"{RELATION}|{RELATION}"


def _long_arrow(tokens: Tokens) -> str:
    return refuse("an arrow with words") if _argument(tokens) else f"{RELATION}→{RELATION}"


def _coloured(tokens: Tokens) -> str:
    _argument(tokens)
    return _argument(tokens)


def _code_point(tokens: Tokens) -> str:
    """Read MathJax's way to write a character: x2014."""
    code = re.fullmatch(r"x([0-9A-Fa-f]{2,5})", _argument(tokens))
    character = chr(int(code[1], 16)) if code else ""
    return character if character.isprintable() and character else refuse("unicode")


def _limit_below(tokens: Tokens) -> str:
    """Write what stands under a word after it, lowered: max with x below it."""
    below, word = _argument(tokens), _argument(tokens)
    return f"{WORD}{word}{SCRIPT}{subscript(below)}{END}"


RULES: dict[str, Callable[[Tokens], str]] = {
    "binom": _binomial,
    "dbinom": _binomial,
    "tbinom": _binomial,
    "cfrac": _fraction,
    "dfrac": _fraction,
    "frac": _fraction,
    "nicefrac": _fraction,
    "sfrac": _fraction,
    "tfrac": _fraction,
    "mathbb": _blackboard,
    "mathds": _blackboard,
    "mid": _divides,
    "not": _negated,
    "operatorname": _named_function,
    "pmod": _modulus,
    "sqrt": root,
    "textcolor": _coloured,
    "underset": _limit_below,
    "unicode": _code_point,
    "xrightarrow": _long_arrow,
}
