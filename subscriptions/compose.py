"""A batch of due readers × today's candidates → picks, stored as digest items."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from papers.models import Topic
from recommender import background, candidates, embed, explain, query_encoder, ranking, sentence_vectors
from recommender.models import EmbeddingModel
from recommender.reader import Candidates, Pick, Ranking, Reader, ReaderInterest
from recommender.vectors import Vector
from subscriptions import interest_vectors, readers
from subscriptions.evidence import nearest_first
from subscriptions.lifecycle import Wishes
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    InterestKind,
    Role,
    SkipReason,
    Subscriber,
)

TYPICAL = 5  # of the papers of a subject: the nearest of so many to a pick is named with it


@dataclass(frozen=True, slots=True)
class Composed:
    digests: list[Digest]
    items: dict[int, list[DigestItem]]
    failed: dict[int, Exception]


def compose(token: UUID, now: datetime) -> Composed:
    """Choose the papers of every leased digest that has none yet."""
    _compose(token, now)
    rows = Digest.objects.leased(token, now).select_related("subscriber").order_by("pk").prefetch_related("items")
    return Composed(list(rows), {row.pk: list(row.items.all()) for row in rows}, {})


def _compose(token: UUID, now: datetime) -> int:
    with transaction.atomic():
        fresh = Digest.objects.leased(token, now).filter(composed_at__isnull=True).select_related("subscriber")
        digests = list(fresh.order_by("pk"))
        pool = candidates.cached(now.date(), settings.CANDIDATE_DAYS) if digests else None
        if pool is None:
            return 0
        people = [digest.subscriber for digest in digests]
        _store(digests, pool, rank(people, pool), now)
    return len(digests)


def rank(people: Sequence[Subscriber], pool: Candidates) -> list[tuple[Reader, Ranking]]:
    model = embed.serving_model()
    found = readers.load(people, model, pool.named) if model else [readers.reader(person, ()) for person in people]
    return list(zip(found, ranking.rank(found, pool), strict=True))


def _store(
    digests: Sequence[Digest], pool: Candidates, ranked: Sequence[tuple[Reader, Ranking]], now: datetime
) -> None:
    chosen: list[Chosen] = []
    for digest, (reader, result) in zip(digests, ranked, strict=True):
        chosen += chosen_for(digest, reader, result)
        digest.composed_at, digest.considered = now, result.considered
        if not result.picks:
            digest.status, digest.finished_at = DeliveryStatus.SKIPPED, now
            digest.reason = SkipReason.EMPTY if len(pool.ids) else SkipReason.NO_PAPERS
    DigestItem.objects.bulk_create(items_of(chosen, pool))
    Digest.objects.bulk_update(digests, ["composed_at", "considered", "status", "reason", "finished_at"])


class Chosen(NamedTuple):
    """A paper of a digest before it is stored."""

    digest: Digest
    reader: Reader
    pick: Pick
    role: Role
    rank: int


def chosen_for(digest: Digest, reader: Reader, result: Ranking) -> list[Chosen]:
    roles = ((Role.PICK, result.picks), (Role.FOLDED, _folded(result)), (Role.NEAR_MISS, result.near_misses))
    return [Chosen(digest, reader, pick, role, rank) for role, picks in roles for rank, pick in enumerate(picks, 1)]


def _folded(result: Ranking) -> list[Pick]:
    """The papers on the same idea that are named under a pick, with the pick's own figures."""
    return [replace(pick, paper_id=paper_id, folded=()) for pick in result.picks for paper_id in pick.folded]


def items_of(chosen: Sequence[Chosen], pool: Candidates) -> list[DigestItem]:
    """Unsaved rows with their reasons; as many queries however many they are."""
    quoted = _quoted([one for one in chosen if one.role == Role.PICK])
    items = [_item(one, pool, quoted.get((one.reader.key, one.pick.paper_id), "")) for one in chosen]
    _name_the_nearest(items, [pool.vectors[one.pick.at] for one in chosen])
    return items


def _name_the_nearest(items: Sequence[DigestItem], vectors: Sequence[Vector]) -> None:
    """Of the papers that a reader named put the one nearest to the pick first: its title is told."""
    model = embed.serving_model()
    picks = [(item, vector) for item, vector in zip(items, vectors, strict=True) if item.role == Role.PICK]
    named = [(item, item.reason["papers"][:TYPICAL], vector) for item, vector in picks]
    named = [one for one in named if len(one[1]) > 1]
    if model is None or not named:
        return
    ordered = nearest_first([(papers, vector) for _, papers, vector in named], model)
    for (item, _, _), papers in zip(named, ordered, strict=True):
        item.reason["papers"] = papers


def _quoted(picks: Sequence[Chosen]) -> dict[tuple[int, int], str]:
    """By reader and paper the sentence of its abstract that is nearest to what led to it."""
    model = embed.serving_model()
    found = [(one, explain.subject_of(one.pick, one.reader)) for one in picks]
    wanted = [(one, subject.vector) for one, subject in found if subject]
    if model is None or not wanted:
        return {}
    sentences = sentence_vectors.nearest([(one.pick.paper_id, vector) for one, vector in wanted], model)
    return {(one.reader.key, one.pick.paper_id): text for (one, _), text in zip(wanted, sentences, strict=True)}


def _item(one: Chosen, pool: Candidates, sentence: str) -> DigestItem:
    return DigestItem(
        digest=one.digest,
        subscriber_id=one.digest.subscriber_id,
        paper_id=one.pick.paper_id,
        role=one.role,
        rank=one.rank,
        score=one.pick.score,
        relevance=one.pick.relevance,
        interest_id=one.pick.interest_id or None,
        reason=dict(explain.reason(one.pick, one.reader, pool, sentence)),
    )


def preview(subscriber: Subscriber, today: date) -> tuple[Digest, list[DigestItem]]:
    """The digest that a subscriber would get now: unsaved rows, nothing is stored."""
    pool = candidates.cached(today, settings.CANDIDATE_DAYS)
    [(reader, result)] = rank([subscriber], pool)
    digest = Digest(subscriber=subscriber, local_date=today, considered=result.considered)
    return digest, items_of(chosen_for(digest, reader, result), pool)


def preview_wishes(wishes: Wishes, today: date) -> list[DigestItem]:
    """The digest for somebody who is no subscriber yet; without free texts while the query encoder is away."""
    pool, model = candidates.cached(today, settings.CANDIDATE_DAYS), embed.serving_model()
    digest = Digest(subscriber=Subscriber(), local_date=today)
    known = readers.keys_of(wishes.arxiv_ids).values()
    reader = readers.reader(digest.subscriber, _evidence(wishes, model) if model else (), known)
    [result] = ranking.rank([reader], pool)
    return items_of(chosen_for(digest, reader, result), pool)


def _evidence(wishes: Wishes, model: EmbeddingModel) -> list[ReaderInterest]:
    topics, learned = Topic.objects.in_bulk(wishes.topics), background.current(model)
    found = [
        readers.as_evidence(Interest(kind=InterestKind.TOPIC, topic=topics[pk]), known)
        for pk, known in readers.topic_subjects(topics, model).items()
    ]
    unsaved = [Interest(kind=InterestKind.TEXT, text=text) for text in wishes.texts]
    if wishes.arxiv_ids:
        unsaved.append(Interest(kind=InterestKind.PAPERS, arxiv_ids=list(wishes.arxiv_ids)))
    names = [(InterestKind.AUTHOR, name) for name in wishes.authors] + [(InterestKind.LAB, lab) for lab in wishes.labs]
    followed = [readers.as_evidence(Interest(kind=kind, text=name), ()) for kind, name in names]
    for interest in unsaved:
        with suppress(query_encoder.EncoderAway):
            found.append(readers.as_evidence(interest, interest_vectors.subjects_of(interest, model, learned)))
    return [interest for interest in found if interest.subjects] + followed
