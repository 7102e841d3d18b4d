"""How much digests leave behind on PostgreSQL, fresh and once they are put away, and what a history costs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from typing import Any

import numpy as np
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import override_settings

from recommender.benchmarks.figures import Detail, Figure
from recommender.index import scratch
from subscriptions.benchmarks.storage import history, paces, sizes
from subscriptions.benchmarks.storage.history import MORNING
from subscriptions.models import Digest, PastPicks, digests_stay

SUBSCRIBERS, DAYS = 20_000, 30
KEPT_BYTES, PLANNED_MS = 300, 50  # the bounds: of a digest that was put away; of planning a minute at p99
SECONDS = 60.0
DAILY_SECONDS = 24 * 6 * 30  # of putting away: half a minute of each ten
DATABASE = "paper_round_history"


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--subscribers", type=int, default=SUBSCRIBERS, help=f"with a history ({SUBSCRIBERS:,})")
    parser.add_argument("--days", type=int, default=DAYS, help=f"of history ({DAYS})")
    parser.add_argument("--items", type=int, default=0, help="at most so many of a digest, with short reasons (all)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of putting away (60); 0: all of it")
    parser.add_argument("--keep", action="store_true", help=f"keep the database {DATABASE}, and go on where it ended")


def measure(*, subscribers: int, days: int, items: int, seconds: float, keep: bool, **_: Any) -> Iterator[Figure]:
    """Measure on a database of its own beside DATABASE_URL; raise CommandError on any but PostgreSQL."""
    if connection.vendor != "postgresql":
        raise CommandError("What digests take is measured on PostgreSQL: set DATABASE_URL to one.")
    with scratch.database() if not keep else _kept(), override_settings(WEB_COPY_DAYS=90, SPREAD_MINUTES=10):
        if not history.is_begun():
            yield _fresh(history.deliver_really())
        history.make(subscribers, days, items)
        sizes.clean()
        size: dict[str, Detail] = {"subscribers": subscribers, "days": days, "digests": _count()}
        yield _filled(size)
        yield _planned(size, "planning")
        yield _looked_up(size, "look-up")
        yield from _put_away(size, seconds)
        yield _questions(size)


@contextmanager
def _kept() -> Iterator[None]:
    """Work on a database that stays; the next call finds it."""
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    usual, test["NAME"] = test["NAME"], DATABASE
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=True)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"], test["NAME"] = before, usual


def _count() -> int:
    """Estimate, as the database does: to count takes minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = %s", [Digest._meta.db_table])
        return int(cursor.fetchone()[0])


def _fresh(digests: int) -> Figure:
    sizes.clean()
    parts = sizes.a_digest(sizes.OF_A_DIGEST, digests)
    whole, bare = sum(parts.values()), sizes.content(sizes.OF_A_DIGEST) / digests
    return Figure("storage, delivered", whole, "bytes a digest", bare, whole / bare, {"digests": digests, **parts})


def _filled(size: dict[str, Detail]) -> Figure:
    digests = int(size["digests"]) or 1
    parts = sizes.a_digest(sizes.OF_A_DIGEST[:2], digests)
    whole = sum(parts.values())
    return Figure("storage, filled", whole, "bytes a digest", KEPT_BYTES, whole / KEPT_BYTES, {**size, **parts})


def _of_times(name: str, took: paces.Took, limit: float, details: dict[str, Detail]) -> Figure:
    p99 = float(np.percentile(took, 99))
    return Figure(name, p99, "ms at p99", limit, p99 / limit, details | {"median_ms": median(took)})


def _planned(size: dict[str, Detail], name: str) -> Figure:
    return _of_times(name, paces.planning_of_minutes(), PLANNED_MS, size)


def _looked_up(size: dict[str, Detail], name: str) -> Figure:
    took, found = paces.look_ups()
    return _of_times(name, took, PLANNED_MS, size | {"candidates_known_a_reader": found})


def _questions(size: dict[str, Detail]) -> Figure:
    asked = paces.questions(MORNING)
    whole = paces.read_whole(asked)
    details = size | {"asked": len(asked)} | ({"which": ", ".join(whole)} if whole else {})
    return Figure("queries that read a whole table", len(whole), "queries", 0, float(len(whole)), details)


def _put_away(size: dict[str, Detail], seconds: float) -> Iterator[Figure]:
    """Put away beside planning, then alone; then measure what stays, and the look-up in it."""
    later = MORNING + digests_stay() + timedelta(days=8)
    with paces.put_away_beside(later, 1e6):
        yield _planned(size, "planning while digests are put away")
    before = Digest.objects.count()
    gone, rate = paces.putting_away(later, seconds or 1e9)
    needed = int(size["subscribers"]) / DAILY_SECONDS  # where each has a digest a day
    yield Figure("putting away", rate, "digests a second", needed, rate / needed, size | {"gone": gone})
    sizes.clean()
    made = int(size["subscribers"]) * int(size["days"])
    whole = sum(sizes.of(PastPicks).values())
    put_away = made - (before - gone)
    kept = whole / max(put_away, 1)
    parts = sizes.a_digest([PastPicks], max(put_away, 1))
    yield Figure("storage, put away", kept, "bytes a digest", KEPT_BYTES, kept / KEPT_BYTES, {**size, **parts})
    yield _looked_up(size, "look-up after that")
