"""Where a text has its terms, so that a reason can quote the words that a paper shares with a reader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from recommender.words.lexicon import STOP_WORDS, WORD, Keys, Terms, key

JOINTS = frozenset({" ", "-", "‐", "‑", "–", "/"})
TELLING = 0.08  # of a length of 1: a term that weighs less is no reason by itself


@dataclass(frozen=True, slots=True)
class Wording:
    text: str
    keys: Keys  # (m,) ascending, distinct: its terms, as recommender.words.lexicon has them
    spans: NDArray[np.int32]  # (m, 2) where each first stands


def of(text: str) -> Wording:
    """Find the terms of a text; a pair of words reaches from the first to the end of the second."""
    words = [
        (found.group().lower(), *found.span())
        for found in WORD.finditer(text)
        if found.group().lower() not in STOP_WORDS
    ]
    pairs = ((f"{one} {other}", start, end) for (one, start, _), (other, _, end) in pairwise(words))
    found = [(key(term), start, end) for term, start, end in chain(words, pairs)]
    rows = np.array(found, dtype=np.int64).reshape(-1, 3)
    keys, first = np.unique(rows[:, 0].astype(np.uint32), return_index=True)
    return Wording(text, keys, rows[first, 1:].astype(np.int32))


def shared(reader: Terms, wording: Wording, most: int, everyday: frozenset[int] = frozenset()) -> list[str]:
    """Return the terms of a text that weigh most with a reader, as the text writes them; no word twice, pairs first.

    Terms whose numbers are in everyday are left out.
    """
    names: list[str] = []
    used: set[str] = set()
    for _, words, name in sorted(_shared(reader, wording, everyday)):
        if used.isdisjoint(words):
            used.update(words)
            names.append(name)
    return names[:most]


def _shared(reader: Terms, wording: Wording, everyday: frozenset[int]) -> Iterator[tuple[float, tuple[str, ...], str]]:
    """Yield (minus its weight, its words, how the text writes it) of each term that a text shares with a reader."""
    telling = np.flatnonzero(reader.weights >= TELLING)
    position = np.searchsorted(wording.keys, reader.keys[telling])
    here = np.flatnonzero(wording.keys.take(position, mode="clip") == reader.keys[telling]) if len(wording.keys) else ()
    for row in here:
        if int(reader.keys[telling[row]]) in everyday:
            continue
        start, end = wording.spans[position[row]]
        written = [word for word in WORD.findall(wording.text[start:end]) if word.lower() not in STOP_WORDS]
        if not any(map(_tells, written)):
            continue
        weight = float(reader.weights[telling[row]])
        yield -weight * len(written), tuple(map(str.lower, written)), _name(wording.text[start:end], written)


def _tells(word: str) -> bool:
    """Tell whether a word says something by itself: no number, and no two letters but those of an acronym."""
    return any(map(str.isalpha, word)) and (len(word) > 2 or word.isupper())


def _name(span: str, words: list[str]) -> str:
    """Return the span, or just the words where a full stop, a break or other words stand between them."""
    between = span[len(words[0]) : -len(words[-1])] if len(words) > 1 else ""
    return span if not between or between in JOINTS else " ".join(words)
