"""Compose a batch: due readers × today's candidates → picks, stored as digest items."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from subscriptions.digests import choices
from subscriptions.digests.bulk_writes import (
    Items,
    items_of_digests,
    rows_of_digests,
    rows_of_items,
    store_digests,
    store_items,
)
from subscriptions.experiments import mixing
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    PastPicks,
    Role,
    SkipReason,
    Subscriber,
)
from subscriptions.people.calendar import local_date

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
    people = [digest.subscriber for digest in digests]
    results = choices.with_news(choices.choose(digests, now.date()), people, now)
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
        mixing.store(digest for digest in digests if digest.pk in mine)
        _refuse_what_came([item for item in items if item.digest_id in mine])
    ready: Items = {
        digest.pk: [] for digest in digests if digest.pk in mine and digest.status == DeliveryStatus.PLANNED
    }
    for item in items:
        if item.digest_id in ready:
            ready[item.digest_id].append(item)
    return ready


def _refuse_what_came(items: Sequence[DigestItem]) -> None:
    """Raise IntegrityError for a paper that came in a digest that was put away.

    To be asked after the items are stored: a paper that is being put away at that moment still stands among them, so
    that storing it a second time either fails, or has waited until it can be found here.
    """
    picks = {(item.subscriber_id, item.paper_id) for item in items if item.role == Role.PICK}
    readers, papers = {reader for reader, _ in picks}, {paper for _, paper in picks}
    if again := picks & PastPicks.objects.came(readers, papers):
        raise IntegrityError(f"Picked before, by (subscriber, paper): {sorted(again)}")


def preview(subscriber: Subscriber, now: datetime) -> tuple[Digest, list[DigestItem]]:
    """Return what a subscriber would get now, as unsaved rows: a digest, skipped where none is sent, and its items."""
    digest = Digest(subscriber=subscriber, local_date=local_date(now, subscriber.timezone))
    return digest, choose_papers([digest], now)
