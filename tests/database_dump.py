"""The whole database as values and as text, on SQLite and PostgreSQL alike: what changed, and what is still in it."""

from typing import Any

from django.db import connection

Dump = dict[str, list[tuple[str, ...]]]


def dump() -> Dump:
    """Every table with its rows in a fixed order; bytes as the characters they would be."""
    with connection.cursor() as cursor:
        return {table: _rows(cursor, table) for table in connection.introspection.table_names(cursor)}


def _rows(cursor: Any, table: str) -> list[tuple[str, ...]]:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return sorted(tuple(_text(value) for value in row) for row in cursor.fetchall())


def _text(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def text() -> str:
    """All of it, in lower case."""
    return "\n".join("\t".join(row) for rows in dump().values() for row in rows).lower()


def lines_with(words: str) -> list[str]:
    """The table and row of each mention, whatever its case."""
    found = words.lower()
    return [f"{table}: {row}" for table, rows in dump().items() for row in rows if found in "\t".join(row).lower()]
