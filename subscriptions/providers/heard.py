"""What a provider reports later: how its reports are told apart, and what each means for a mail and its address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from subscriptions.models import Meaning
from subscriptions.providers.answers import Answer, at

# A word that we do not know and that sounds like this may tell who reads: in doubt nothing of it is kept.
SOUNDS_LIKE_READING = re.compile(r"open|click|load|read|seen|view|engage")


@dataclass(frozen=True, slots=True)
class ByCode:
    """What only the answer of the other mail server tells: its code of RFC 3463, and without one what stands here."""

    otherwise: Meaning


@dataclass(frozen=True, slots=True)
class Heard:
    """How to hear one provider. Its words are written in small letters, whatever the provider does.

    `word` puts together what tells one report from another: its kind and, where that matters, its reason, such as
    "bounce permanent general". It may be given anything, and returns '' where a report says nothing.
    """

    word: Callable[[Any], str]
    meanings: Mapping[str, Meaning | ByCode]
    readings: frozenset[str] = frozenset()  # who reads, and where they click: never kept

    def is_of_reading(self, word: str) -> bool:
        return word in self.readings or (word not in self.meanings and bool(SOUNDS_LIKE_READING.search(word)))


def said(report: Any, *path: str) -> str:
    """Return what a report says at a path, in small letters; '' where it says nothing there."""
    return next(iter(at(*path)(Answer(body=report))), "").strip().lower()


def joined(*parts: str) -> str:
    """Return the parts that are not empty, with a blank between two."""
    return " ".join(part for part in parts if part)


def each(meaning: Meaning | ByCode, *words: str, of: str = "") -> dict[str, Meaning | ByCode]:
    """Return this meaning for each of the words, which may all be kinds of one."""
    return dict.fromkeys([joined(of, word) for word in words], meaning)


def at_most_soft(meaning: Meaning) -> Meaning:
    """Return the meaning of a reason for a bounce that the provider itself calls no final one."""
    return Meaning.SOFT if meaning in (Meaning.HARD, Meaning.REFUSED) else meaning
