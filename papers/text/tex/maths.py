"""A segment of TeX maths as one line of Unicode; whatever is not surely readable is refused as a whole."""

import re
from collections.abc import Callable
from functools import lru_cache

from papers.text.tex import symbols
from papers.text.tex.commands import accents, brackets, environments, layout, numerals, stacks, units
from papers.text.tex.shapes import CELL, END, MARKS, OPERATOR, RELATION, WORD
from papers.text.tex.tokens import TOKEN, Tokens, UnreadableError, argument, raw_argument, refuse, sequence

LONGEST = 1000  # characters of a segment
PRINTED = frozenset("{}%$#&_")  # behind a backslash, as they are
RANGE = re.compile(r"(?<=\d)--(?=\d)")

TEXTS = symbols.names(
    "text textrm textbf textit textsf texttt textup textnormal textmd textsl emph mbox hbox mathrm mathbf mathit "
    "mathsf mathtt mathcal mathfrak mathscr mathnormal mathbin mathop mathrel mathord mathopen mathclose mathinner "
    "mathpunct boldsymbol bm pmb bold symbf symbfit symrm ensuremath smash boxed fbox mathclap mathrlap mathllap clap "
    "frak mathbbm mathbbmss bbone textcircled uwave uline ul tcode url mathscr euscript EuScript"
)
SILENT = symbols.names(
    "middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm displaystyle textstyle "
    "scriptstyle scriptscriptstyle limits nolimits displaylimits boldmath unboldmath nonumber notag allowbreak "
    "nobreak noindent protect relax strut mathstrut null rm bf it tt sf cal em mit sl scr tiny scriptsize "
    "footnotesize small normalsize large Large LARGE huge Huge bfseries itshape rmfamily sffamily ttfamily upshape "
    "mdseries centering ! / @ - *"
)
BLANKS = symbols.names(
    r", ; : > quad qquad enspace enskip thinspace medspace thickspace negthinspace space newline hfill hfil \ "
) | {" "}
# Letters of names alone: in maths an author has defined them for something else.
LETTERS_OF_NAMES = frozenset("OLloSP")


@lru_cache(maxsize=4096)  # "$\times$" and its like make up most of all segments
def to_line(source: str) -> str:
    """Return the segment, without its dollars, as Unicode on one line.

    Raises UnreadableError for an environment that is none of maths, braces that do not match, a missing argument, more
    than LONGEST characters or more than DEEPEST levels. An unknown command stands as its name: authors name it so.
    """
    if len(source) > LONGEST or MARKS.search(source):
        raise UnreadableError(source[:40])
    read = sequence(Tokens(TOKEN.findall(source), command), "")
    return RANGE.sub("–", environments.lines(read.replace(CELL, " "))).strip()


def command(name: str, tokens: Tokens) -> str:
    """Read the arguments of the command and return what it stands for."""
    name = name.rstrip("*") or name
    if name in RULES:
        return RULES[name](tokens)
    if name in accents.MARKS:
        return accents.marked(argument(tokens), name)
    if name in TEXTS:
        return _type_face(name, tokens)
    if name in SILENT:
        return _silent(name, tokens)
    if name in BLANKS:
        return " "
    return _sign(name, tokens)


def _type_face(name: str, tokens: Tokens) -> str:
    before, tokens.as_prose = tokens.as_prose, tokens.as_prose or not name.startswith(("math", "bold", "sym", "bm"))
    inner = raw_argument(tokens)
    inner, tokens.as_prose = _typeset(inner) if tokens.as_prose else inner, before
    return inner


def _typeset(words: str) -> str:
    """Put dashes and quotes for people into words inside maths."""
    return words.replace("---", "—").replace("--", "–").replace("``", "“").replace("’’", "”")


def _silent(name: str, tokens: Tokens) -> str:
    """Read a command that only sets the type; as an argument of its own it stands for what comes after it."""
    if name[:1].isalpha():
        tokens.skip_blanks()
    return ""


def _sign(name: str, tokens: Tokens) -> str:
    if not name[:1].isalpha():
        return _sign_of_prose(name, tokens)
    symbol = symbols.symbol(name) if tokens.as_prose or name not in LETTERS_OF_NAMES else ""
    if name in symbols.FUNCTIONS:
        return f"{WORD}{symbol}{END}"
    if symbol in symbols.RELATIONS or symbols.is_arrow(symbol):
        return f"{RELATION}{symbol}{RELATION}"
    if symbol in symbols.OPERATORS:
        return f"{OPERATOR}{symbol}{OPERATOR}"
    if not symbol:
        return _unknown(name, tokens)
    tokens.end_command()
    return symbol


def _sign_of_prose(name: str, tokens: Tokens) -> str:
    if tokens.as_prose and name in symbols.ACCENTS:
        letter = symbols.accented(argument(tokens), symbols.ACCENTS[name])
        return letter or refuse(name)
    return {"|": "‖"}.get(name) or (name if name in PRINTED else refuse(name))


def _unknown(name: str, tokens: Tokens) -> str:
    """Write a command that an author has defined as its name, as people do who copy it: SL(2), Hom(A)(B)."""
    arguments = ""
    while tokens.peek() == "{":
        inner = argument(tokens)
        arguments += f"({inner})" if inner else ""
    return f"{WORD}{symbols.glued(name) or name}{arguments}{END}"


def _blackboard(tokens: Tokens) -> str:
    return argument(tokens).translate(symbols.BLACKBOARD)


def _lesser_or_about(name: str, sign: str) -> Callable[[Tokens], str]:
    """Return the reader of a sign in astronomers' classes, which is a letter or bracket to all others."""

    def read(tokens: Tokens) -> str:
        if re.match(r"\s*[\d.\\]", "".join(tokens.tokens[tokens.position : tokens.position + 2])):
            return f"{RELATION}{sign}{RELATION}"
        return _unknown(name, tokens)

    return read


RULES: dict[str, Callable[[Tokens], str]] = {
    **brackets.RULES,
    **layout.RULES,
    **numerals.RULES,
    **stacks.RULES,
    **units.RULES,
    **dict.fromkeys(["mathbb", "mathds", "Bbb", "bb", "BB", "field"], _blackboard),
    "begin": environments.environment,
    "ga": _lesser_or_about("ga", "≳"),
    "la": _lesser_or_about("la", "≲"),
    "substack": environments.substack,
}
