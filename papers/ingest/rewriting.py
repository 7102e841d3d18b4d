"""What a new version's abstract says that the one before did not."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from papers.text.sentences import split

# Words of letters and digits: neither blanks, hyphens, signs nor the dollars and backslashes of TeX make another text.
WORD = re.compile(r"[^\W_]+")
ADDRESS = re.compile(r"https?://\S+")  # that moved says nothing new
FEWEST = 6  # words of a sentence that says something
KNOWN = 0.5  # of a sentence's pairs of neighbouring words; so many of a new sentence stand in the old text at most

Pair = tuple[str, str]


def first_new_sentence(before: str, after: str) -> str:
    """Return the first sentence of a plain abstract that is new; '' where none is, or there was no text before.

    A sentence that was moved, joined, cut, or in which a few words or a number were changed is not new.
    """
    known = set(_pairs(before))
    return next((sentence for sentence in split(after) if known and _is_new(sentence, known)), "")


def _is_new(sentence: str, known: set[Pair]) -> bool:
    pairs = list(_pairs(sentence))
    return len(pairs) >= FEWEST - 1 and sum(pair in known for pair in pairs) < KNOWN * len(pairs)


def _pairs(text: str) -> Iterator[Pair]:
    letters = unicodedata.normalize("NFKD", ADDRESS.sub(" ", text)).casefold()
    return pairwise(WORD.findall(letters))
