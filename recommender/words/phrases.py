"""Names of labs: found by whole words, whatever the case, the accents or the hyphens."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LONGEST = 1_000  # characters of a name that are looked at
PHRASES_KEPT = 10_000  # looked for once in all texts
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


class Phrases:
    """Who stands behind each of n candidates, made ready once so that a name is looked up and not searched for."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self.folded: list[str] = []
        held: dict[str, list[int]] = defaultdict(list)
        for position, text in enumerate(texts):
            parts = _words(text)
            self.folded.append(f" {' '.join(parts)} ")
            for word in set(parts):
                held[word].append(position)
        self.phrases: dict[tuple[str, ...], NDArray[np.int32]] = {}
        self.held = {word: np.array(places, dtype=np.int32) for word, places in held.items()}

    def holding(self, name: str) -> NDArray[np.int32]:
        """Return the (m,) positions of the texts in which the words of the name stand side by side, ascending."""
        wanted = words(name)
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
