"""How many digests of ten papers one process writes in a second, both parts and the bytes on the wire."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from time import process_time
from typing import Any

from django.core.management.base import CommandError

from recommender.benchmarks.figures import Figure
from recommender.index import scratch
from subscriptions.benchmarks import crowd, plain
from subscriptions.digests import compose
from subscriptions.mails.emails import Writer
from subscriptions.models import Digest, DigestItem, Role, Subscriber

SUBSCRIBERS, PAPERS, PICKS = 400, 4_000, 10
BATCH, ROUNDS, PLAIN = 50, 60, 40
Items = dict[int, list[DigestItem]]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS, help=f"stored (default: {SUBSCRIBERS})")
    parser.add_argument("--papers", type=int, default=PAPERS, help=f"stored (default: {PAPERS:,})")


def measure(*, subscribers: int, papers: int, **_: Any) -> Iterator[Figure]:
    """Measure on a database of its own, in this process alone; raise CommandError for too small numbers."""
    if subscribers < BATCH or papers < crowd.A_DAY:
        raise CommandError(f"There must be at least {BATCH} subscribers and {crowd.A_DAY} papers.")
    with scratch.database():
        crowd.grow(subscribers, papers)
        yield _figure()


def _figure() -> Figure:
    digests, items = _digests()
    batches = [digests[start : start + BATCH] for start in range(0, len(digests) - BATCH + 1, BATCH)]
    for batch in batches:
        _seconds(batch, items)  # what a process does once for each paper
    took = [_seconds(batch, items) for batch in islice(cycle(batches), ROUNDS)]
    rate, limit = BATCH / median(one for one, _ in took), _plain_rate(digests[:PLAIN])
    message = Writer(digests[:1], items, crowd.MORNING).mail(digests[0])
    parts = {"html_bytes": len(str(message.alternatives[0][0]).encode()), "text_bytes": len(str(message.body).encode())}
    details = {
        "digests": len(digests),
        "papers_a_digest": PICKS,
        "bytes_a_digest": len(message.message().as_bytes()),
        **parts,
        "queries_and_all": BATCH / median(whole for _, whole in took),
    }
    return Figure("mails", rate, "a second and core", limit, rate / limit, {**details})


def _digests() -> tuple[list[Digest], Items]:
    """Return stored digests of ten papers with their items: those that the service itself would send."""
    people = list(Subscriber.objects.order_by("pk"))
    due = {"due_at": crowd.MORNING, "next_attempt_at": crowd.MORNING, "composed_at": crowd.MORNING}
    digests = [Digest(subscriber=person, local_date=crowd.TODAY, **due) for person in people]
    Digest.objects.bulk_create(digests)
    chosen: Items = {}
    for item in compose.choose_papers(digests, crowd.MORNING):
        chosen.setdefault(item.digest_id, []).append(item)
    full = [digest for digest in digests if _picks(chosen.get(digest.pk, [])) == PICKS]
    for digest in full:
        DigestItem.objects.bulk_create(chosen[digest.pk])
    return full, chosen


def _picks(items: Sequence[DigestItem]) -> int:
    return sum(item.role == Role.PICK for item in items)


def _seconds(batch: Sequence[Digest], items: Items) -> tuple[float, float]:
    """Return the processor time of writing a batch, and of that with all that is asked of the database for it."""
    began = process_time()
    writer = Writer(batch, items, crowd.MORNING)
    ready = process_time()
    for digest in batch:
        writer.mail(digest).message().as_bytes()
    done = process_time()
    return done - ready, done - began


def _plain_rate(digests: Sequence[Digest]) -> float:
    """Return digests per processor second by a loop that asks for each one's papers and renders its templates."""
    began = process_time()
    for digest in digests:
        plain.written(digest)
    return len(digests) / (process_time() - began)
