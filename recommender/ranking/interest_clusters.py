"""The subjects that a reader cares about: each a unit vector, weighted terms and the line that joins their evidence.

Several subjects stay several and never become one mean. Pure arithmetic on arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.cosines import AS_MEASURED, SAME, Calibration, CosineScale
from recommender.ranking import fusion
from recommender.ranking.fusion import Line
from recommender.vectors import Matrix, Vector, unit
from recommender.words import lexicon
from recommender.words.lexicon import NO_TERMS, Sparse, Terms, Vocabulary

MOST = 8  # subjects of one interest
# Papers whose subjects are on the average less alike than this are kept apart: average linkage. See docs/matching.md.
SAME_SUBJECT = 0.30
FEWEST_TERMS = 50  # of the terms of an interest each of its subjects has so many at least
NEAREST_PAPERS = 8  # of the papers that a subject is made of, those that a reason may name
LINKED = 1_000  # more papers than this are gathered into so many before they are linked: the time grows with the square


@dataclass(frozen=True, slots=True)
class Subject:
    vector: Vector  # (d,) of length 1
    terms: Terms = NO_TERMS
    line: Line = fusion.OF_TEXT
    share: float = 1.0  # of the interest's papers that are on this subject
    papers: tuple[str, ...] = ()  # identifiers of papers it was made of, the nearest to its centre first


@dataclass(frozen=True, slots=True)
class Background:
    """What papers are like in general: the words they use, and a sample that subjects are measured against."""

    key: int  # 0 before one was learned
    vocabulary: Vocabulary
    vectors: Matrix  # (b, d) unit rows
    words: Sparse  # (b, t) unit rows
    scales: Calibration = AS_MEASURED  # of the model whose vectors these are


def no_background(dimension: int, scales: Calibration = AS_MEASURED) -> Background:
    words = lexicon.unit_rows([], lexicon.NO_WORDS)
    return Background(0, lexicon.NO_WORDS, np.empty((0, dimension), dtype=np.float32), words, scales)


def of_texts(texts: Sequence[str], vectors: Matrix, background: Background) -> list[Subject]:
    """Return a subject for each of n texts with their (n, d) unit vectors, measured against a background of papers.

    A text most of whose words no paper has, for it is in another language, is judged by its meaning alone.
    """
    vocabulary, scale = background.vocabulary, background.scales.texts
    words = lexicon.unit_rows([text if lexicon.is_of(text, vocabulary) else "" for text in texts], vocabulary)
    near = zip(vectors @ background.vectors.T, lexicon.similarities(words, background.words), strict=True)
    lines = [fusion.of_text(*both, scale) for both in near]
    return [Subject(*parts) for parts in zip(vectors, lexicon.stored(words, vocabulary), lines, strict=True)]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Papers that a reader likes."""

    identifiers: Sequence[str]
    vectors: Matrix  # (m, d) unit rows
    words: Sparse  # (m, t) unit rows
    weights: Vector  # (m,) how much each counts


def of_papers(liked: Evidence, background: Background) -> list[Subject]:
    """Cluster the papers into at most MOST subjects, the one with most papers first; none for no papers."""
    if not len(liked.vectors):
        return []
    labels = told_apart(liked.vectors, background.scales.papers)
    sizes = np.bincount(labels, weights=liked.weights)
    largest = np.argsort(-sizes, kind="stable")[:MOST]
    return [_subject(liked, labels == label, background) for label in largest]


def told_apart(vectors: Matrix, scale: CosineScale = SAME) -> NDArray[np.int64]:
    """Cluster (m, d) unit vectors by average linkage; return (m,) the number of each one's subject, 0, 1, …."""
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    gathered = _gathered(vectors)
    centres = unit(_sums(vectors, gathered))
    return _linked(centres, scale)[gathered]


def _gathered(vectors: Matrix) -> NDArray[np.int64]:
    """Return (m,) groups: each vector its own, or of very many the nearest of those picked evenly among them."""
    if len(vectors) <= LINKED:
        return np.arange(len(vectors))
    seeds = vectors[np.linspace(0, len(vectors) - 1, LINKED).astype(np.int64)]
    return np.unique((vectors @ seeds.T).argmax(axis=1), return_inverse=True)[1]


def _sums(vectors: Matrix, labels: NDArray[np.int64]) -> Matrix:
    sums = np.zeros((labels.max() + 1, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, labels, vectors)
    return sums


def _linked(vectors: Matrix, scale: CosineScale) -> NDArray[np.int64]:
    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage  # type: ignore[import-untyped]

    tree = linkage(vectors.astype(np.float64), method="average", metric="cosine")
    return np.asarray(fcluster(tree, 1 - scale.raw(SAME_SUBJECT), criterion="distance"), dtype=np.int64) - 1


def _subject(liked: Evidence, mine: NDArray[np.bool_], background: Background) -> Subject:
    vectors, weights = liked.vectors[mine], liked.weights[mine]
    vector = unit(weights @ vectors)
    share = float(weights.sum() / liked.weights.sum())
    most = max(FEWEST_TERMS, int(share * lexicon.READER_TERMS))
    row = lexicon.profile(liked.words[np.flatnonzero(mine)], weights, most)
    scale = _scale(background.scales.papers, vectors, weights)
    cosines = scale.of(background.vectors @ vector)
    line = fusion.of_papers(cosines, lexicon.similarities(row, background.words)[0]).by(scale)
    nearest = np.argsort(-(vectors @ vector), kind="stable")[:NEAREST_PAPERS]
    names = [liked.identifiers[position] for position in np.flatnonzero(mine)[nearest]]
    return Subject(vector, lexicon.stored(row, background.vocabulary)[0], line, share, tuple(names))


def _scale(scale: CosineScale, vectors: Matrix, weights: Vector) -> CosineScale:
    """Return the scale for cosines with the direction of the weighted mean of (m, d) vectors, from that for papers."""
    shares = weights / weights.sum()
    return scale.of_mean(float(np.linalg.norm(shares @ vectors)), float(shares @ shares))
