"""Store composed digests, a whole batch at once, and read them back."""

import json
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db import connection

from papers.models import prepared
from subscriptions.models import Digest, DigestItem

OF_ITEM = ("digest_id", "subscriber_id", "paper_id", "role", "rank", "score", "relevance", "interest_id", "reason")
OF_DIGEST = ("composed_at", "considered", "status", "reason", "finished_at")
plain, encode = itemgetter(*OF_ITEM[:-1]), json.JSONEncoder().encode
Items = dict[int, list[DigestItem]]  # by digest
Row = tuple[Any, ...]  # the key of a digest, and what is stored


def rows_of_items(items: Iterable[DigestItem]) -> list[Row]:
    """Make the rows for store_items, before the transaction, so that no other writer waits for it."""
    texts: dict[int, str] = {}  # by reason: readers of one topic share it
    rows = []
    for item in items:
        values, reason = vars(item), item.reason
        text = texts.get(id(reason))
        if text is None:
            text = texts[id(reason)] = encode(reason)
        rows.append((*plain(values), text))
    return rows


def rows_of_digests(digests: Iterable[Digest]) -> list[Row]:
    """Make the rows for store_digests, of what composing has set; before the transaction."""
    columns = _set_by_composing()
    return [
        (digest.pk, *(column.get_db_prep_save(getattr(digest, column.attname), connection) for column in columns))
        for digest in digests
    ]


def store_items(rows: Sequence[Row]) -> None:
    """Insert rows in one statement: Django's bulk_create spends ten times as long on it. Their keys stay unknown.

    Raises django.db.IntegrityError for a paper that was picked for its subscriber before, or that is gone.
    """
    table, names = DigestItem._meta.db_table, ", ".join(map(connection.ops.quote_name, OF_ITEM))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(OF_ITEM))})", rows)


def store_digests(rows: Iterable[Row]) -> None:
    """Update all of them by one prepared statement."""
    set_to = ", ".join(f"{connection.ops.quote_name(column.attname)} = %s" for column in _set_by_composing())
    with prepared.cursor() as cursor, connection.wrap_database_errors:
        statement = f"UPDATE {Digest._meta.db_table} SET {set_to} WHERE id = %s"
        cursor.executemany(statement, [(*values, key) for key, *values in rows])


def _set_by_composing() -> list[Any]:
    return [column for column in Digest._meta.concrete_fields if column.attname in OF_DIGEST]


def items_of_digests(keys: Iterable[Any]) -> Items:
    """Return the stored items by digest, ranks in order; one query, or none for no digests."""
    items: Items = {}
    wanted = list(keys)
    rows = DigestItem.objects.filter(digest__in=wanted).order_by("digest", "role", "rank") if wanted else ()
    for item in rows:
        items.setdefault(item.digest_id, []).append(item)
    return items
