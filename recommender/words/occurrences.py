"""Where each written word stands in n texts: an inverted index with positions, on flat arrays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from recommender.words.lexicon import STOP_WORDS
from recommender.words.number import singular
from recommender.words.tokens import Joint, chunk, chunks

BREAK = "\n"  # no term reaches over it
NOWHERE = np.empty(0, dtype=np.int64)
FEWEST_LETTERS = 3  # of both parts of a word, where a blank between them is taken for nothing
Places = NDArray[np.int64]  # (m,) of words in the row of all texts, ascending


def is_acronym(word: str) -> bool:
    """Tell whether a word is written in capitals, LLM, or is the plural of one, LLMs; one capital counts as well."""
    return word.isalpha() and (word.isupper() or _is_plural_acronym(word))


def _is_plural_acronym(word: str) -> bool:
    return len(word) > 2 and word[-1] == "s" and word[:-1].isupper()


class _Row:
    """The words of all texts, one after the other, in the making."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {BREAK: 0}
        self.row, self.joints = [0], bytearray([Joint.APART])
        self._read: dict[str, tuple[list[int], bytes, bool, bool]] = {}

    def add(self, line: str) -> None:
        ends = False
        for text in chunks(line):
            known = self._read.get(text) or self._numbered(text)
            words, joints, begins, _ = known
            if words:
                self.joints[-1] = Joint.BLANK if ends and begins else Joint.APART
                self.row += words
                self.joints += joints
            ends = known[3]
        self.row.append(0)
        self.joints.append(Joint.APART)

    def _numbered(self, text: str) -> tuple[list[int], bytes, bool, bool]:
        words, joints, begins, ends = chunk(text)
        own = [self.numbers.setdefault(word, len(self.numbers)) for word in words]
        self._read[text] = own, joints + bytes([Joint.APART]), begins, ends
        return self._read[text]


class Occurrences:
    """All words of the texts in one row, and where in it each stands."""

    def __init__(self, texts: Iterable[str]) -> None:
        made, lengths = _Row(), []
        for text in texts:
            before = len(made.row)
            for line in text.split(BREAK):
                made.add(line)
            lengths.append(len(made.row) - before)
        self.text_of = np.repeat(np.arange(-1, len(lengths), dtype=np.int32), [1, *lengths])  # (t,) words of the row
        self._joints = np.frombuffer(bytes(made.joints), dtype=np.int8)  # (t,) of each with the next
        self._numbers, row = made.numbers, np.array(made.row, dtype=np.int32)
        self._order = np.argsort(row, kind="stable")
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(made.numbers)))])
        self._by_letters: dict[str, list[int]] = defaultdict(list)
        self._by_singular: dict[str, list[int]] = defaultdict(list)
        for written, number in made.numbers.items():
            self._by_letters[written.casefold()].append(number)
            self._by_singular[_singular(written)].append(number)

    def side_by_side(self, words: Sequence[str], *, plurals: bool) -> Places:
        """Return where these words stand in a row, by the first of them."""
        found = [self._of(word, plurals) - at for at, word in enumerate(words)]
        return reduce(_in_both, found)

    def as_one(self, before: Sequence[str], halves: tuple[str, str], after: Sequence[str], *, plurals: bool) -> Places:
        """Return where the words stand in a row with the halves of one between them: 'fine-tuning' for 'finetuning'.

        A blank between the halves counts where each could stand for itself; 'not able' is not 'notable'.
        """
        first, second = halves
        if first.casefold() not in self._by_letters or not len(self._of(second, plurals)):
            return NOWHERE
        found = self.side_by_side((*before, *halves, *after), plurals=plurals)
        least = Joint.BLANK if _may_be_apart(first) and _may_be_apart(second) else Joint.HYPHEN
        return found[self._joints[found + len(before)] >= least]

    def alone(self, word: str) -> Places:
        """Return where one letter stands alone: C is neither in C-means nor in T-C."""
        found = self._of(word, False)
        joints = np.maximum(self._joints[found], self._joints[found - 1])
        return found[joints < Joint.HYPHEN]

    def _of(self, word: str, plurals: bool) -> Places:
        numbers = self._written_as(word, plurals)
        parts = [self._order[self._starts[number] : self._starts[number + 1]] for number in sorted(numbers)]
        return parts[0] if len(parts) == 1 else np.sort(np.concatenate([NOWHERE, *parts]))

    def _written_as(self, word: str, plurals: bool) -> set[int]:
        """Return the numbers of the written words that meet a typed one."""
        if is_acronym(word):
            base = word[:-1] if plurals and _is_plural_acronym(word) else word
            forms = (base, f"{base}s") if plurals and not _is_plural_acronym(base) else (base,)
            return {self._numbers[form] for form in forms if form in self._numbers}
        same = set(self._by_letters.get(word.casefold(), ()))
        return same | set(self._by_singular.get(singular(word.casefold()), ())) if plurals else same


def _in_both(some: Places, others: Places) -> Places:
    return np.intersect1d(some, others, assume_unique=True)


def _singular(written: str) -> str:
    """Return one form for a written word and its plural; of an acronym only a small s makes a plural: AIDS has none."""
    if _is_plural_acronym(written):
        return written[:-1].casefold()
    return written.casefold() if is_acronym(written) else singular(written.casefold())


def _may_be_apart(word: str) -> bool:
    return len(word) >= FEWEST_LETTERS and word not in STOP_WORDS and not is_acronym(word)
