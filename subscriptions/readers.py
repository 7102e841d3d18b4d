"""Subscribers as the recommender sees them: plain data, loaded for a whole batch in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from django.conf import settings

from recommender.models import EmbeddingModel, TopicVector
from recommender.ranking import Reader, ReaderInterest
from recommender.vectors import Matrix
from subscriptions.models import DigestItem, Interest, InterestKind, InterestVector, Role, Subscriber

# For each interest or topic its vectors (k, d), and the arXiv ids of the rows that are named papers.
VectorsByKey = Mapping[int, tuple[Matrix, tuple[str, ...]]]


def load(subscribers: Sequence[Subscriber], model: EmbeddingModel, paper_ids: Iterable[int]) -> list[Reader]:
    """One Reader for each subscriber, in order; `paper_ids` are the candidates whose earlier picks matter."""
    ids = [subscriber.pk for subscriber in subscribers]
    interests = _interests(ids, model)
    seen = _seen(ids, paper_ids)
    return [reader(subscriber, interests[subscriber.pk], seen[subscriber.pk]) for subscriber in subscribers]


def reader(subscriber: Subscriber, interests: Iterable[ReaderInterest], seen: Iterable[int] = ()) -> Reader:
    return Reader(
        key=subscriber.pk or 0,
        interests=tuple(interests),
        seen=frozenset(seen),
        size=subscriber.digest_size,
        trend_weight=subscriber.trend_weight,
        floor=settings.RELEVANCE_FLOOR,
    )


def _interests(subscriber_ids: list[int], model: EmbeddingModel) -> dict[int, list[ReaderInterest]]:
    rows = Interest.objects.filter(subscriber__in=subscriber_ids).select_related("topic").order_by("pk")
    stored = list(rows)
    own = own_vectors([interest.pk for interest in stored], model)
    topics = topic_vectors({interest.topic_id for interest in stored if interest.topic_id}, model)
    found: dict[int, list[ReaderInterest]] = defaultdict(list)
    for interest in stored:
        vectors = topics.get(interest.topic_id) if interest.topic_id else own.get(interest.pk)
        if vectors is not None:
            found[interest.subscriber_id].append(as_evidence(interest, *vectors))
    return found


def as_evidence(interest: Interest, vectors: Matrix, arxiv_ids: Iterable[str] = ()) -> ReaderInterest:
    label = str(interest) if interest.kind != InterestKind.PAPERS else "papers you named"
    return ReaderInterest(
        id=interest.pk or 0, kind=interest.kind, label=label, vectors=vectors, papers=tuple(filter(None, arxiv_ids))
    )


def own_vectors(interest_ids: list[int], model: EmbeddingModel) -> VectorsByKey:
    grouped: dict[int, list[InterestVector]] = defaultdict(list)
    for row in InterestVector.objects.filter(interest__in=interest_ids, model=model):
        grouped[row.interest_id].append(row)
    return {
        key: (np.stack([row.vector for row in rows]), tuple(row.arxiv_id for row in rows))
        for key, rows in grouped.items()
    }


def topic_vectors(topic_ids: Iterable[int], model: EmbeddingModel) -> VectorsByKey:
    rows = TopicVector.objects.filter(topic__in=topic_ids, model=model)
    return {row.topic_id: (row.vector[np.newaxis], ()) for row in rows}


def _seen(subscriber_ids: list[int], paper_ids: Iterable[int]) -> dict[int, set[int]]:
    seen: dict[int, set[int]] = defaultdict(set)
    picks = DigestItem.objects.filter(role=Role.PICK, subscriber__in=subscriber_ids, paper__in=list(paper_ids))
    for subscriber_id, paper_id in picks.values_list("subscriber_id", "paper_id"):
        seen[subscriber_id].add(paper_id)
    return seen
