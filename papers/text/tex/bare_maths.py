"""Maths that stands in running text without dollars: read only where nothing else could be meant.

That is a word with raised or lowered signs and a command of maths, and a command whose arguments stand in braces.
"""

import re

from papers.text.tex import maths, symbols
from papers.text.tex.commands import accents, brackets, stacks, units
from papers.text.tex.pieces import INNER, LETTER, OPTION
from papers.text.tex.tokens import UnreadableError

NOT_EMPHASIS = sorted(set(accents.MARKS) - {"underline", "underbar", "cancel", "slashed", "check", "dot"})
WITH_ARGUMENTS = [
    *units.RULES,
    *(set(brackets.RULES) - {"order", "comm", "ev"}),
    *(set(stacks.RULES) - {"mid", "not"}),
    *("ion", "mathbb", "mathcal", "mathfrak", "mathscr", "Bbb", "frak"),
    *NOT_EMPHASIS,
]
COMMAND = re.compile(rf"(?<!\\)\\(?:{'|'.join(WITH_ARGUMENTS)})(?![A-Za-z])\*?{OPTION}(?:\{{{INNER}\}}){{1,3}}")
ACCENTED_LETTER = re.compile(rf"\\({'|'.join(NOT_EMPHASIS)})\s({LETTER})(?!\w)")
IN_FORMULA = re.compile(r"[\w{}()\[\]\\^*+\-/=|'.,]+")
SCRIPTED = re.compile(r"[\^_]")
COMMAND_NAME = re.compile(r"\\([A-Za-z]+)")


def read(text: str) -> str:
    """Return the text with what is surely maths in it as Unicode."""
    if SCRIPTED.search(text):
        text = "".join(_word(part) if "\\" in part else part for part in re.split(r"(\s+)", text))
    text = COMMAND.sub(_command, text)
    return ACCENTED_LETTER.sub(lambda found: accents.marked(found[2], found[1]), text)


def _word(part: str) -> str:
    formula = part.rstrip(",;:.")
    if not SCRIPTED.search(formula) or not IN_FORMULA.fullmatch(formula):
        return part
    return _line(formula) + part[len(formula) :] if all(map(_is_of_maths, COMMAND_NAME.findall(formula))) else part


def _is_of_maths(name: str) -> bool:
    return name in accents.MARKS or len(symbols.symbol(name)) == 1 or name in {"mathbb", "mathcal", "mathrm", "rm"}


def _command(found: re.Match[str]) -> str:
    return _line(found[0])


def _line(source: str) -> str:
    """Return the source as one line, or as it is where it cannot be read."""
    try:
        return maths.to_line(source)
    except UnreadableError:
        return source
