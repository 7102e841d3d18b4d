"""Adapters for Celery: read the clock, call one function."""

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from subscriptions import delivery, events, interest_vectors, lifecycle, outbox, reputation, scheduling


@shared_task
def plan_due_digests() -> None:
    for batch in scheduling.plan(now()):
        deliver_digests.delay(batch)


@shared_task
def deliver_digests(ids: list[int]) -> None:
    delivery.deliver(ids, clock=now)


@shared_task
def send_account_mails() -> None:
    outbox.send_waiting(clock=now)


@shared_task
def sweep() -> None:
    delivery.sweep(now())
    outbox.sweep(now())
    lifecycle.wake(now())
    lifecycle.remind(now())
    lifecycle.forget_unconfirmed(now())
    for batch in scheduling.forgotten(now()):
        deliver_digests.delay(batch)


@shared_task
def embed_interests() -> None:
    interest_vectors.rebuild_missing(settings.EMBEDDING_MODEL)
    interest_vectors.promote_if_complete(settings.EMBEDDING_MODEL)


@shared_task
def process_events() -> None:
    events.process(clock=now)
    reputation.watch(now())
