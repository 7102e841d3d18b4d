"""People's names as words to be compared: papers and readers print and type them in many ways."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from papers.text.people import LETTERS, TWO_LETTERS, without_asides
from papers.text.suffixes import is_suffix

Words = tuple[str, ...]  # given names first, without accents, case, punctuation and suffixes

LONGEST = 300  # characters of a name that are looked at; collaborations have the longest
_APOSTROPHES = re.compile(r"['’‘`´ʼ′]")
_HYPHENS = re.compile(r"[-‐‑'’]")
_AND = re.compile(r"\s(and|&)\s", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


def spellings(name: str) -> tuple[Words, ...]:
    """Turn 'Müller, Jörg' into (('jorg', 'muller'), ('joerg', 'mueller')); () where there is no letter or digit.

    'Surname, Given' and 'Given Surname' are the same, and so is 'Surname G', the way of bibliographies. An affiliation
    or a collaboration behind the name is no part of it.
    """
    text = unicodedata.normalize("NFC", without_asides(name[:LONGEST])).casefold()
    if text.isascii():
        return (words,) if (words := _words(text)) else ()
    readings = (_words(one) for one in dict.fromkeys([text, text.translate(TWO_LETTERS)]))
    return tuple(words for words in dict.fromkeys(readings) if words)


def typed(name: str) -> tuple[Words, ...]:
    """Return spellings(name), cached: the same names come again with many readers."""
    return cached_spellings(name[:LONGEST])


@lru_cache(maxsize=16_384)
def cached_spellings(name: str) -> tuple[Words, ...]:
    return spellings(name)


def _words(text: str) -> Words:
    letters = text if text.isascii() else text.translate(LETTERS)
    if not letters.isascii():
        decomposed = unicodedata.normalize("NFKD", letters)
        # Once more: letters of mathematics, such as 𝔍, become capitals only now.
        letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    family, *given = (_WORD.findall(part) for part in _APOSTROPHES.sub("", letters).split(","))
    words = [word for part in given for word in part] + family
    without_suffixes = [word for word in words if not is_suffix(word)]
    return _surname_last(without_suffixes if len(without_suffixes) > 1 else words)


def _surname_last(words: list[str]) -> Words:
    """Turn ['lecun', 'y'] into ('y', 'lecun')."""
    while any(len(word) > 1 for word in words) and _is_initial(words[-1]):
        words = [words[-1], *words[:-1]]
    return tuple(words)


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isalpha()


def seem_several(text: str) -> bool:
    """Tell whether this is a list of people: 'Ada Lovelace, Mary Somerville' or 'Ada Lovelace and Mary Somerville'."""
    parts = [_capitalised(part) for part in text.split(",")]
    people = [part for part in parts if part and not (len(part) == 1 and is_suffix(part[0]))]
    both_in_full = len(people) == 2 and all(len(_in_full(part)) > 1 for part in people)
    return len(people) > 2 or both_in_full or bool(_AND.search(text))


def _capitalised(text: str) -> list[str]:
    """Return the words without particles, 'van der Schaar' → ['Schaar']; all of them where none has a capital."""
    words = _WORD.findall(_HYPHENS.sub("", text))
    return [word for word in words if not word.islower()] or words


def same(followed: Words, printed: Words) -> bool:
    """Tell whether the name that a reader follows may be the one on a paper.

    Spaces and hyphens do not matter: 'Wei-Hsiang' is 'Weihsiang'. A first name in full matches only itself, a typed
    initial every name that begins with it. Between first and last, an initial stands for a whole name. It may be
    missing on either side, but not on the paper where the first name is known by its initial alone.
    """
    if "".join(followed) == "".join(printed):
        return True
    if min(len(followed), len(printed)) < 2 or followed[-1] != printed[-1]:
        return False
    by_initial = _is_initial(followed[0])
    first = followed[0] == printed[0] or (by_initial and printed[0].startswith(followed[0]))
    lacks = by_initial and 2 < len(followed) != len(printed)
    return first and not lacks and _same_between(followed[1:-1], printed[1:-1])


def _same_between(some: Words, others: Words) -> bool:
    if len(some) == len(others):
        return all(map(_stands_for, some, others))
    return _in_full(some) == _in_full(others)


def _stands_for(name: str, another: str) -> bool:
    return name == another or ((_is_initial(name) or _is_initial(another)) and name[0] == another[0])


def _in_full(words: Sequence[str]) -> list[str]:
    return [word for word in words if not _is_initial(word)]


def key(words: Words) -> str:
    """Return one text for a person, by which co-authors are counted: initials in the middle do not count.

    It is '' for a single word, which is a surname that was cut off, or one that very many have.
    """
    if len(words) < 2:
        return ""
    between = _in_full(words[1:-1]) if not _is_initial(words[0]) else words[1:-1]
    return "".join([words[0], *between, words[-1]])
