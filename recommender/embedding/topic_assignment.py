"""Decide which papers are shown under which topics: a paper under the nearest few that are near enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from papers.models import Paper, Topic
from recommender.cosines import CosineScale
from recommender.index.exact import top
from recommender.models import EmbeddingModel, PaperTopic, PaperVector, TopicVector
from recommender.vectors import Matrix, Vector

# On twelve days of arXiv listings, papers this near to a topic carry one of its categories as their primary one
# nine times in ten. Below .44 a paper from elsewhere is as often a neighbour by vocabulary alone.
NEAR_ENOUGH = 0.44
NEAR_ENOUGH_IN_CATEGORY = 0.36
TOPICS_PER_PAPER = 3
CHUNK = 2_048
FIRST = 2.0  # more than any cosine: what a curator named goes before what is only near


class Filed(NamedTuple):
    """A topic that a paper is shown under, by its position, and how near it is."""

    topic: int
    similarity: float


@dataclass(frozen=True)
class Shelves:
    """Topics in one order with their (t, d) vectors: all that decides where a paper is shown."""

    topics: Sequence[Topic]
    vectors: Matrix
    scale: CosineScale

    @classmethod
    def of(cls, model: EmbeddingModel) -> Shelves:
        """Return the offered topics that have a vector by this model."""
        rows = TopicVector.objects.filter(model=model, topic__is_active=True).select_related("topic")
        return cls.holding([(row.topic, row.vector) for row in rows], model)

    @classmethod
    def holding(cls, topics: Sequence[tuple[Topic, Vector]], model: EmbeddingModel) -> Shelves:
        vectors = [vector for _, vector in topics]
        matrix = np.stack(vectors) if vectors else np.empty((0, model.dimension), dtype=np.float32)
        return cls([topic for topic, _ in topics], matrix, model.scales.texts)

    def with_topic(self, topic: Topic, vector: Vector) -> Shelves:
        """Return the same with this topic in place of the one of its key, or behind all others."""
        others = [at for at, other in enumerate(self.topics) if other.pk != topic.pk]
        place = next((at for at, other in enumerate(self.topics) if other.pk == topic.pk), len(others))
        topics = [self.topics[at] for at in others]
        vectors = np.insert(self.vectors[others], place, vector, axis=0)
        return replace(self, topics=[*topics[:place], topic, *topics[place:]], vectors=vectors)

    def similarities(self, vectors: Matrix) -> NDArray[np.float32]:
        """Return the measured cosines (n, t) of n papers with all topics."""
        return np.asarray(self.scale.of(vectors @ self.vectors.T), dtype=np.float32)

    def needed(self, identifier: str, categories: Sequence[str]) -> Vector:
        """Return (t,) how near a paper must be to each topic: by any means where it is named, or by none."""
        own = set(categories)
        return np.array([_needed(topic, identifier, own) for topic in self.topics], dtype=np.float32)

    def file(self, identifier: str, categories: Sequence[str], similarities: Vector) -> list[Filed]:
        """Return the at most 3 topics that a paper with these (t,) similarities is shown under, the nearest first."""
        found = nearest(similarities, self.needed(identifier, categories))
        return [Filed(position, float(similarities[position])) for position in found]


def _needed(topic: Topic, identifier: str, categories: set[str]) -> float:
    if identifier in topic.counterexamples:
        return np.inf
    if identifier in topic.examples:
        return -np.inf
    return NEAR_ENOUGH if categories.isdisjoint(topic.categories) else NEAR_ENOUGH_IN_CATEGORY


def nearest(similarities: Vector, needed: Vector) -> list[int]:
    """Return positions of at most 3 topics near enough, nearest first, by (t,) similarities and what each asks for."""
    fit = np.flatnonzero(similarities >= needed)
    order = similarities[fit] + FIRST * np.isneginf(needed[fit])
    return [int(position) for position in fit[top(order, TOPICS_PER_PAPER)]]


def assign_papers(model: EmbeddingModel, papers: Sequence[Paper], vectors: Matrix) -> int:
    """Put n papers with their (n, d) vectors under their topics, instead of where they were; return the rows made."""
    return _assign(Shelves.of(model), papers, vectors)


def _assign(shelves: Shelves, papers: Sequence[Paper], vectors: Matrix) -> int:
    rows = [
        PaperTopic(paper=paper, topic=shelves.topics[position], similarity=similarity)
        for paper, similarities in zip(papers, shelves.similarities(vectors), strict=True)
        for position, similarity in shelves.file(paper.identifier, paper.categories, similarities)
    ]
    with transaction.atomic():
        PaperTopic.objects.filter(paper__in=[paper.pk for paper in papers]).delete()
        PaperTopic.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def assign_all(model: EmbeddingModel) -> int:
    """Put every paper under its topics again: after topics changed, or when another model serves."""
    keys, shelves = list(PaperVector.objects.filter(model=model).values_list("pk", flat=True)), Shelves.of(model)
    return sum(_assign_chunk(shelves, keys[start : start + CHUNK]) for start in range(0, len(keys), CHUNK))


def _assign_chunk(shelves: Shelves, keys: Sequence[int]) -> int:
    rows = list(PaperVector.objects.filter(pk__in=keys).select_related("paper"))
    return _assign(shelves, [row.paper for row in rows], np.stack([row.vector for row in rows]))
