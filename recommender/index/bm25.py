"""An inverted index in memory, scored by BM25 (Robertson and Zaragoza, 2009): pure, and exact after every change.

Five bytes a posting: a row as int32 and a count as uint8. Nothing that depends on all papers (how rare a term is, how
long papers are) is stored with the postings, so that some papers can change without the others being read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from recommender.index.stems import stems
from recommender.vectors import Vector

K1, B = 1.2, 0.75
MOST = 255  # occurrences of one term in one paper that are counted
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Index:
    ids: Ids  # (n,) of papers, ascending
    terms: dict[str, int]  # stem → column; only ever extended, and shared by an index and its successor
    counts: sparse.csc_matrix  # (n, at least the number of terms) uint8

    @cached_property
    def norms(self) -> Vector:
        """(n,) K1 · (1 − B + B · length / mean length), the part of BM25's denominator that a paper fixes."""
        lengths = np.asarray(self.counts.sum(axis=1, dtype=np.float32)).ravel()
        mean = lengths.mean() if len(lengths) and lengths.any() else 1.0
        return np.asarray(K1 * (1 - B + B * lengths / mean), dtype=np.float32)

    def scores(self, query: str) -> Vector:
        """(n,) BM25 of each paper; 0 for one that has none of the query's words."""
        found = np.zeros(len(self.ids), dtype=np.float32)
        for term, times in stems(query).items():
            rows, counts = self.postings(term)
            if len(rows):
                found[rows] += times * self._rarity(len(rows)) * counts * (K1 + 1) / (counts + self.norms[rows])
        return found

    def with_all(self, text: str) -> Mask:
        """(n,) whether a paper has every word of a text, by their stems; all do if the text has none."""
        found = np.ones(len(self.ids), dtype=np.bool_)
        for term in stems(text):
            has = np.zeros_like(found)
            has[self.postings(term)[0]] = True
            found &= has
        return found

    def postings(self, term: str) -> tuple[NDArray[np.int32], Vector]:
        """The rows that have a term, and how often."""
        column = self.terms.get(term, self.counts.shape[1])
        if column >= self.counts.shape[1]:  # unknown, or learned by a successor
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        span = slice(*self.counts.indptr[column : column + 2])
        return self.counts.indices[span], self.counts.data[span].astype(np.float32)

    def _rarity(self, papers: int) -> float:
        return float(np.log1p((len(self.ids) - papers + 0.5) / (papers + 0.5)))

    def changed(self, gone: Iterable[int], ids: Sequence[int], texts: Iterable[str]) -> Index:
        """The index without the papers that are gone, and with those of ids by their present texts."""
        leaving = np.fromiter({*gone, *ids}, dtype=np.int64)
        kept = np.flatnonzero(~np.isin(self.ids, leaving))
        added = _counted(texts, self.terms)
        rows = self.counts.tocsr()[kept]
        rows.resize(len(kept), added.shape[1])
        everyone = np.concatenate([self.ids[kept], np.array(ids, dtype=np.int64)])
        order = np.argsort(everyone)
        return Index(everyone[order], self.terms, sparse.vstack([rows, added], format="csr")[order].tocsc())


def empty() -> Index:
    return Index(np.empty(0, dtype=np.int64), {}, sparse.csc_matrix((0, 0), dtype=np.uint8))


def build(ids: Sequence[int], texts: Iterable[str]) -> Index:
    """The index of n papers with these ids and texts."""
    return empty().changed([], ids, texts)


def _counted(texts: Iterable[str], terms: dict[str, int]) -> sparse.csr_matrix:
    """n texts → (n, number of terms) uint8; new stems are added to the terms."""
    columns, counts, ends = [], [], [0]
    for text in texts:
        found = stems(text)
        columns.append(np.array([terms.setdefault(stem, len(terms)) for stem in found], dtype=np.int32))
        counts.append(np.minimum(list(found.values()), MOST).astype(np.uint8))
        ends.append(ends[-1] + len(found))
    shape = (len(columns), len(terms))
    return sparse.csr_matrix((_joined(counts, np.uint8), _joined(columns, np.int32), np.array(ends)), shape=shape)


def _joined(parts: Sequence[NDArray[np.generic]], kind: type[np.generic]) -> NDArray[np.generic]:
    return np.concatenate(parts) if parts else np.empty(0, dtype=kind)
