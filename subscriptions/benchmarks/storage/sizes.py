"""How many bytes tables and their indexes take on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, models

from subscriptions.models import DeliveryEvent, Digest, DigestItem, PastPicks

OF_A_DIGEST = (Digest, DigestItem, DeliveryEvent)
SIZES = """
SELECT c.relname, pg_table_size(c.oid) FROM pg_class c WHERE c.relname = %s
UNION ALL
SELECT i.relname, pg_relation_size(i.oid) FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_class i ON i.oid = x.indexrelid WHERE c.relname = %s
"""


def clean(models: Iterable[type[models.Model]] = (*OF_A_DIGEST, PastPicks)) -> None:
    """Vacuum and analyse these tables, as the database does by itself after a while."""
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")


def of(model: type[models.Model]) -> dict[str, int]:
    """Return the bytes of the table, with what it stores out of line, and of each of its indexes."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [table, table])
        return dict(cursor.fetchall())


def a_digest(models: Iterable[type[models.Model]], digests: int) -> dict[str, float]:
    """Return bytes a digest, by table and index, the largest first."""
    sizes = {name.removeprefix("subscriptions_"): size for model in models for name, size in of(model).items()}
    return {name: size / digests for name, size in sorted(sizes.items(), key=lambda one: -one[1])}


def content(models: Iterable[type[models.Model]]) -> int:
    """Return the bytes of all rows themselves."""
    whole = 0
    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {model._meta.db_table} t")
            whole += cursor.fetchone()[0]
    return whole
