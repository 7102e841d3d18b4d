"""How near a batch of readers is to an edition's papers, by meaning and by words: one dense and one sparse product.

Pure arithmetic on arrays. A reader is known by some subjects, and a subject by a unit vector, by weighted terms, and by
a line that joins both cosines (recommender/fusion.py). Its weights are multiplied into the vectors and into the terms
before the products. Of the terms, those that many of the papers have are multiplied as rows of a dense matrix, which
is fifty times cheaper for each paper, and the many rare ones as a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from recommender.directory import Directory, Ids, Places, directory
from recommender.lexicon import NO_TERMS, Terms
from recommender.subjects import Subject
from recommender.vectors import Matrix, Vector

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
    lines: Matrix  # (s, 3) see recommender.fusion.Line

    def __len__(self) -> int:
        return len(self.vectors)


@dataclass(frozen=True, slots=True)
class PaperTerms:
    """The terms of an edition's n papers, made ready once for all readers."""

    ids: Ids  # (t,) ascending, distinct
    rows: Sparse  # (n, t) unit rows
    directory: Directory
    order: NDArray[np.int32]  # (t + 1,) the row of each term in common, then in rare; the last one is a term unknown
    common: Matrix  # (c, n)
    rare: Sparse  # (t - c, n)
    everyday: frozenset[int]  # terms that so many of the papers have that sharing one says nothing


def stacked(subjects: Sequence[Subject]) -> Subjects:
    """One Subjects of at least one subject."""
    counts = [len(one.terms.keys) for one in subjects]
    return Subjects(
        np.stack([one.vector for one in subjects]),
        np.concatenate([one.terms.keys for one in subjects]),
        np.concatenate([one.terms.weights for one in subjects]),
        np.cumsum([0, *counts]),
        np.array([one.line for one in subjects], dtype=np.float32),
    )


def paper_terms(papers: Sequence[Terms]) -> PaperTerms:
    """The terms of each paper in unit length → what readers' terms are multiplied with."""
    all_ids = np.concatenate([NO_TERMS.keys, *(own.keys for own in papers)])
    weights = np.concatenate([NO_TERMS.weights, *(own.weights for own in papers)])
    ids, columns = np.unique(all_ids, return_inverse=True)
    starts = np.cumsum([0, *(len(own.keys) for own in papers)])
    rows = _rows(weights, columns, starts, len(ids))
    counts = np.bincount(columns, minlength=len(ids))
    often = counts >= max(2, COMMON * len(papers))
    order = np.append(np.argsort(np.argsort(~often, kind="stable"), kind="stable"), len(ids)).astype(np.int32)
    by_term = rows.T.tocsr()
    everyday = frozenset(ids[counts >= max(FEWEST_EVERYDAY, EVERYDAY * len(papers))].tolist())
    return PaperTerms(ids, rows, directory(ids), order, by_term[often].toarray(), by_term[~often], everyday)


def relevance(subjects: Subjects, vectors: Matrix, terms: PaperTerms) -> Matrix:
    """s subjects, (n, d) unit vectors and the terms of n papers → (s, n) relevance by each subject's own line."""
    dense, lexical, constant = subjects.lines.T
    found = np.asarray((subjects.vectors * dense[:, np.newaxis]) @ vectors.T)
    if len(terms.ids):
        _add_words(found, subjects, lexical, terms)
    found += constant[:, np.newaxis]
    return found


def _add_words(found: Matrix, subjects: Subjects, steepness: Vector, terms: PaperTerms) -> None:
    """Add to (s, n) the cosines of the terms times each subject's steepness."""
    rows = terms.order[terms.directory.find(subjects.term_ids)]
    weights = subjects.term_weights * np.repeat(steepness, np.diff(subjects.term_starts))
    c, t = len(terms.common), len(terms.ids)
    found += _chosen(rows < c, rows, weights, subjects.term_starts, c) @ terms.common
    rare = _chosen((rows >= c) & (rows < t), rows - np.int32(c), weights, subjects.term_starts, t - c) @ terms.rare
    places = np.repeat(np.arange(len(subjects)) * found.shape[1], np.diff(rare.indptr)) + rare.indices
    found.reshape(-1)[places] += rare.data


def _chosen(mask: NDArray[np.bool_], rows: NDArray[np.int32], weights: Vector, starts: Places, width: int) -> Sparse:
    """(s, width) of the terms that the mask chooses out of all subjects' terms."""
    kept = np.flatnonzero(mask)
    return _rows(weights[kept], rows[kept], np.searchsorted(kept, starts), width)


def _rows(data: Vector, columns: NDArray[Any], starts: Places, width: int) -> Sparse:
    shape = (len(starts) - 1, width)
    parts = (np.asarray(data, dtype=np.float32), columns.astype(np.int32), starts.astype(np.int32))
    return sparse.csr_array(parts, shape=shape)


def best_subject(relevance: Matrix, starts: Places) -> Matrix:
    """(s, n), and where each of r readers' subjects begin and the last one's end (r + 1,) → (r, n) of the best one.

    A reader without subjects has -inf everywhere.
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
    """(s, n) without NaN, and (r + 1,) as for best_subject → (r, k) positions and values of the best papers.

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
    """(r, 1) a value that at least k numbers of each row reach, and few more."""
    groups = GROUPS * k
    depth = best.shape[1] // groups if groups else 0
    if depth < 2:
        return np.full((len(best), 1), -np.inf, dtype=np.float32)
    highest = best[:, : depth * groups].reshape(len(best), depth, groups).max(axis=1)
    return np.partition(highest, groups - k, axis=1)[:, [groups - k]]
