"""Decide which papers are shown under which topics: a paper under the nearest few that are near enough."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from papers.models import Paper, Topic
from recommender.index.exact import top
from recommender.models import EmbeddingModel, PaperTopic, PaperVector, TopicVector
from recommender.vectors import Matrix

# On twelve days of arXiv listings, papers this near to a topic carry one of its categories as their primary one
# nine times in ten. Below .44 a paper from elsewhere is as often a neighbour by vocabulary alone.
NEAR_ENOUGH = 0.44
NEAR_ENOUGH_IN_CATEGORY = 0.36
TOPICS_PER_PAPER = 3
CHUNK = 2_048


def assign_papers(model: EmbeddingModel, papers: Sequence[Paper], vectors: Matrix) -> int:
    """Put n papers with their (n, d) vectors under their topics, instead of where they were; return the rows made."""
    topics, matrix = _topics(model)
    rows = []
    for paper, similarities in zip(papers, model.scales.texts.of(vectors @ matrix.T), strict=True):
        rows += [
            PaperTopic(paper=paper, topic=topics[position], similarity=float(similarities[position]))
            for position in nearest(similarities, _shares_category(paper, topics))
        ]
    with transaction.atomic():
        PaperTopic.objects.filter(paper__in=[paper.pk for paper in papers]).delete()
        PaperTopic.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def assign_all(model: EmbeddingModel) -> int:
    """Put every paper under its topics again: after topics changed, or when another model serves."""
    keys = list(PaperVector.objects.filter(model=model).values_list("pk", flat=True))
    return sum(_assign_chunk(model, keys[start : start + CHUNK]) for start in range(0, len(keys), CHUNK))


def nearest(similarities: NDArray[np.float32], shared: NDArray[np.bool_]) -> list[int]:
    """Return positions of at most 3 topics near enough, nearest first, by (t,) similarities and shared categories."""
    needed = np.where(shared, NEAR_ENOUGH_IN_CATEGORY, NEAR_ENOUGH)
    fit = np.flatnonzero(similarities >= needed)
    return [int(position) for position in fit[top(similarities[fit], TOPICS_PER_PAPER)]]


def _shares_category(paper: Paper, topics: Sequence[Topic]) -> NDArray[np.bool_]:
    own = set(paper.categories)
    return np.array([not own.isdisjoint(topic.categories) for topic in topics], dtype=np.bool_)


def _topics(model: EmbeddingModel) -> tuple[list[Topic], Matrix]:
    rows = list(TopicVector.objects.filter(model=model, topic__is_active=True).select_related("topic"))
    vectors = [row.vector for row in rows]
    matrix = np.stack(vectors) if vectors else np.empty((0, model.dimension), dtype=np.float32)
    return [row.topic for row in rows], matrix


def _assign_chunk(model: EmbeddingModel, keys: Sequence[int]) -> int:
    rows = list(PaperVector.objects.filter(pk__in=keys).select_related("paper"))
    return assign_papers(model, [row.paper for row in rows], np.stack([row.vector for row in rows]))
