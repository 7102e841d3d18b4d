"""A batch of due readers × today's candidates → picks, stored as digest items."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from papers.models import Topic
from recommender import background, candidates, query_encoder, ranking
from recommender.models import EmbeddingModel
from recommender.reader import ReaderInterest
from subscriptions import choices, interest_vectors, readers
from subscriptions.lifecycle import Wishes
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    InterestKind,
    SkipReason,
    Subscriber,
)
from subscriptions.reasons import chosen_for, items_of
from subscriptions.storing import (
    Items,
    items_of_digests,
    rows_of_digests,
    rows_of_items,
    store_digests,
    store_items,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Composed:
    """What a batch of leased digests came to; those for which nothing was left over are in no part of it."""

    digests: list[Digest]  # still planned and with picks, each with its subscriber
    items: Items  # of each of them, ranks in order
    failed: dict[int, Exception] = field(default_factory=dict)  # by digest; of these nothing is stored


def compose(token: UUID, now: datetime) -> Composed:
    """Choose the papers of every leased digest that has none yet, and hand over all that are ready to be sent.

    A constant number of queries for the whole batch; the papers are chosen before the transaction that stores them.
    A digest for which nothing is left over becomes skipped, with the reason. If the batch as a whole cannot be
    composed, each of its digests is composed alone, and one that cannot be delays no other.
    """
    leased = Digest.objects.leased(token, now).select_related("subscriber").order_by("pk")
    digests = list(leased)
    try:
        return _compose(digests, token, now)
    except (OperationalError, InterfaceError):  # the database is away, which is nobody's fault
        raise
    except Exception:
        logger.exception("A batch of %d digests could not be composed; each is tried alone.", len(digests))
        return _each_alone([digest.pk for digest in digests], leased, token, now)


def _each_alone(keys: Sequence[int], leased: QuerySet[Digest], token: UUID, now: datetime) -> Composed:
    """They are read anew, without what the attempt at all of them has set."""
    whole = Composed([], {})
    for key in keys:
        try:
            one = _compose(list(leased.filter(pk=key)), token, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("Digest %d could not be composed.", key)
            whole.failed[key] = error
        else:
            whole.digests.extend(one.digests)
            whole.items.update(one.items)
    return whole


def _compose(digests: Sequence[Digest], token: UUID, now: datetime) -> Composed:
    fresh = [digest for digest in digests if not digest.composed_at]
    found = items_of_digests(digest.pk for digest in digests if digest.composed_at)
    if fresh:
        found |= _store(fresh, _choose(fresh, now), token, now)
    return Composed([digest for digest in digests if digest.pk in found], found)


def _choose(digests: Sequence[Digest], now: datetime) -> list[DigestItem]:
    """Unsaved papers of these digests, which say from now on how they stand."""
    made = choices.of([digest.subscriber for digest in digests], now.date())
    for digest, one in zip(digests, made, strict=True):
        digest.composed_at, digest.considered = now, one.result.considered
        if not one.result.picks:
            digest.status, digest.finished_at = DeliveryStatus.SKIPPED, now
            digest.reason = SkipReason.EMPTY if len(one.pool.ids) else SkipReason.NO_PAPERS
    return choices.items(digests, made)


def _store(digests: Sequence[Digest], found: Sequence[DigestItem], token: UUID, now: datetime) -> Items:
    """In one short transaction: the papers of those that are to be sent. What others took meanwhile is left to them."""
    papers, stands = rows_of_items(found), rows_of_digests(digests)
    with transaction.atomic():
        waiting = Digest.objects.leased(token, now).filter(composed_at__isnull=True)
        mine = set(waiting.filter(pk__in=[one.pk for one in digests]).select_for_update().values_list("pk", flat=True))
        store_digests([row for row in stands if row[0] in mine])
        store_items([row for row in papers if row[0] in mine])
    ready: Items = {one.pk: [] for one in digests if one.pk in mine and one.status == DeliveryStatus.PLANNED}
    for item in found:
        if item.digest_id in ready:
            ready[item.digest_id].append(item)
    return ready


def preview(subscriber: Subscriber, today: date) -> tuple[Digest, list[DigestItem]]:
    """The digest that a subscriber would get now: unsaved rows, nothing is stored."""
    made = choices.of([subscriber], today)
    digest = Digest(subscriber=subscriber, local_date=today, considered=made[0].result.considered)
    return digest, choices.items([digest], made)


def preview_wishes(wishes: Wishes, today: date) -> list[DigestItem]:
    """The digest for somebody who is no subscriber yet; without free texts while the query encoder is away."""
    pool = candidates.cached(today, settings.CANDIDATE_DAYS)
    digest = Digest(subscriber=Subscriber(), local_date=today)
    known = readers.keys_of(wishes.arxiv_ids).values()
    reader = readers.reader(digest.subscriber, _evidence(wishes, pool.model) if pool.model else (), known)
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
