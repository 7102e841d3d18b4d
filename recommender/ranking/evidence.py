"""How near a batch of readers is to an edition's papers, by meaning and by words: one dense and one sparse product.

Pure arithmetic on arrays. A reader has some subjects; each has a unit vector, weighted terms, and
a line that joins both cosines (recommender/ranking/fusion.py). Its weights are multiplied into the vectors and into the
terms before the products. Of the terms, those that many of the papers have are multiplied as rows of a dense matrix,
which is fifty times cheaper for each paper, and the many rare ones as a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from recommender.ranking.interest_clusters import Subject
from recommender.vectors import Matrix, Vector
from recommender.words import hash_lookup
from recommender.words.hash_lookup import HashLookup, Ids, Places
from recommender.words.lexicon import NO_TERMS, Terms

Sparse: TypeAlias = Any  # a scipy.sparse.csr_array of float32
COMMON = 0.02  # a term that this share of the papers has is cheaper multiplied with all of them
EVERYDAY, FEWEST_EVERYDAY = 0.1, 10  # a share of the papers, and papers
GROUPS = 4  # for each place to fill: as many groups of papers tell a bound that few papers reach


@dataclass(frozen=True, slots=True)
class Subjects:
    """The s subjects of a batch of readers, one after another."""

    vectors: Matrix  # (s, d) unit rows
    term_ids: Ids  # (m,) ascending within a subject
    term_weights: Vector  # (m,) of each subject in unit length
    term_starts: Places  # (s + 1,)
    lines: Matrix  # (s, 3) see recommender.ranking.fusion.Line

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """The terms of an edition's n papers, made ready once for all readers."""

    ids: Ids  # (t,) ascending, distinct
    rows: Sparse  # (n, t) unit rows
    lookup: HashLookup
    order: NDArray[np.int32]  # (t + 1,) the row of each term in common, then in rare; the last one is a term unknown
    common: Matrix  # (c, n)
    rare: Sparse  # (t - c, n)
    everyday: frozenset[int]  # terms that so many of the papers have that sharing one says nothing


def stacked(subjects: Sequence[Subject]) -> Subjects:
    """Join at least one subject into one Subjects."""
    counts = [len(subject.terms.keys) for subject in subjects]
    return Subjects(
        np.stack([subject.vector for subject in subjects]),
        np.concatenate([subject.terms.keys for subject in subjects]),
        np.concatenate([subject.terms.weights for subject in subjects]),
        np.cumsum([0, *counts]),
        np.array([subject.line for subject in subjects], dtype=np.float32),
    )


def paper_terms(papers: Sequence[Terms]) -> PaperTerms:
    """Prepare the terms of each of n papers, in unit length, for the multiplication with readers' terms."""
    all_ids = np.concatenate([NO_TERMS.keys, *(own.keys for own in papers)])
    weights = np.concatenate([NO_TERMS.weights, *(own.weights for own in papers)])
    ids, columns = np.unique(all_ids, return_inverse=True)
    starts = np.cumsum([0, *(len(own.keys) for own in papers)])
    rows = _rows(weights, columns, starts, len(ids))
    counts = np.bincount(columns, minlength=len(ids))
    often = counts >= max(2, COMMON * len(papers))
    order = np.append(np.argsort(np.argsort(~often, kind="stable"), kind="stable"), len(ids)).astype(np.int32)
    by_term = rows.T.tocsr()
    everyday = _everyday(ids, counts, len(papers))
    return PaperTerms(ids, rows, hash_lookup.build(ids), order, by_term[often].toarray(), by_term[~often], everyday)


def everyday_among(terms: PaperTerms, chosen: NDArray[np.bool_]) -> frozenset[int]:
    """Return the terms that are everyday among the papers of a mask (n,)."""
    counts = np.bincount(terms.rows[np.flatnonzero(chosen)].indices, minlength=len(terms.ids))
    return _everyday(terms.ids, counts, int(chosen.sum()))


def _everyday(ids: Ids, counts: NDArray[np.int64], papers: int) -> frozenset[int]:
    return frozenset(ids[counts >= max(FEWEST_EVERYDAY, EVERYDAY * papers)].tolist())


def relevance(subjects: Subjects, vectors: Matrix, terms: PaperTerms) -> Matrix:
    """Return (s, n) relevance of n papers, with (n, d) unit vectors and terms, by the line of each of s subjects."""
    dense, lexical, constant = subjects.lines.T
    relevance_rows = np.asarray((subjects.vectors * dense[:, np.newaxis]) @ vectors.T)
    if len(terms.ids):
        _add_words(relevance_rows, subjects, lexical, terms)
    relevance_rows += constant[:, np.newaxis]
    return relevance_rows


def words(subjects: Subjects, terms: PaperTerms) -> Matrix:
    """Return (s, n) cosines of the terms of s subjects with those of n papers."""
    cosines = np.zeros((len(subjects), terms.rows.shape[0]), dtype=np.float32)
    if len(terms.ids):
        _add_words(cosines, subjects, np.ones(len(subjects), dtype=np.float32), terms)
    return cosines


def _add_words(relevance_rows: Matrix, subjects: Subjects, steepness: Vector, terms: PaperTerms) -> None:
    """Add to (s, n) the cosines of the terms times each subject's steepness."""
    rows = terms.order[terms.lookup.find(subjects.term_ids)]
    weights = subjects.term_weights * np.repeat(steepness, np.diff(subjects.term_starts))
    c, t = len(terms.common), len(terms.ids)
    relevance_rows += _chosen(rows < c, rows, weights, subjects.term_starts, c) @ terms.common
    rare = _chosen((rows >= c) & (rows < t), rows - np.int32(c), weights, subjects.term_starts, t - c) @ terms.rare
    places = np.repeat(np.arange(len(subjects)) * relevance_rows.shape[1], np.diff(rare.indptr)) + rare.indices
    relevance_rows.reshape(-1)[places] += rare.data


def _chosen(mask: NDArray[np.bool_], rows: NDArray[np.int32], weights: Vector, starts: Places, width: int) -> Sparse:
    """Return (s, width) of the terms that the mask chooses out of all subjects' terms."""
    kept = np.flatnonzero(mask)
    return _rows(weights[kept], rows[kept], np.searchsorted(kept, starts), width)


def _rows(data: Vector, columns: NDArray[Any], starts: Places, width: int) -> Sparse:
    shape = (len(starts) - 1, width)
    parts = (np.asarray(data, dtype=np.float32), columns.astype(np.int32), starts.astype(np.int32))
    return sparse.csr_array(parts, shape=shape)


def best_subject(relevance: Matrix, starts: Places) -> Matrix:
    """Return (r, n) the relevance of each reader's best subject, from (s, n) of all subjects.

    starts (r + 1,) says where each reader's subjects begin and the last one's end. A reader without subjects has -inf
    everywhere.
    """
    counts = np.diff(starts)
    best = np.full((len(counts), relevance.shape[1]), -np.inf, dtype=np.float32)
    for nth in range(counts.max(initial=0)):
        have = counts > nth
        if have.all():
            np.maximum(best, relevance[starts[:-1] + nth], out=best)
            continue
        best[have] = np.maximum(best[have], relevance[starts[:-1][have] + nth])
    return best


def top(relevance: Matrix, starts: Places, k: int) -> tuple[Places, Matrix]:
    """Return the (r, k) positions and values of each reader's best papers, from (s, n) without NaN and starts (r + 1,).

    Best first, of equal ones the one that stands first; k becomes n where there are fewer papers. No whole row is
    sorted: the papers are dealt into groups, and of the groups' best ones the k-th best is a bound that k papers reach.
    """
    best = best_subject(relevance, starts)
    readers, n = best.shape
    k = min(k, n)
    flat = np.flatnonzero(best >= _bound(best, k))
    values, owners = best.reshape(-1)[flat], flat // max(n, 1)
    order = np.lexsort((-values, owners))
    chosen = order[np.searchsorted(owners, np.arange(readers))[:, np.newaxis] + np.arange(k)]
    return flat[chosen] - np.arange(readers)[:, np.newaxis] * n, values[chosen]


def _bound(best: Matrix, k: int) -> Matrix:
    """Return (r, 1) a value that at least k numbers of each row reach, and few more."""
    groups = GROUPS * k
    depth = best.shape[1] // groups if groups else 0
    if depth < 2:
        return np.full((len(best), 1), -np.inf, dtype=np.float32)
    highest = best[:, : depth * groups].reshape(len(best), depth, groups).max(axis=1)
    return np.partition(highest, groups - k, axis=1)[:, [groups - k]]
