"""An UPDATE of Django's that is compiled once and executed often.

The claim of a digest holds four conditions on other tables; to put it together anew for each digest takes Django ten
times as long as the database needs to execute it. The words of the conditions stay with the models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections, models, transaction
from django.db.models.sql import UpdateQuery

from papers.models.prepared import Values, as_stored, places

# Makes of values the rows to update and their changes.
Build = Callable[..., tuple[models.QuerySet[Any], dict[str, Any]]]
Filled = tuple[str, list[Any]]  # SQL as Django writes it, and its params


class Compiled(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    blanks: dict[str, list[int]]  # by name, the places of its value among the params

    def filled(self, values: Values) -> Filled:
        params = list(self.params)
        for name, blank in self.blanks.items():
            value = as_stored(values[name])
            for place in blank:
                params[place] = value
        return self.sql, params

    def after(self, first: Compiled, name: str) -> Compiled:
        """Join both into one statement of PostgreSQL, which changes all or nothing; the count is that of this one.

        The first one's blanks get a prefix: name and a dot.
        """
        sql = f"WITH {name} AS ({first.sql}) {self.sql}"
        moved = {key: [place + len(first.params) for place in blank] for key, blank in self.blanks.items()}
        before = {f"{name}.{key}": blank for key, blank in first.blanks.items()}
        return Compiled(sql, first.params + self.params, moved | before)


class Statement:
    """An UPDATE that is called with values by name, and returns the rows changed. Samples are two values a name."""

    def __init__(self, build: Build, **samples: tuple[Any, Any]) -> None:
        self._build, self._samples = build, samples
        self._known: dict[tuple[str, object], Compiled] = {}

    def __call__(self, fixed: object = None, /, **values: Any) -> int:
        """Execute it; fixed is all else that it depends on, such as settings: another value compiles it again."""
        return _execute(self.compiled(fixed).filled(values))

    def compiled(self, fixed: object = None) -> Compiled:
        key = (connection.vendor, fixed)
        if key not in self._known:
            self._known[key] = self._compiled()
        return self._known[key]

    def _compiled(self) -> Compiled:
        (sql, params), blanks = places(self._sql, self._samples)
        return Compiled(sql, tuple(params), blanks)

    def _sql(self, values: Values) -> tuple[str, tuple[Any, ...]]:
        rows, changes = self._build(**values)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, tuple(params)


class Pair:
    """Two statements on different rows, of which both are executed or neither."""

    def __init__(self, first: Statement, second: Statement) -> None:
        self._first, self._second = first, second
        self._known: dict[object, Compiled] = {}

    def __call__(self, fixed: object, first: Values, second: Values) -> int:
        """Execute both; return how many rows the second changed. PostgreSQL gets both at once, in no transaction."""
        if connection.vendor == "postgresql":
            named = {f"first.{name}": value for name, value in first.items()}
            return _execute(self._compiled(fixed).filled({**second, **named}))
        return _execute(self._first.compiled().filled(first), self._second.compiled(fixed).filled(second))

    def _compiled(self, fixed: object) -> Compiled:
        if fixed not in self._known:
            self._known[fixed] = self._second.compiled(fixed).after(self._first.compiled(), "first")
        return self._known[fixed]


def _execute(*statements: Filled) -> int:
    """Execute these, all or none, and return how many rows the last one changed.

    A connection that the server has dropped is closed, so that the next attempt gets a new one. The driver is called
    without Django's cursors and transactions, which take longer than it; but not where somebody watches these.
    """
    database = connections[DEFAULT_DB_ALIAS]
    try:
        database.ensure_connection()
        if database.queries_logged or database.execute_wrappers:
            return _watched(statements)
        database.validate_no_broken_transaction()
        with database.wrap_database_errors:
            return WAYS[database.vendor](database, statements)
    except (OperationalError, InterfaceError):
        if not database.in_atomic_block:
            database.close_if_unusable_or_obsolete()
        raise


def _watched(statements: Sequence[Filled]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params)
        return int(cursor.rowcount)


def _on_sqlite(database: Any, statements: Sequence[Filled]) -> int:
    if database.in_atomic_block:
        return _one_by_one(database.connection, statements)
    database.connection.execute("BEGIN IMMEDIATE")
    with database.connection:  # which commits, or rolls back
        return _one_by_one(database.connection, statements)


def _one_by_one(driver: Any, statements: Sequence[Filled]) -> int:
    counts: list[int] = [driver.execute(_with_question_marks(sql), params).rowcount for sql, params in statements]
    return counts[-1]


@cache
def _with_question_marks(sql: str) -> str:
    return sql.replace("%s", "?").replace("%%", "%")


def _on_postgresql(database: Any, statements: Sequence[Filled]) -> int:
    """Execute a single statement with a cursor that stays: all that psycopg found out for the last one serves again."""
    from papers.models import planned_once

    [(sql, params)] = statements
    cursor = _kept.get(sql)
    if cursor is None or cursor.connection is not database.connection:  # a new one, or another thread's
        cursor = _kept[sql] = planned_once.open_cursor(database)
    cursor.execute(sql, params)
    return int(cursor.rowcount)


WAYS: dict[str, Callable[[Any, Sequence[Filled]], int]] = {"sqlite": _on_sqlite, "postgresql": _on_postgresql}
_kept: dict[str, Any] = {}


def insert_many(like: models.Model, columns: Mapping[str, Sequence[Any]]) -> int:
    """Insert rows on PostgreSQL, without those that a constraint refuses; return their number.

    They are like an unsaved one but for these columns, by the names of attributes. Values that differ go as one array a
    column: bulk_create spends most of its time on compiling each value of each row, and does not tell how many it
    stored. The keys of the rows stay unknown.
    """
    fields = [field for field in like._meta.concrete_fields if not field.primary_key]
    taken, arrays, values = list[str](), list[str](), list[Any]()
    given: list[Any] = []
    for number, field in enumerate(fields):
        column = columns.get(field.attname) or [getattr(like, field.attname)]
        if all(value == column[0] for value in column):
            taken.append(f"%s::{field.db_type(connection)}")
            values.append(column[0])
        else:
            taken.append(f"c{number}")
            arrays.append(f"%b::{field.db_type(connection)}[]")
            given.append((f"c{number}", list(column)))
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    source = f"unnest({', '.join(arrays)}) AS u({', '.join(name for name, _ in given)})" if given else "(SELECT) u"
    statement = f"INSERT INTO {like._meta.db_table} ({names}) SELECT {', '.join(taken)} FROM {source}"
    from papers.models import planned_once

    with connection.wrap_database_errors, planned_once.open_cursor(connection) as cursor:
        cursor.execute(f"{statement} ON CONFLICT DO NOTHING", [*values, *(column for _, column in given)])
        return int(cursor.rowcount)
