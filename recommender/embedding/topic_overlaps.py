"""How topics lie to each other: which papers of the last fortnight they share, and how near their texts are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import permutations
from typing import NamedTuple

from papers.models import Paper
from recommender.embedding import fortnight
from recommender.index.engines import RAW
from recommender.models import EmbeddingModel, PaperTopic, TopicVector
from recommender.vectors import Vector, unpack

LAST, NEAREST = 3, 3


class Overlap(NamedTuple):
    """Another topic, by its key, beside one."""

    topic: int
    share: float  # of the one's papers that stand under the other too
    cosine: float | None  # of their vectors; None where one has none yet


class Standing(NamedTuple):
    """A topic in the last fortnight."""

    papers: int
    last: Sequence[Paper]  # the newest of them, the newest first
    overlaps: Sequence[Overlap]  # the largest share first


NOTHING = Standing(0, (), ())


def standings(now: datetime) -> Mapping[int, Standing]:
    """Return how all topics stand that have a vector or papers, by key; as many queries for many as for few."""
    under = _under(now)
    vectors = _vectors()
    shared = _shared(under)
    last = {topic: papers[:LAST] for topic, papers in under.items()}
    rows = Paper.objects.in_bulk({key for papers in last.values() for key in papers})
    return {
        topic: Standing(
            len(under[topic]),
            [rows[key] for key in last.get(topic, ()) if key in rows],
            _overlaps(topic, len(under[topic]), shared, vectors),
        )
        for topic in sorted({*under, *vectors})
    }


def _under(now: datetime) -> defaultdict[int, list[int]]:
    """Return the keys of the fortnight's papers under each topic, the newest first."""
    here = fortnight.papers(fortnight.first_day(now))
    rows = PaperTopic.objects.filter(paper__in=here, paper__withdrawn_on=None, topic__is_active=True)
    under = defaultdict[int, list[int]](list)
    for topic, paper in rows.order_by("-paper").values_list("topic", "paper"):
        under[topic].append(paper)
    return under


def _vectors() -> dict[int, Vector]:
    model = EmbeddingModel.objects.serving()
    rows = TopicVector.objects.filter(model=model, topic__is_active=True)
    return {topic: unpack(bytes(raw)) for topic, raw in rows.values_list("topic", RAW)}


def _shared(under: Mapping[int, Sequence[int]]) -> Counter[tuple[int, int]]:
    """Count the papers that each two topics have in common; a paper is under three at most."""
    of_paper = defaultdict[int, list[int]](list)
    for topic, papers in under.items():
        for paper in papers:
            of_paper[paper].append(topic)
    return Counter(pair for topics in of_paper.values() for pair in permutations(topics, 2))


def _overlaps(
    topic: int, papers: int, shared: Mapping[tuple[int, int], int], vectors: Mapping[int, Vector]
) -> list[Overlap]:
    """Return the topics that share most of its papers, and then those that are nearest to it by their texts."""
    own = vectors.get(topic)
    found = [
        Overlap(
            other,
            shared.get((topic, other), 0) / papers if papers else 0.0,
            float(own @ vectors[other]) if own is not None and other in vectors else None,
        )
        for other in {*vectors, *(second for first, second in shared if first == topic)} - {topic}
    ]
    return sorted(found, key=lambda one: (one.share, one.cosine or 0.0), reverse=True)[:NEAREST]


def between(one: int, other: int, now: datetime) -> tuple[int, float | None]:
    """Return how many papers of the fortnight two topics share, and the cosine of their vectors, None without them."""
    under, vectors = _under(now), _vectors()
    both = one in vectors and other in vectors
    return len({*under[one]} & {*under[other]}), float(vectors[one] @ vectors[other]) if both else None
