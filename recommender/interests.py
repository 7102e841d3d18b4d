"""Signals of taste to interest vectors; several subjects stay several vectors and never become one mean."""

import re

import numpy as np
from numpy.typing import NDArray

from recommender.vectors import Matrix, unit

MOST_SUBJECTS = 8
# Papers less similar than this have different subjects. Reviewers' own papers, cut into subjects here, order 477
# papers better (loss .215 and .222) than uncut (.220 and .228); a higher cut tears one subject apart (.24 at .40).
SAME_SUBJECT = 0.35
_BREAKS = re.compile(r"[\n;]+")


def split_text(text: str) -> list[str]:
    """The subjects that a free text names, one a line or between semicolons; at most 8, in order, none twice."""
    subjects = (" ".join(part.split()).strip("-*• ") for part in _BREAKS.split(text))
    return list(dict.fromkeys(filter(None, subjects)))[:MOST_SUBJECTS]


def group_papers(vectors: Matrix, limit: int = MOST_SUBJECTS) -> Matrix:
    """(m, d) unit vectors of papers → (k, d) unit vectors, k ≤ limit: each paper's own, or the centres of clusters.

    Ward's clustering is deterministic and keeps a small subject apart from a large one. Centres come in an order in
    which the first few are as different as can be.
    """
    if len(vectors) <= limit:
        return unit(vectors)
    from sklearn.cluster import AgglomerativeClustering  # type: ignore[import-untyped]

    labels = AgglomerativeClustering(n_clusters=limit, linkage="ward").fit_predict(vectors)
    order = np.argsort(-np.bincount(labels), kind="stable")
    return varied_first(unit(np.stack([vectors[labels == label].mean(axis=0) for label in order])))


def varied_first(vectors: Matrix) -> Matrix:
    """The rows of (k, d), the first one first, then always the one least similar to all that stand before it."""
    alike = vectors @ vectors.T
    order = [0]
    while len(order) < len(vectors):
        nearness = alike[order].max(axis=0)
        nearness[order] = np.inf
        order.append(int(nearness.argmin()))
    return vectors[order]


def subjects(vectors: Matrix) -> NDArray[np.int64]:
    """(k, d) unit vectors → (k,) labels: rows linked by a chain of similar ones have the same."""
    linked = (vectors @ vectors.T >= SAME_SUBJECT) | np.eye(len(vectors), dtype=np.bool_)
    labels = np.arange(len(vectors))
    for _ in range(len(vectors)):
        labels = np.where(linked, labels, len(vectors)).min(axis=1)
    return labels
