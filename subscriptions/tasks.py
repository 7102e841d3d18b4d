"""Adapters for Celery: read the clock, call one function."""

from typing import Any

from celery import shared_task
from django.conf import settings

from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.curating import reach
from subscriptions.delivery import batches, outbox, queue
from subscriptions.digests import planning, runs, zone_changes
from subscriptions.enqueue import enqueue
from subscriptions.experiments import settling
from subscriptions.interests import interest_vectors
from subscriptions.limits import kill_switch
from subscriptions.operations import old_digests, pings, retention
from subscriptions.operations.charts import counting
from subscriptions.people import awaited_entries, followers, library_uploads
from subscriptions.reports import auto_stop, events
from subscriptions.signup import admission


@shared_task
def plan_due_digests() -> None:
    """Plan what is due, and dispatch it after each part: the first need not wait until all are planned."""
    zone_changes.set_anew(now())
    while planning.plan_some(now()):
        queue.dispatch(now())
    queue.dispatch(now())
    kill_switch.note_tick(now())
    pings.ping(settings.PING_BEAT_URL)


@shared_task
def deliver_digests(*args: Any, **kwargs: Any) -> None:
    """Deliver whatever waits: the arguments of messages from earlier releases are ignored."""
    batches.deliver_for_a_while(clock=now)


@shared_task
def send_account_mails() -> None:
    admission.admit(now())
    outbox.send_waiting(clock=now)


@shared_task
def sweep() -> None:
    zone_changes.note("worker", now())
    batches.sweep(now())
    outbox.sweep(now())
    lifecycle.wake(now())
    lifecycle.quicken(now())
    lifecycle.remind(now())
    lifecycle.forget_unconfirmed(now())
    if runs.close_finished(now()):
        pings.ping(settings.PING_URL)


@shared_task
def embed_interests() -> None:
    awaited_entries.settle()
    followers.settle()
    interest_vectors.rebuild_missing(settings.EMBEDDING_MODEL)
    interest_vectors.promote_if_complete(settings.EMBEDDING_MODEL)


@shared_task
def read_libraries() -> None:
    """Read one file: what else the worker's queues hold gets its turn in between."""
    if library_uploads.read_next(clock=now):
        enqueue("read_libraries")


@shared_task
def process_events() -> None:
    events.process(clock=now)
    auto_stop.watch(now())


@shared_task
def purge() -> None:
    retention.purge(now())


@shared_task
def count_days() -> None:
    counting.count(now())


@shared_task
def settle_comparisons() -> None:
    settling.settle(now())


@shared_task
def count_reach() -> None:
    reach.refresh(now())


@shared_task
def put_digests_away() -> None:
    old_digests.put_away(clock=now, seconds=30)
