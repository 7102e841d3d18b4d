"""Where each written word stands in n texts: an inverted index with positions, on flat arrays."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from recommender.words.lexicon import STOP_WORDS
from recommender.words.number import singular, with_singular
from recommender.words.tokens import Joint, chunk, chunks

BREAK = "\n"  # no term reaches over it
NOWHERE = np.empty(0, dtype=np.int32)
FEWEST_LETTERS = 3  # of both parts of a word, where a blank between them is taken for nothing
LAST = bytes([Joint.APART])  # of a chunk with the next, until that is read
Joints = NDArray[np.int8]
Places = NDArray[np.int32]  # (m,) of words in the row of all texts, ascending


def is_acronym(word: str) -> bool:
    """Tell whether a word is written in capitals, LLM, or is the plural of one, LLMs; one capital counts as well."""
    return word.isalpha() and (word.isupper() or _is_plural_acronym(word))


def _is_plural_acronym(word: str) -> bool:
    return len(word) > 2 and word[-1] == "s" and word[:-1].isupper()


class _Numbers(dict[str, int]):
    """Numbers texts as they come, from 0."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Row:
    """The words of n texts, one after the other, a break before, between and behind them.

    Each chunk is read once, however often it comes.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        seen, row, ends_of_texts = _Numbers({BREAK: 0}), array("i", [0]), [1]
        for text in texts:
            for line in text.split(BREAK):
                row.extend(map(seen.__getitem__, chunks(line)))
                row.append(0)
            ends_of_texts.append(len(row))
        self._chunks = np.array(row, dtype=np.int32)
        self._ends_of_texts = np.array(ends_of_texts)
        self.numbers = _Numbers({BREAK: 0})
        self._read(seen)
        del seen, row  # texts of tens of thousands of chunks, of whose words only a part is new
        self._lay_out()

    def _read(self, distinct: Iterable[str]) -> None:
        """Read the chunks in the order of their numbers; the first is the break between lines."""
        distinct = islice(distinct, 1, None)
        words, joints = array("i", [0]), bytearray(LAST)
        counts, edges = array("i", [1]), bytearray(2)
        for text in distinct:
            read = chunk(text)
            words.extend(map(self.numbers.__getitem__, read.words))
            joints += read.joints + LAST if read.words else b""
            counts.append(len(read.words))
            edges += bytes([read.begins, read.ends])
        self._words, self._counts = np.array(words, dtype=np.int32), np.array(counts)
        self._its_joints: Joints = np.frombuffer(joints, dtype=np.int8)
        self._begins, self._ends = np.frombuffer(edges, dtype=np.bool_).reshape(-1, 2).T

    def _lay_out(self) -> None:
        """Put the words of each chunk where it stands."""
        counts = self._counts[self._chunks]
        ends = np.cumsum(counts, dtype=np.int32)
        first = (np.cumsum(self._counts, dtype=np.int32) - self._counts)[self._chunks]
        place = np.repeat(first - (ends - counts), counts) + np.arange(ends[-1], dtype=np.int32)
        self.words, self.joints = self._words[place], self._its_joints[place]
        joined = self._ends[self._chunks[:-1]] & self._begins[self._chunks[1:]]
        self.joints[ends[:-1][joined] - 1] = Joint.BLANK
        lengths = np.diff(ends[self._ends_of_texts - 1], prepend=0)
        self.text_of = np.repeat(np.arange(-1, len(lengths) - 1, dtype=np.int32), lengths)


class Occurrences:
    """All words of the texts in one row, and where in it each stands."""

    def __init__(self, texts: Iterable[str]) -> None:
        row = _Row(texts)
        self.text_of = row.text_of  # (t,) words of the row
        self.joints: Joints = row.joints  # (t,) of each with the next
        self._numbers = dict(row.numbers)
        self._order = np.argsort(row.words, kind="stable").astype(np.int32)
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(row.words, minlength=len(self._numbers)))])
        self._written = list(self._numbers)  # by their numbers
        self._with_capitals: dict[str, list[int]] = defaultdict(list)  # by their small letters
        for written, number in self._numbers.items():
            if (letters := written.casefold()) != written:
                self._with_capitals[letters].append(number)

    def side_by_side(self, words: Sequence[str], *, plurals: bool) -> Places:
        """Return where these words stand in a row, by the first of them."""
        found = [self._of(word, plurals) - at for at, word in enumerate(words)]
        return reduce(_in_both, found)

    def as_one(self, before: Sequence[str], halves: tuple[str, str], after: Sequence[str], *, plurals: bool) -> Places:
        """Return where the words stand in a row with the halves of one between them: 'fine-tuning' for 'finetuning'.

        A blank between the halves counts where each could stand for itself; 'not able' is not 'notable'.
        """
        first, second = halves
        if not self._by_letters(first.casefold()) or not len(self._of(second, plurals)):
            return NOWHERE
        found = self.side_by_side((*before, *halves, *after), plurals=plurals)
        least = Joint.BLANK if _may_be_apart(first) and _may_be_apart(second) else Joint.HYPHEN
        return found[self.joints[found + len(before)] >= least]

    def alone(self, word: str) -> Places:
        """Return where one letter stands alone: C is neither in C-means nor in T-C."""
        found = self._of(word, False)
        joints = np.maximum(self.joints[found], self.joints[found - 1])
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
        letters = word.casefold()
        same = set(self._by_letters(letters))
        return same | self._of_singular(singular(letters)) if plurals else same

    def _by_letters(self, letters: str) -> list[int]:
        """Return the numbers of the words with these small letters, however written."""
        number = self._numbers.get(letters)
        capitals = self._with_capitals.get(letters, [])
        return capitals if number is None else [number, *capitals]

    def _of_singular(self, form: str) -> set[int]:
        """Return the numbers of the written words that have this form for their singular."""
        spelled = with_singular(form) | {form, f"{form}s"}  # of acronyms
        return {
            number
            for letters in spelled
            for number in self._by_letters(letters)
            if _singular(self._written[number]) == form
        }


def _in_both(some: Places, others: Places) -> Places:
    return np.intersect1d(some, others, assume_unique=True)


def _singular(written: str) -> str:
    """Return one form for a written word and its plural; of an acronym only a small s makes a plural: AIDS has none."""
    if _is_plural_acronym(written):
        return written[:-1].casefold()
    return written.casefold() if is_acronym(written) else singular(written.casefold())


def _may_be_apart(word: str) -> bool:
    return len(word) >= FEWEST_LETTERS and word not in STOP_WORDS and not is_acronym(word)
