"""Names of authors as sources print them: which of them are people, and what beside a name is none of it."""

import re
import unicodedata
from collections.abc import Iterator

# What groups call themselves by. None of these is anybody's surname among arXiv's authors.
GROUP = re.compile(
    r"\b(?:alliance|association|cent(?:er|re)|collaborations?|collective|committee|consorti(?:um|a)|council|department"
    r"|foundation|groups?|initiative|institut(?:e|ion)|laborator(?:y|ies)|network|organi[sz]ation|project|society|teams?"
    r"|university)\b",
    re.IGNORECASE,
)
# Letters that have no accent to take away, and those that German and the Nordic languages spell with two as well.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
BRACKETS = {"(": 1, "[": 1, ")": -1, "]": -1}
ON_BEHALF = re.compile(r"(?<=\S)[ ,](?:for|on behalf of|representing) .*", re.IGNORECASE | re.DOTALL)
# Orders and degrees behind a full name; behind a surname alone, as in "Smith, S.J.", the letters are forenames.
TITLE_BEHIND = r"(?:S\.\s?J\.|O\.\s?P\.|O\.\s?S\.\s?B\.|O\.\s?F\.\s?M\.|C\.\s?S\.\s?C\.|Ph\.?\s?D\.?|M\.\s?D\.|Esq\.?)"
BEHIND = re.compile(TITLE_BEHIND)
HONOUR = re.compile(rf"(?<!\s),?\s+\(?{TITLE_BEHIND}\)?\Z")


def is_group(name: str) -> bool:
    """Tell whether a name is that of a group, such as a collaboration."""
    return GROUP.search(name) is not None


def spellings(name: str) -> tuple[str, ...]:
    """Return a name without letters that have strokes, and with those that two letters stand for: Muller, Mueller."""
    text = unicodedata.normalize("NFC", name).casefold()
    return tuple(dict.fromkeys([text.translate(LETTERS), text.translate(TWO_LETTERS).translate(LETTERS)]))


def without_asides(name: str) -> str:
    """Return 'Jane Roe' for 'Jane Roe (Institute (Group), City)' and 'Jane Roe for the X Collaboration'.

    A name that is nothing but an aside stays as it is.
    """
    line = name if BRACKETS.keys().isdisjoint(name) else outside_brackets(name)
    text = _without_honour(ON_BEHALF.sub("", " ".join(line.split())).strip(" ,"))
    return text if any(map(str.isalpha, text)) else name


def _without_honour(name: str) -> str:
    honour = HONOUR.search(name)
    before = name[: honour.start()].split() if honour else []
    return " ".join(before) if len(before) > 1 and not before[0].islower() else name


def outside_brackets(name: str) -> str:
    """Return what stands outside all brackets; after one that is never closed comes nothing more."""
    return " ".join("".join(_outside(name)).split())


def _outside(name: str) -> Iterator[str]:
    depth = 0
    for character in name:
        depth = max(0, depth + BRACKETS.get(character, 0))
        if depth == 0 and character not in BRACKETS:
            yield character
