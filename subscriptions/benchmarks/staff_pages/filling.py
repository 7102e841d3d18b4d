"""Millions of rows from one statement: INSERT … SELECT, with each column that is not named at its default."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection, models


class Raw(NamedTuple):
    """An expression of SQL, with its values; a percent sign is written twice."""

    sql: str
    values: tuple[Any, ...] = ()


def some_bytes() -> Raw:
    """Return sixteen random bytes."""
    return Raw("randomblob(16)" if connection.vendor == "sqlite" else "uuid_send(gen_random_uuid())")


def minutes_after(moment: Any, minutes: str) -> Raw:
    """Return a moment plus so many minutes, which are an expression."""
    if connection.vendor == "sqlite":
        return Raw(f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', %s, ({minutes}) || ' minutes')", (f"{moment:%F %T}",))
    return Raw(f"%s::timestamptz + ({minutes}) * interval '1 minute'", (moment,))


def insert(model: type[models.Model], source: str, **columns: Any) -> int:
    """Insert a row for each of source, a table or a join; columns are Raw or plain values. Return how many."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    given = [_expression(field, columns) for field in fields]
    names = ", ".join(connection.ops.quote_name(field.column or "") for field in fields)
    sql = f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(one.sql for one in given)} FROM {source}"
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ON CONFLICT DO NOTHING", [value for one in given for value in one.values])
        return int(cursor.rowcount)


def _expression(field: models.Field[Any, Any], columns: dict[str, Any]) -> Raw:
    value = columns.get(field.attname, columns.get(field.name, field.get_default()))
    if isinstance(value, Raw):
        return value
    stored = field.get_db_prep_save(value, connection)
    cast = "" if connection.vendor == "sqlite" else f"::{field.db_type(connection)}"
    return Raw(f"%s{cast}", (stored,))
