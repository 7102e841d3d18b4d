"""Adapters for Celery: read the clock, call one function."""

from typing import Any

from celery import shared_task
from django.conf import settings
from django.utils.timezone import now

from subscriptions import (
    admission,
    delivery,
    dispatch,
    events,
    interest_vectors,
    lifecycle,
    outbox,
    pings,
    reputation,
    retention,
    runs,
    scheduling,
)


@shared_task
def plan_due_digests() -> None:
    """Who is planned first need not wait until all are."""
    while scheduling.plan_some(now()):
        dispatch.dispatch(now())
    dispatch.dispatch(now())
    pings.ping(settings.PING_BEAT_URL)


@shared_task
def deliver_digests(*args: Any, **kwargs: Any) -> None:
    """Whatever waits: the arguments of messages from earlier releases are not looked at."""
    delivery.deliver_for_a_while(clock=now)


@shared_task
def send_account_mails() -> None:
    admission.admit(now())
    outbox.send_waiting(clock=now)


@shared_task
def sweep() -> None:
    delivery.sweep(now())
    outbox.sweep(now())
    lifecycle.wake(now())
    lifecycle.remind(now())
    lifecycle.forget_unconfirmed(now())
    if runs.close_finished(now()):
        pings.ping(settings.PING_URL)


@shared_task
def embed_interests() -> None:
    interest_vectors.rebuild_missing(settings.EMBEDDING_MODEL)
    interest_vectors.promote_if_complete(settings.EMBEDDING_MODEL)


@shared_task
def process_events() -> None:
    events.process(clock=now)
    reputation.watch(now())


@shared_task
def purge() -> None:
    retention.purge(now())
