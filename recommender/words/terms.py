"""Required and excluded terms: what a reader typed, and the n texts in which it is looked up.

A term is met by its words side by side, as whole words, whatever the accents; hyphen, blank and nothing between two
of them are the same. A word of capitals meets capitals only, any other word any case. By the reader's choice a word
meets its plural too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.words import wording
from recommender.words.occurrences import NOWHERE, Occurrences, Places, is_acronym
from recommender.words.tokens import chunk, without_accents
from recommender.words.wording import Wording

MOST_WORDS = 8  # in one term
LONGEST = 1_000  # characters of a term that are looked at
LONGEST_COMPOUND = 64  # letters of a word that may be written as two
TERMS_KEPT = 10_000  # looked up once in all texts


def words_of(term: str) -> tuple[str, ...]:
    """Split a term into its words, acronyms as they are written and all others in small letters; () for mere signs."""
    written = [word for text in without_accents(term[:LONGEST]).split() for word in chunk(text).words]
    if not any(word[0].isalnum() for word in written):
        return ()
    return tuple(word if is_acronym(word) else word.casefold() for word in written)


class Texts:
    """The n texts of the candidates, made ready once so that a term is looked up and not searched for."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.plain = list(texts)
        self.wordings: dict[int, Wording] = {}  # of those that were asked for
        self.looked_up: dict[tuple[tuple[str, ...], bool], NDArray[np.int32]] = {}

    @cached_property
    def occurrences(self) -> Occurrences:
        """Where all words stand: made when the first term is asked for."""
        return Occurrences(self.plain)

    def wording(self, position: int) -> Wording:
        """Return where the text at that position has its terms."""
        if position not in self.wordings:
            self.wordings[position] = wording.of(self.plain[position])
        return self.wordings[position]

    def holding(self, term: str, *, plurals: bool = True) -> NDArray[np.int32]:
        """Return the (m,) positions of the texts that meet the term, ascending; with plurals also in another number."""
        asked = words_of(term)[:MOST_WORDS], plurals
        if asked not in self.looked_up:
            if len(self.looked_up) >= TERMS_KEPT:
                self.looked_up.clear()
            places = np.concatenate([NOWHERE, *(self._places(*asked) if asked[0] else ())])
            self.looked_up[asked] = np.unique(self.occurrences.text_of[places])
        return self.looked_up[asked]

    def _places(self, words: tuple[str, ...], plurals: bool) -> Iterator[Places]:
        """Yield where the words stand as typed, with two of them written as one, and with one written as two."""
        if len(words) == 1 and len(words[0]) == 1:
            yield self.occurrences.alone(words[0])
            return
        yield self.occurrences.side_by_side(words, plurals=plurals)
        for at, (one, other) in enumerate(pairwise(words)):
            yield self.occurrences.side_by_side((*words[:at], one + other, *words[at + 2 :]), plurals=plurals)
        for at, word in enumerate(words):
            for cut in range(1, len(word)) if word.isalpha() and len(word) <= LONGEST_COMPOUND else ():
                halves = word[:cut], word[cut:]
                yield self.occurrences.as_one(words[:at], halves, words[at + 1 :], plurals=plurals)

    def any_of(self, terms: Iterable[str], count: int, *, plurals: bool = True) -> NDArray[np.bool_]:
        """Return a mask (count,) of the candidates that hold at least one of the terms."""
        mask = np.zeros(count, dtype=np.bool_)
        for term in terms:
            mask[self.holding(term, plurals=plurals)] = True
        return mask

    def allowed(
        self, required: Sequence[str], excluded: Sequence[str], count: int, *, plurals: bool = True
    ) -> NDArray[np.bool_]:
        """Return a mask (count,) of those that hold a required term, where there are any, and no excluded one."""
        mask = self.any_of(required, count, plurals=plurals) if required else np.ones(count, dtype=np.bool_)
        return mask & ~self.any_of(excluded, count, plurals=plurals) if excluded else mask
