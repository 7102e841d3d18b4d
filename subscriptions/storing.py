"""Composed digests in the database: a whole batch written at once, and read back."""

import json
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection

from subscriptions.models import Digest, DigestItem

OF_ITEM = ("digest_id", "subscriber_id", "paper_id", "role", "rank", "score", "relevance", "interest_id", "reason")
OF_DIGEST = ("composed_at", "considered", "status", "reason", "finished_at")
plain, encode = attrgetter(*OF_ITEM[:-1]), json.JSONEncoder().encode
Items = dict[int, list[DigestItem]]  # by digest


def store_items(items: Sequence[DigestItem]) -> None:
    """Insert rows in one statement: Django's bulk_create spends ten times as long on it. Their keys stay unknown.

    Raises django.db.IntegrityError for a paper that was picked for its subscriber before, or that is gone.
    """
    rows = [(*plain(item), encode(item.reason)) for item in items]
    table, names = DigestItem._meta.db_table, ", ".join(map(connection.ops.quote_name, OF_ITEM))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(OF_ITEM))})", rows)


def store_digests(digests: Iterable[Digest]) -> None:
    """Write what composing has set, for all of them by one prepared statement."""
    columns = [column for column in Digest._meta.concrete_fields if column.attname in OF_DIGEST]
    rows = [
        (*(column.get_db_prep_save(getattr(digest, column.attname), connection) for column in columns), digest.pk)
        for digest in digests
    ]
    set_to = ", ".join(f"{connection.ops.quote_name(column.attname)} = %s" for column in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {Digest._meta.db_table} SET {set_to} WHERE id = %s", rows)


def items_of_digests(keys: Iterable[Any]) -> Items:
    """What is stored, by digest, ranks in order; one query, or none for no digests."""
    found: Items = {}
    wanted = list(keys)
    rows = DigestItem.objects.filter(digest__in=wanted).order_by("digest", "role", "rank") if wanted else ()
    for item in rows:
        found.setdefault(item.digest_id, []).append(item)
    return found
