"""Split an abstract into sentences, by rules for scientific English."""

from __future__ import annotations

import re

FORGIVEN = 1_600  # characters after which a bracket that was never closed holds no end up
TAIL = 64  # characters before a full stop that are looked at
LONG = 4  # letters; a longer word is no initial, stands before no number and counts nothing: most sentences end so
SHORTEST = 15  # characters; what is shorter, such as "Why?" or "Results.", belongs to what follows

# A full stop, question or exclamation mark with what may close after it, a blank, and what may begin a sentence.
_BEGINNING = r"""["'“‘(\[{$*]*[A-Z0-9À-ÞΑ-Ωα-ω]|["'“‘]?[a-z]\w*[A-Z0-9]|\\[a-z]|\([ivx]+\)|https?://"""
_END = re.compile(rf"""[.!?]["'”’)\]}}*]*\s+(?={_BEGINNING})""")
_ABBREVIATION = re.compile(
    "al|approx|cf|def|dept|dr|eds?|eqn?s?|et|figs?|lem|mrs?|ms|prof|refs?|resp|sects?|st|thm|viz|vs|wrt"
)
_BEFORE_A_NUMBER = re.compile("art|ch|col|ex|nos?|pp?|prop|sec|tab|vol?|v")
_LAST_WORD = re.compile(r"(?<![\w.])[\w.]*\w$")
_DOTTED = re.compile(r"(?:[a-z]\.)+[a-z]")  # i.e., U.S., w.r.t.
_INITIAL = re.compile(r"(?:^|[\s(.])[A-Z]$")
_NUMBER_IN_A_LIST = re.compile(r"(?:^|[:;,]\s|[(])(?:\d{1,2}|[a-z]|[ivx]{1,4})$")


def split(text: str) -> list[str]:
    """Return the sentences of a text in its order; joined by blanks they are the text on one line, nothing is lost.

    A full stop ends no sentence after an abbreviation (et al., i.e., Fig.), an initial or the number of a list, nor
    inside brackets. Fragments too short to say anything stand at the head of the sentence after them.
    """
    line = " ".join(text.split())
    sentences, start = [], 0
    for match in _END.finditer(line):
        if match.end() - start > SHORTEST and _is_end(line, start, match):
            sentences.append(line[start : match.end()].rstrip())
            start = match.end()
    return [*sentences, line[start:]] if line[start:] else sentences


def _is_end(line: str, start: int, match: re.Match[str]) -> bool:
    if match[0][0] == "." and _is_abbreviation(
        line[max(start, match.start() - TAIL) : match.start()], line[match.end()]
    ):
        return False
    return _is_outside_brackets(line, start, match.end())


def _is_abbreviation(before: str, following: str) -> bool:
    last = before.rpartition(" ")[2]
    if len(last) > LONG and last.isalpha():
        return _ABBREVIATION.fullmatch(last.lower()) is not None
    match = _LAST_WORD.search(before)
    word = match[0].lower() if match else ""
    if _BEFORE_A_NUMBER.fullmatch(word):
        return following.isdigit()
    ends_like_one = _INITIAL.search(before) or _NUMBER_IN_A_LIST.search(before)
    return bool(ends_like_one or _ABBREVIATION.fullmatch(word) or _DOTTED.search(word))


def _is_outside_brackets(line: str, start: int, end: int) -> bool:
    """Tell whether brackets are closed; one that never is, as in half-open intervals, is forgiven after a while."""
    return end - start > FORGIVEN or line.count("(", start, end) <= line.count(")", start, end)
