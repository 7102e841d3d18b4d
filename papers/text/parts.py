"""Tell the parts of one work by their titles: "Sums of squares I" and "Sums of squares, Part 2: the proof"."""

import re
from typing import NamedTuple

LONGEST = 500  # characters of a title that are looked at
FEWEST_WORDS = 2  # of a work's own title beside the mark of a part
_NUMERALS = "I II III IV V VI VII VIII IX X XI XII"
_WORDS = "one two three four five first second third fourth fifth"
ROMAN = {numeral: at for at, numeral in enumerate(_NUMERALS.split(), 1)}
WORDS = {word: at % 5 + 1 for at, word in enumerate(_WORDS.split())}
LETTERS = {letter: at for at, letter in enumerate("abcdef", 1)}
_NUMBER = "|".join([*sorted(ROMAN, key=len, reverse=True), r"\d{1,2}", *WORDS, "[A-F]"])
_NAMED = re.compile(rf"\b(?:part|paper|volume|(?:pt|vol)\b\.?)\s*(?:no\.?\s*)?({_NUMBER})\b", re.IGNORECASE)
_ORDINAL = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th)\s+(?:part|paper)\b|\b(first|second|third|fourth|fifth)\s+part\b", re.I
)
_COUNTED = re.compile(r"[(\[](\d{1,2})\s?(?:/|of)\s?\d{1,2}[)\]]", re.IGNORECASE)
_NUMERAL = re.compile(
    rf"(?<=[\w.,)]\s)({'|'.join(sorted(ROMAN, key=len, reverse=True))})(?=\s*(?:[:—–]|\.(?:\s|$)|\s-\s|$))"
)
_WORD = re.compile(r"[^\W_]+")


class Part(NamedTuple):
    work: str  # the title's own words, in small letters
    number: int


def part_of(title: str) -> Part | None:
    """Return which part of which work a title says it is; None for a work of its own.

    What comes before the mark of the part names the work, or all that comes after one that stands first.
    """
    text = " ".join(title[:LONGEST].split())
    found = _mark(text)
    if not found:
        return None
    before, after = (_WORD.findall(side.lower()) for side in (text[: found.start()], text[found.end() :]))
    work = before or after
    return Part(" ".join(work), _number(found)) if len(work) >= FEWEST_WORDS else None


def _mark(text: str) -> re.Match[str] | None:
    """Find the mark; a bare numeral is one only where the title ends or breaks behind it."""
    return next(filter(None, (form.search(text) for form in (_NAMED, _ORDINAL, _COUNTED, _NUMERAL))), None)


def _number(found: re.Match[str]) -> int:
    said = next(filter(None, found.groups()))
    return ROMAN.get(said.upper()) or WORDS.get(said.lower()) or LETTERS.get(said.lower()) or int(said)
