"""The database: whether its schema is the code's, and whether what it confirms survives a power cut."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.timezone import now as clock

from papers.models import trigrams
from subscriptions.doctor.findings import Finding, error, fine, warning

MOST_SKEW = timedelta(seconds=5)
FULL = 2  # PRAGMA synchronous
# What must be on in PostgreSQL; "local" and the two words for standbys are as good as "on" for a power cut here.
DURABLE = {
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    "fsync": {"on"},
    "full_page_writes": {"on"},
}


def check(now: datetime) -> Iterator[Finding]:
    yield from of_migrations()
    if connection.vendor == "postgresql":
        yield from of_postgres({name: _value_of(f"SHOW {name}") for name in DURABLE})
        yield from of_clock(_value_of("SELECT clock_timestamp()") - clock())
        yield from of_searches(trigrams.missing())
    else:
        yield from of_sqlite(_value_of("PRAGMA journal_mode"), _value_of("PRAGMA synchronous"))


def _value_of(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return row and row[0]


def of_migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        yield fine("migrations", "All are applied.")
        return
    yield error(
        "migrations",
        f"{len(missing)} are not applied, the first is {missing[0][0]}.",
        why="The code expects tables and columns that are not there.",
        remedy="Run manage.py migrate.",
    )


def of_postgres(values: dict[str, str]) -> Iterator[Finding]:
    bad = [f"{name}={value}" for name, value in values.items() if value not in DURABLE[name]]
    yield from _of_durability("PostgreSQL", bad, "Set it to on in postgresql.conf, and for the role of DATABASE_URL.")


def of_searches(missing: list[str]) -> Iterator[Finding]:
    if not missing:
        yield fine("searches", "Parts of addresses and titles are found by indexes.")
        return
    yield warning(
        "searches",
        f"{len(missing)} indexes are missing that find parts of addresses and titles, the first is {missing[0]}.",
        why="Each search in the admin reads whole tables; it finds the same.",
        remedy=trigrams.REMEDY,
    )


def of_sqlite(journal: str, synchronous: int) -> Iterator[Finding]:
    bad = [] if journal in {"wal", "memory"} else [f"journal_mode={journal}"]
    if synchronous < FULL:
        bad.append(f"synchronous={synchronous}")
    remedy = "Leave the PRAGMAs in config/settings.py as they are, and keep the file on a local disk."
    yield from _of_durability("SQLite", bad, remedy)


def _of_durability(name: str, bad: list[str], remedy: str) -> Iterator[Finding]:
    if not bad:
        yield fine(name, "What it confirms survives a power cut.")
        return
    why = "After a power cut it may have forgotten that a mail was sent, and send it again."
    yield error(name, f"It does not write at once: {', '.join(bad)}.", why=why, remedy=remedy)


def of_clock(skew: timedelta) -> Iterator[Finding]:
    seconds = abs(skew).total_seconds()
    if abs(skew) <= MOST_SKEW:
        yield fine("clock", "It agrees with the database's.")
        return
    yield error(
        "clock",
        f"It is {seconds:.0f} seconds off the database's.",
        why="Leases and retries are timed by both: a digest may be taken for lost while it is on its way.",
        remedy="Let both machines keep their time by NTP (timedatectl set-ntp true).",
    )
