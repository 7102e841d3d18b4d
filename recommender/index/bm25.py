"""Inverted lists of papers, and BM25 over several such sets (Robertson and Zaragoza, 2009): pure NumPy.

Five bytes a posting: a row as int32 and a count as uint8. A term is known by 64 bits of a hash of its stem, so there is
no dictionary to hold. Nothing that depends on all papers (how rare a term is, how long papers are) is stored, so that
some papers can change without the others being read again.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.index.layers import GONE, Mask, Places, poured
from recommender.index.stems import EVERYWHERE, all_words, mark, term
from recommender.vectors import Vector

K1, B = 1.2, 0.75
NO_TERM = 0  # of a word that stands in every text
MOST = 255  # occurrences of one term in one paper that are counted
BLOCK = 4_000_000  # postings that are copied at a time when lists are joined
Terms = NDArray[np.uint64]
Rows = NDArray[np.int32]
Ends = NDArray[np.int64]


@dataclass(frozen=True)
class Postings:
    """Which of n papers have which terms, and how often."""

    terms: Terms  # (t,) ascending
    ends: Ends  # (t + 1,) where each term's postings begin, and where the last ones end
    rows: Rows  # (p,) of papers, ascending within a term as far as the papers came in that order
    counts: NDArray[np.uint8]  # (p,)
    lengths: NDArray[np.float32]  # (n,) words of each paper

    def of(self, wanted: int) -> tuple[Rows, NDArray[np.uint8]]:
        """Return the (m,) rows that have a term, and how often each has it, (m,)."""
        position = int(np.searchsorted(self.terms, np.uint64(wanted)))
        if position == len(self.terms) or self.terms[position] != wanted:
            return self.rows[:0], self.counts[:0]
        span = slice(int(self.ends[position]), int(self.ends[position + 1]))
        return self.rows[span], self.counts[span]

    def having(self, wanted: int) -> Mask:
        """Return a mask (n,) of the papers that have a term."""
        mask = np.zeros(len(self.lengths), dtype=np.bool_)
        mask[self.of(wanted)[0]] = True
        return mask

    def norms(self, mean: float) -> Vector:
        """Return (n,) K1 · (1 − B + B · length / mean length), the part of BM25's denominator that a paper fixes."""
        return np.asarray(K1 * (1 - B) + (K1 * B / mean) * self.lengths, dtype=np.float32)


def rarity(papers: int, having: int) -> float:
    """Return BM25's inverse document frequency of a term that so many of all papers have."""
    return float(np.log1p((papers - having + 0.5) / (having + 0.5)))


class _Numbers(dict[str, int]):
    """Numbers words in the order of their first occurrence; a look-up of this kind never leaves C."""

    def __missing__(self, word: str) -> int:
        number = self[word] = len(self)
        return number


def counted(texts: Iterable[str], marks: Iterable[Iterable[str]]) -> Postings:
    """Count the terms of n texts, and their marks: facts about each that are looked up like words but are none."""
    numbers, facts = _Numbers(), _Numbers()
    words, marked, ends = array("q"), array("q"), array("q", [0, 0])
    for text, known in zip(texts, marks, strict=True):
        words.extend(map(numbers.__getitem__, all_words(text)))
        marked.extend(map(facts.__getitem__, known))
        ends.extend((len(words), len(marked)))
    sizes = np.diff(np.array(ends).reshape(-1, 2), axis=0)
    hashes = [NO_TERM if word in EVERYWHERE else term(word) for word in numbers] + list(map(mark, facts))
    terms, columns = np.unique(np.array(hashes, dtype=np.uint64), return_inverse=True)
    column = columns[np.concatenate([np.array(words), np.array(marked) + len(numbers)])]
    row = np.concatenate([np.repeat(np.arange(len(sizes)), sizes[:, side]) for side in (0, 1)])
    return _postings(terms, column, row, n=len(sizes), words=len(words))


def _postings(terms: Terms, column: Ends, row: Ends, *, n: int, words: int) -> Postings:
    """Make postings of each occurrence's (term's column, paper's row); the first are words, the rest marks."""
    lengths = np.bincount(row[:words][terms[column[:words]] != NO_TERM], minlength=n)
    keys, counts = np.unique(column * n + row, return_counts=True)
    first = int(np.searchsorted(keys, n)) if len(terms) and terms[0] == NO_TERM else 0
    kept = terms[1:] if first else terms
    start = len(terms) - len(kept)
    ends = np.searchsorted(keys[first:], np.arange(start, len(terms) + 1) * n)
    return Postings(
        kept,
        ends.astype(np.int64),
        (keys[first:] % max(n, 1)).astype(np.int32),
        np.minimum(counts[first:], MOST).astype(np.uint8),
        lengths.astype(np.float32),
    )


def joined(parts: Sequence[Postings], places: Sequence[Places]) -> Postings:
    """Return the postings of the rows that have a place, by these places."""
    terms = np.unique(np.concatenate([part.terms for part in parts]))
    columns = [np.searchsorted(terms, part.terms) for part in parts]
    kept = [_kept(part, place) for part, place in zip(parts, places, strict=True)]
    sizes = np.zeros(len(terms), dtype=np.int64)
    for column, size in zip(columns, kept, strict=True):
        sizes[column] += size
    ends = np.concatenate([[0], np.cumsum(sizes)])
    rows, counts = np.empty(ends[-1], dtype=np.int32), np.empty(ends[-1], dtype=np.uint8)
    next_free = ends[:-1].copy()  # where each term's next posting goes
    for part, place, column, size in zip(parts, places, columns, kept, strict=True):
        for span, block in _blocks(part):
            target, keeps = _targets(part, place, next_free[column[span]], span=span, block=block)
            rows[target], counts[target] = place[part.rows[block][keeps]], part.counts[block][keeps]
        next_free[column] += size
    used = sizes > 0
    lengths = poured([part.lengths for part in parts], places)
    return Postings(terms[used], np.append(ends[:-1][used], ends[-1]), rows, counts, lengths)


def _blocks(part: Postings) -> Iterator[tuple[slice, slice]]:
    """Yield spans of terms and of their postings, about BLOCK postings each."""
    last = len(part.terms)
    cuts = np.unique(np.append(np.searchsorted(part.ends, np.arange(0, part.ends[-1], BLOCK)), last))
    for start, end in zip([0, *cuts[:-1].tolist()], cuts.tolist(), strict=True):
        yield slice(start, end), slice(int(part.ends[start]), int(part.ends[end]))


def _keeps(part: Postings, place: Places, block: slice) -> Mask:
    return np.asarray(place[part.rows[block]] != GONE)


def _sizes(part: Postings, keeps: Mask, span: slice, block: slice) -> Ends:
    """Return (terms of the span,) how many postings of each are kept."""
    before = np.concatenate([[0], np.cumsum(keeps)])
    return np.asarray(np.diff(before[part.ends[span.start : span.stop + 1] - block.start]))


def _kept(part: Postings, place: Places) -> Ends:
    if (place != GONE).all():
        return np.diff(part.ends)
    sizes = [_sizes(part, _keeps(part, place, block), span, block) for span, block in _blocks(part)]
    return np.concatenate(sizes) if sizes else np.empty(0, dtype=np.int64)


def _targets(part: Postings, place: Places, free: Ends, *, span: slice, block: slice) -> tuple[Ends, Mask]:
    """Return where the kept postings of a block go, and a mask of which they are."""
    keeps = _keeps(part, place, block)
    sizes = _sizes(part, keeps, span, block)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    return np.repeat(free - starts, sizes) + np.arange(int(sizes.sum())), keeps
