"""Indexes by which PostgreSQL finds parts of words, where its extension pg_trgm is there or may be made.

Without one a search reads the whole table, and finds the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import ProgrammingError, connections, transaction

# What the admin's searches look into and grows without end: addresses, what readers wrote, titles.
SEARCHED: Sequence[tuple[str, str]] = (
    ("papers_paper", "title"),
    ("papers_paper", "plain_title"),
    ("subscriptions_subscriber", "email"),
    ("subscriptions_interest", "text"),
)
REMEDY = "Run CREATE EXTENSION pg_trgm in it as a superuser, and then manage.py prepare."


def ensure(of_app: str = "", using: str = "default") -> bool:
    """Make the indexes of one app's tables, or of all, that are not there yet; False where the database cannot."""
    if connections[using].vendor != "postgresql" or not _is_offered(using):
        return False
    try:
        with transaction.atomic(using=using):
            _make([one for one in SEARCHED if one[0].startswith(of_app)], connections[using])
    except ProgrammingError:  # the role of DATABASE_URL may not make the extension, or it is in another schema
        return False
    return True


def missing(using: str = "default") -> list[str]:
    """Return the indexes that are not there."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE indexname = ANY(%s)", [list(map(_name, SEARCHED))])
        found = {row[0] for row in cursor.fetchall()}
    return [name for name in map(_name, SEARCHED) if name not in found]


def _is_offered(using: str) -> bool:
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")
        return cursor.fetchone() is not None


def _make(chosen: Sequence[tuple[str, str]], connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        for table, column in chosen:
            # As Django's icontains asks: UPPER("email"::text) LIKE UPPER(…).
            where = f"{table} USING gin (UPPER({column}::text) gin_trgm_ops)"
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {_name((table, column))} ON {where}")
            cursor.execute(f"ANALYZE {table}")  # an index of an expression has figures of its own


def _name(one: tuple[str, str]) -> str:
    return "_".join((*one, "parts"))
