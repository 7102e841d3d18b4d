"""How long a batch takes from leased digests to stored papers with reasons, beside the bare product of its shape."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from datetime import timedelta
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import numpy as np
from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommender.benchmarks.figures import Figure
from recommender.candidates import loading
from recommender.index import scratch
from recommender.ranking.reader import Candidates, Reader
from recommender.vectors import Matrix
from subscriptions.benchmarks import crowd
from subscriptions.digests import choices, compose
from subscriptions.models import Digest, Role, Subscriber

SUBSCRIBERS, PAPERS = 100_000, 20_000
BATCH = 50
BATCHES, WARM = 40, 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS, help=f"stored (default: {SUBSCRIBERS:,})")
    parser.add_argument("--papers", type=int, default=PAPERS, help=f"stored (default: {PAPERS:,})")


def measure(*, subscribers: int, papers: int, **_: Any) -> Iterator[Figure]:
    """Measure on a database of its own; raise CommandError for numbers that are too small to measure with."""
    if subscribers < BATCH or papers < crowd.A_DAY:
        raise CommandError(f"There must be at least {BATCH} subscribers and {crowd.A_DAY} papers.")
    with scratch.database():
        crowd.grow(subscribers, papers)
        yield _figure(subscribers, papers)


def _figure(subscribers: int, papers: int) -> Figure:
    start = perf_counter()
    pool = loading.cached(crowd.TODAY, settings.CANDIDATE_DAYS)
    loaded = perf_counter() - start
    batches = _batches()
    took = [_took(keys) for keys in batches][WARM:]
    whole, bare = 1000 * median(one.whole for one in took), 1000 * median(one.bare for one in took)
    details = {
        "subscribers": subscribers,
        "papers": papers,
        "candidates": len(pool.ids),
        "readers_a_batch": len(batches[0]),
        "picks_a_reader": sum(one.picks for one in took) / len(took) / len(batches[0]),
        "queries_a_batch": max(one.queries for one in took),
        "longest_ms": 1000 * max(one.whole for one in took),
        "candidates_loaded_s": loaded,
    }
    return Figure("batch", whole, "ms", bare, whole / bare, {**details})


def _batches() -> list[list[int]]:
    """Return readers of all kinds together, the same ones in every run."""
    keys = np.random.default_rng(0).permutation(list(Subscriber.objects.values_list("pk", flat=True)))
    return [np.resize(keys[at * BATCH :], BATCH).tolist() for at in np.arange(WARM + BATCHES) % (len(keys) // BATCH)]


class Took(NamedTuple):
    whole: float  # seconds
    bare: float  # of the product alone
    picks: int
    queries: int


def _took(keys: Sequence[int]) -> Took:
    """Measure from leased digests to stored papers; the digests are deleted afterwards."""
    token = _leased(sorted(set(keys)))
    with CaptureQueriesContext(connection) as queries:
        start = perf_counter()
        composed = compose.compose(token, crowd.MORNING)
        whole = perf_counter() - start
    picks = sum(item.role == Role.PICK for items in composed.items.values() for item in items)
    Digest.objects.filter(lease_token=token).delete()
    pool = loading.cached(crowd.TODAY, settings.CANDIDATE_DAYS)
    people = [digest.subscriber for digest in composed.digests]
    bare = _seconds_of_product(_vectors([reader for reader, _ in choices.rank(people, pool, crowd.TODAY)]), pool)
    return Took(whole, bare, picks, len(queries))


def _leased(keys: Sequence[int]) -> UUID:
    token, until = uuid4(), crowd.MORNING + timedelta(minutes=10)
    at = {"due_at": crowd.MORNING, "next_attempt_at": crowd.MORNING, "lease_token": token, "lease_until": until}
    Digest.objects.bulk_create(Digest(subscriber_id=key, local_date=crowd.TODAY, **at) for key in keys)
    return token


def _vectors(readers: Sequence[Reader]) -> Matrix:
    return np.stack([one.vector for reader in readers for interest in reader.interests for one in interest.subjects])


def _seconds_of_product(vectors: Matrix, pool: Candidates) -> float:
    start = perf_counter()
    vectors @ pool.vectors.T
    return perf_counter() - start
