"""How long planning, the look-up of what came before, and putting away take beside a history."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import numpy as np
from django.db.models import QuerySet
from tqdm import tqdm

from papers.models import Paper
from recommender.index import scratch
from subscriptions.benchmarks.storage.history import A_DAY, ALIVE, MORNING
from subscriptions.digests import catch_up, planning, runs
from subscriptions.digests.planning import BATCH
from subscriptions.interests import readers
from subscriptions.lifecycle import erasure, rhythm, sign_ups
from subscriptions.models import (
    Consent,
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    PastPicks,
    Role,
    Run,
    Subscriber,
    SubscriberStatus,
)
from subscriptions.operations import old_digests
from subscriptions.transport.rate_limits import RETRY_WINDOW

WINDOW = 7  # days of candidates
READ, LATE_AFTER = 200, timedelta(hours=8)  # rows at once, and when a digest is late, as tasks of each minute have it
LATE = 200  # of these from far back, as those that take off late
MEASURED, WARM = 200, 10
BESIDE = """
import django; django.setup()
from datetime import datetime
from subscriptions.operations import old_digests
old_digests.put_away(lambda: datetime.fromisoformat({now!r}), {seconds})
"""
Took = list[float]  # milliseconds


def planning_of_minutes(minutes: int = MEASURED) -> Took:
    """Measure planning of all who are due in one minute, minute after minute, from the first in which anybody is."""
    Subscriber.objects.exclude(email__startswith="many").update(next_digest_at=MORNING + timedelta(days=400))
    due = Subscriber.objects.filter(status=SubscriberStatus.ACTIVE).order_by("next_digest_at")
    first = due.values_list("next_digest_at", flat=True)[0] or MORNING
    took = Took()
    for minute in tqdm(range(minutes + WARM), desc="Planning minutes", disable=None):
        start = perf_counter()
        while planning.plan_some(first + timedelta(minutes=minute)):
            pass
        took.append(1000 * (perf_counter() - start))
    return took[WARM:]


def candidates() -> dict[str, int]:
    """Return the keys of a week's papers, the newest there are, and of some from long before."""
    keys = list(Paper.objects.filter(identifier__startswith="past.").order_by("-pk").values_list("pk", flat=True))
    late = np.random.default_rng(1).choice(keys[WINDOW * A_DAY :] or keys, size=LATE).tolist()
    return {str(key): key for key in (*keys[: WINDOW * A_DAY], *late)}


def look_ups() -> tuple[Took, float]:
    """Measure what composing asks of a batch of readers' past; return with it how many papers a reader had."""
    first, last = Subscriber.objects.order_by("pk").values_list("pk", flat=True)[ALIVE], _last_reader()
    named, random, took, found = candidates(), np.random.default_rng(2), Took(), 0
    for _ in tqdm(range(MEASURED + WARM), desc="Looking up", disable=None):
        keys = random.integers(first, last + 1, size=BATCH).tolist()
        start = perf_counter()
        known = readers.known_papers(keys, [], named)
        took.append(1000 * (perf_counter() - start))
        found += sum(map(len, known.values()))
    return took[WARM:], found / (MEASURED + WARM) / BATCH


def _last_reader() -> int:
    return Subscriber.objects.order_by("-pk").values_list("pk", flat=True)[0]


def putting_away(now: datetime, seconds: float) -> tuple[int, float]:
    """Put away for so long; return how many digests, and how many a second."""
    start = perf_counter()
    gone = old_digests.put_away(lambda: now, seconds)
    return gone, gone / (perf_counter() - start)


@contextmanager
def put_away_beside(now: datetime, seconds: float) -> Iterator[None]:
    """Put away in another process while the block runs."""
    code = BESIDE.format(now=now.isoformat(), seconds=seconds)
    environment = os.environ | {"DATABASE_URL": scratch.url(), "DJANGO_SETTINGS_MODULE": "config.settings"}
    with subprocess.Popen([sys.executable, "-c", code], env=environment) as process:
        yield
        process.terminate()


def questions(now: datetime) -> dict[str, QuerySet[Any]]:
    """Return what is asked of these tables by the clock, by delivery and by pages, by name."""
    reader = _last_reader()
    named, some = candidates(), list(range(reader - BATCH, reader))
    day, run = now.date(), Run.objects.order_by("hour").first()
    mine = Digest.objects.filter(subscriber=reader)
    return {
        "due": Subscriber.objects.due(now).order_by("next_digest_at")[: planning.PLANNED_AT_ONCE],
        "pauses that are over": Subscriber.objects.filter(
            status=SubscriberStatus.PAUSED, paused_until__lte=day + timedelta(days=1)
        ),
        "never confirmed": erasure.to_forget(now),
        "slowed no more": rhythm.to_quicken(),
        "reminders": sign_ups.unconfirmed(now)[:READ],
        "late": Digest.objects.waiting(now).filter(due_at__lt=now - LATE_AFTER)[:READ],
        "of merged topics": Interest.objects.filter(topic__in=[1, 2]).order_by("subscriber")[:READ],
        "waiting": Digest.objects.waiting(now).order_by("next_attempt_at")[:BATCH],
        "in flight": Digest.objects.stuck(now),
        "shown": DigestItem.objects.filter(subscriber__in=some, role=Role.PICK).order_by(),
        "came": PastPicks.objects.filter(subscriber__in=some, shelf__in={key >> 14 for key in named.values()}),
        "empty days": Digest.objects.filter(subscriber__in=some, local_date__gte=day - catch_up.LONGEST).order_by(),
        "budget of retries": Digest.objects.filter(
            status=DeliveryStatus.SENT, finished_at__gt=now - RETRY_WINDOW
        ).order_by(),
        "balance of a run": Digest.objects.filter(run=run).order_by(),
        "oldest runs": Run.objects.with_digests().filter(hour__lt=now).order_by("hour"),
        "open runs": Run.objects.filter(closed_at__isnull=True, hour__lte=now - runs.HOUR).order_by(),
        "to put away": Digest.objects.filter(subscriber__in=some, local_date__lte=day).order_by(
            "subscriber", "local_date"
        )[: old_digests.DIGESTS_AT_ONCE],
        "readers of a run": Digest.objects.filter(run=run, pk__gt=0).order_by("pk")[: old_digests.LISTED],
        "web copy": Digest.objects.filter(handle__in=[b"x" * 16]),
        "page of digests": mine.order_by("-local_date")[:30],
        "feed": DigestItem.objects.filter(subscriber=reader, role=Role.PICK).order_by("-digest__local_date")[:50],
        "days": PastPicks.objects.filter(subscriber=reader).order_by("shelf"),
    }


def read_whole(questions: dict[str, QuerySet[Any]]) -> list[str]:
    """Return the names of those for which the database reads a whole table that grows with the digests."""
    tables = [model._meta.db_table for model in (Consent, Digest, DigestItem, Interest, PastPicks, Subscriber)]
    plans = {name: asked.explain() for name, asked in questions.items()}
    return [name for name, plan in plans.items() if any(f"Seq Scan on {table}" in plan for table in tables)]
