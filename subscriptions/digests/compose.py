"""Compose a batch: due readers × today's candidates → picks, stored as digest items."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from papers.models import Topic
from recommender.candidates import background, loading
from recommender.encoding import query_encoder
from recommender.models import EmbeddingModel
from recommender.ranking import picks
from recommender.ranking.reader import ReaderInterest
from subscriptions.digests import choices
from subscriptions.digests.bulk_writes import (
    Items,
    items_of_digests,
    rows_of_digests,
    rows_of_items,
    store_digests,
    store_items,
)
from subscriptions.digests.reasons import chosen_for, items_of
from subscriptions.handles import new_handle
from subscriptions.interests import interest_vectors, readers
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
from subscriptions.people.wishes import SETTINGS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Composed:
    """The result for a batch of leased digests, without those for which no paper was left."""

    digests: list[Digest]  # still planned and with picks, each with its subscriber
    items: Items  # of each of them, ranks in order
    failed: dict[int, Exception] = field(default_factory=dict)  # by digest; of these nothing is stored


def compose(token: UUID, now: datetime) -> Composed:
    """Choose the papers of every leased digest that has none yet, and return all that are ready to be sent.

    A constant number of queries for the whole batch; the papers are chosen before the transaction that stores them.
    A digest without any paper becomes skipped, with the reason. If the batch as a whole cannot be
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
    """Compose each alone; they are read again, without what the attempt at all of them has set."""
    whole = Composed([], {})
    for key in keys:
        try:
            alone = _compose(list(leased.filter(pk=key)), token, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception(
                "Digest %d could not be composed.", key, extra={"event": "digest_not_composed", "digest": key}
            )
            whole.failed[key] = error
        else:
            whole.digests.extend(alone.digests)
            whole.items.update(alone.items)
    return whole


def _compose(digests: Sequence[Digest], token: UUID, now: datetime) -> Composed:
    fresh = [digest for digest in digests if not digest.composed_at]
    items = items_of_digests(digest.pk for digest in digests if digest.composed_at)
    if fresh:
        items |= store(fresh, choose_papers(fresh, now), token, now)
    return Composed([digest for digest in digests if digest.pk in items], items)


def choose_papers(digests: Sequence[Digest], now: datetime) -> list[DigestItem]:
    """Return unsaved items of these digests, whose status and reason are set by it."""
    results = choices.choose([digest.subscriber for digest in digests], now.date())
    for digest, choice in zip(digests, results, strict=True):
        digest.composed_at, digest.considered = now, choice.result.considered
        if not choice.result.picks:
            digest.status, digest.finished_at = DeliveryStatus.SKIPPED, now
            digest.reason = SkipReason.EMPTY if len(choice.pool.ids) else SkipReason.NO_PAPERS
    return choices.items(digests, results)


def store(digests: Sequence[Digest], items: Sequence[DigestItem], token: UUID, now: datetime) -> Items:
    """Store in one short transaction the items of those to be sent; digests that others took are left to them."""
    papers, stands = rows_of_items(items), rows_of_digests(digests)
    with transaction.atomic():
        waiting = Digest.objects.leased(token, now).filter(composed_at__isnull=True)
        mine = set(
            waiting.filter(pk__in=[digest.pk for digest in digests]).select_for_update().values_list("pk", flat=True)
        )
        store_digests([row for row in stands if row[0] in mine])
        store_items([row for row in papers if row[0] in mine])
    ready: Items = {
        digest.pk: [] for digest in digests if digest.pk in mine and digest.status == DeliveryStatus.PLANNED
    }
    for item in items:
        if item.digest_id in ready:
            ready[item.digest_id].append(item)
    return ready


def preview(subscriber: Subscriber, today: date) -> tuple[Digest, list[DigestItem]]:
    """Return the digest that a subscriber would get now: unsaved rows, nothing is stored.

    Its subscriber is a copy with another handle, so that no link in it works: staff see it.
    """
    subscriber = copy(subscriber)
    subscriber.handle = new_handle()
    made = choices.choose([subscriber], today)
    digest = Digest(subscriber=subscriber, local_date=today, considered=made[0].result.considered)
    return digest, choices.items([digest], made)


def preview_wishes(wishes: Wishes, today: date) -> list[DigestItem]:
    """Return the digest for somebody who is no subscriber yet; without free texts while the query encoder is away."""
    pool = loading.cached(today, settings.CANDIDATE_DAYS)
    digest = Digest(subscriber=as_subscriber(wishes), local_date=today)
    known = readers.keys_of([*wishes.arxiv_ids, *wishes.library, *wishes.more, *wishes.less]).values()
    reader = readers.reader(digest.subscriber, _evidence(wishes, pool.model) if pool.model else (), known)
    [result] = picks.rank([reader], pool)
    return items_of(chosen_for(digest, reader, result), pool)


def as_subscriber(wishes: Wishes) -> Subscriber:
    """Return an unsaved subscriber with the settings that the wishes ask for."""
    asked = {name: getattr(wishes, name) for name in SETTINGS if getattr(wishes, name) is not None}
    return Subscriber(**{"digest_size": settings.DIGEST_SIZE} | asked)


def _evidence(wishes: Wishes, model: EmbeddingModel) -> list[ReaderInterest]:
    topics, learned = Topic.objects.in_bulk(wishes.topics), background.current(model)
    interests_found = [
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
            interests_found.append(
                readers.as_evidence(interest, interest_vectors.subjects_of(interest, model, learned))
            )
    return [interest for interest in interests_found if interest.subjects] + followed
