"""Required and excluded terms: found by whole words, whatever the case, the accents or the hyphens."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from recommender.words import wording
from recommender.words.wording import Wording

MOST_WORDS = 8  # in one term
LONGEST = 1_000  # characters of a term or of a lab's name that are looked at
PHRASES_KEPT = 10_000  # looked for once in all texts
BREAK = "\n"  # no phrase reaches over it
NOWHERE = np.empty(0, dtype=np.int32)
_WORD = re.compile(r"\w+")


def words(text: str) -> tuple[str, ...]:
    """Split 'Naïve Bayes-methods' into ('naive', 'bayes', 'methods'); () where there is no letter or digit."""
    return cached_words(text[:LONGEST])


@lru_cache(maxsize=4096)
def cached_words(text: str) -> tuple[str, ...]:
    return tuple(_words(text))


def _words(text: str) -> list[str]:
    letters = text.casefold()
    if not letters.isascii():
        decomposed = unicodedata.normalize("NFKD", letters)
        # Once more: letters of mathematics, such as 𝔍, become capitals only now.
        letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()
    return _WORD.findall(letters.replace("_", " "))


class Texts:
    """The n texts of the candidates, made ready once so that a term is looked up and not searched for."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.plain: list[str] = []
        self.wordings: dict[int, Wording] = {}  # of those that were asked for
        self.folded: list[str] = []
        held: dict[str, list[int]] = defaultdict(list)
        for position, text in enumerate(texts):
            parts = [_words(part) for part in text.split(BREAK)]
            self.plain.append(text)
            self.folded.append(f" {f' {BREAK} '.join(' '.join(part) for part in parts)} ")
            for word in set().union(*parts):
                held[word].append(position)
        self.phrases: dict[tuple[str, ...], NDArray[np.int32]] = {}
        self.held = {word: np.array(places, dtype=np.int32) for word, places in held.items()}

    def wording(self, position: int) -> Wording:
        """Return where the text at that position has its terms."""
        if position not in self.wordings:
            self.wordings[position] = wording.of(self.plain[position])
        return self.wordings[position]

    def holding(self, term: str) -> NDArray[np.int32]:
        """Return the (m,) positions of the texts in which the words of the term stand side by side, ascending."""
        wanted = words(term)
        if len(wanted) == 1:
            return self.held.get(wanted[0], NOWHERE)
        if wanted not in self.phrases:
            if len(self.phrases) >= PHRASES_KEPT:
                self.phrases.clear()
            self.phrases[wanted] = self._side_by_side(wanted)
        return self.phrases[wanted]

    def _side_by_side(self, wanted: tuple[str, ...]) -> NDArray[np.int32]:
        rarest = min((self.held.get(word, NOWHERE) for word in wanted), key=len, default=NOWHERE)
        phrase = f" {' '.join(wanted)} "
        return np.array([position for position in rarest if phrase in self.folded[position]], dtype=np.int32)

    def any_of(self, terms: Iterable[str], count: int) -> NDArray[np.bool_]:
        """Return a mask (count,) of the candidates that hold at least one of the terms."""
        mask = np.zeros(count, dtype=np.bool_)
        for term in terms:
            mask[self.holding(term)] = True
        return mask

    def allowed(self, required: Sequence[str], excluded: Sequence[str], count: int) -> NDArray[np.bool_]:
        """Return a mask (count,) of those that hold a required term, where there are any, and no excluded one."""
        mask = self.any_of(required, count) if required else np.ones(count, dtype=np.bool_)
        return mask & ~self.any_of(excluded, count) if excluded else mask
