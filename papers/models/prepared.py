"""A SELECT of Django's that is compiled once and executed often, each time for other keys.

To put the conditions of a query together, with a placeholder for each of fifty keys, takes Django several times as
long as the database needs to answer it. The words of the conditions stay QuerySets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection
from django.db.models import Field, ForeignKey, JSONField, Lookup, Model, QuerySet

Row = TypeVar("Row", bound=Model)
Values = Mapping[str, Any]
Sql = tuple[str, Sequence[Any]]
Convert = Callable[[Any], Any]
PLAIN = re.compile("[a-z ]*")
MOST_COMPILED = 8  # of one query: each value of what is fixed compiles it anew
EMPTY: dict[str, Convert] = {"[]": lambda _: [], "{}": lambda _: {}}  # what most columns of JSON hold


class OneOf(Lookup):
    """`in`, with all the keys as one parameter: so the statement is the same for any number of them."""

    lookup_name = "one_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*params, as_stored(self.rhs))

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        kind = "text" if any(isinstance(key, str) for key in self.rhs) else "bigint"
        return f"{column} = ANY(%s::{kind}[])", (*params, as_stored(self.rhs))


for field in (Field, ForeignKey):
    field.register_lookup(OneOf)


def as_stored(value: Any) -> Any:
    """Return a value as the database gets it as a parameter; keys as OneOf wants them."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    if isinstance(value, Collection) and not isinstance(value, (str, bytes, memoryview)):
        return _as_array(value)
    return value


def _as_array(keys: Collection[Any]) -> Any:
    if connection.vendor != "postgresql":
        return json.dumps(list(keys))
    # Numbers as text: the driver would choose a type by the largest of them, and each type is a statement of its own.
    return list(keys) if any(isinstance(key, str) for key in keys) else f"{{{','.join(map(str, keys))}}}"


def places(sql_of: Callable[[Values], Sql], samples: Mapping[str, tuple[Any, Any]]) -> tuple[Sql, dict[str, list[int]]]:
    """Return a statement for the first sample of each name, and by name where its value stands among the params.

    That is where the params change when the other sample is given.
    """
    first = {name: sample[0] for name, sample in samples.items()}
    sql, params = sql_of(first)
    blanks = {}
    for name, (_, other) in samples.items():
        changed = sql_of(first | {name: other})[1]
        blanks[name] = [place for place, both in enumerate(zip(params, changed, strict=True)) if both[0] != both[1]]
    return (sql, params), blanks


@contextmanager
def cursor() -> Iterator[Any]:
    """Yield a cursor whose statements are planned once a connection, unless a pooler shares it; SQLite plans anew.

    Where somebody counts the queries it is Django's own cursor.
    """
    if connection.vendor != "postgresql" or connection.queries_logged or connection.execute_wrappers:
        with connection.cursor() as plain:
            yield plain
        return
    from papers.models import planned_once

    with planned_once.open_cursor(connection) as planned:
        yield planned


def _fetched(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    try:
        with cursor() as open_cursor, connection.wrap_database_errors:
            open_cursor.execute(sql, params)
            rows: list[tuple[Any, ...]] = open_cursor.fetchall()
            return rows
    except NotSupportedError:  # a migration has changed a column since it was planned: a new connection plans anew
        if not connection.in_atomic_block:
            connection.close()
        raise


class _Compiled(NamedTuple):
    sql: str
    params: Sequence[tuple[str, Any]]  # a name whose value is given with each call, or an empty one and the value
    converters: Sequence[tuple[int, Convert]]  # by column

    def rows(self, values: Values) -> list[tuple[Any, ...]]:
        given = {name: as_stored(value) for name, value in values.items()}
        found = _fetched(self.sql, [given[name] if name else value for name, value in self.params])
        return self._converted(found) if found and self.converters else found

    def _converted(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for at, convert in self.converters:
            columns[at] = list(map(convert, columns[at]))
        return list(zip(*columns, strict=True))


def columns_of(model: type[Model]) -> list[str]:
    """Return all columns of a model by the names that values_list takes."""
    return [field.attname for field in model._meta.concrete_fields]


def instances(model: type[Row], rows: Sequence[tuple[Any, ...]]) -> list[Row]:
    """Return rows of columns_of a model as its own queries would return them."""
    names = columns_of(model)
    return [model.from_db(DEFAULT_DB_ALIAS, names, row) for row in rows]


class Prepared:
    """A query of values_list that is called with values by name, and returns its rows. Samples are two values a name.

    build makes the query of the values, of many keys by one_of, as in `paper__one_of=keys`.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], **samples: tuple[Any, Any]) -> None:
        self._build, self._samples = build, samples
        self._known: dict[tuple[str, object], _Compiled] = {}

    def __call__(self, fixed: object = None, /, **values: Any) -> list[tuple[Any, ...]]:
        """Execute it; fixed, if any, is given to build before the values: another one compiles it again."""
        key = (connection.vendor, fixed)
        if key not in self._known:
            if len(self._known) >= MOST_COMPILED:
                self._known.clear()
            self._known[key] = self._compiled(fixed)
        return self._known[key].rows(values)

    def _compiled(self, fixed: object) -> _Compiled:
        compilers = []

        def sql_of(values: Values) -> Sql:
            query = self._build(**values) if fixed is None else self._build(fixed, **values)
            compilers.append(query.query.get_compiler(connection=connection))
            sql, params = compilers[-1].as_sql()
            return str(sql), tuple(params)

        (sql, params), blanks = places(sql_of, self._samples)
        first = compilers[0]
        chosen = [one[0] for one in first.select[: first.col_count]]
        converters = [(at, _converter(*both)) for at, both in first.get_converters(chosen).items()]
        name_at = {place: name for name, blank in blanks.items() for place in blank}
        return _Compiled(
            *_with_literals(sql, [(name_at.get(at, ""), value) for at, value in enumerate(params)]), converters
        )


def _with_literals(sql: str, params: Sequence[tuple[str, Any]]) -> tuple[str, list[tuple[str, Any]]]:
    """Write plain values that never change into the statement: a plan made once can use a partial index then."""
    parts, kept = sql.split("%s"), list[tuple[str, Any]]()
    text = parts[0]
    for (name, value), part in zip(params, parts[1:], strict=True):
        literal = None if name else _literal(value)
        if literal is None:
            kept.append((name, value))
        text += ("%s" if literal is None else literal) + part
    return text, kept


def _literal(value: Any) -> str | None:
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return f"'{value}'"
    return str(value) if type(value) is int and value >= 0 else None


def _converter(converters: Sequence[Callable[..., Any]], expression: Any) -> Convert:
    """Make one function of Django's converters of a column; of JSON what is empty need not be parsed."""

    def convert(value: Any) -> Any:
        for one in converters:
            value = one(value, expression, connection)
        return value

    if not isinstance(expression.output_field, JSONField):
        return convert
    return lambda value: EMPTY.get(value, convert)(value) if isinstance(value, str) else convert(value)
