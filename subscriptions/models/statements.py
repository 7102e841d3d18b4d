"""An UPDATE of Django's that is compiled once and executed often.

The claim of a digest holds four conditions on other tables; to put it together anew for each digest takes Django ten
times as long as the database needs to execute it. The words of the conditions stay with the models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models.sql import UpdateQuery

Values = Mapping[str, Any]
# From values to the rows that are meant and what changes in them.
Build = Callable[..., tuple[models.QuerySet[Any], dict[str, Any]]]


class Compiled(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    blanks: dict[str, list[int]]  # of each name the places of its value among the params

    def execute(self, values: Values) -> int:
        """How many rows it changed."""
        params = list(self.params)
        for name, places in self.blanks.items():
            value = _as_stored(values[name])
            for place in places:
                params[place] = value
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            return int(cursor.rowcount)


class Statement:
    """Call it with the values by name; the number of rows changed. Samples are pairs of different values by name."""

    def __init__(self, build: Build, **samples: tuple[Any, Any]) -> None:
        self._build, self._samples = build, samples
        self._known: dict[tuple[str, object], Compiled] = {}

    def __call__(self, fixed: object = None, /, **values: Any) -> int:
        """fixed is all else that the statement depends on, such as settings: another one compiles it anew."""
        key = (connection.vendor, fixed)
        if key not in self._known:
            self._known[key] = self._compiled()
        return self._known[key].execute(values)

    def _compiled(self) -> Compiled:
        """A name's places are those at which the params change when its sample does."""
        first = {name: sample[0] for name, sample in self._samples.items()}
        sql, params = self._sql(first)
        blanks = {}
        for name, (_, other) in self._samples.items():
            changed = self._sql(first | {name: other})[1]
            blanks[name] = [at for at, both in enumerate(zip(params, changed, strict=True)) if both[0] != both[1]]
        return Compiled(sql, params, blanks)

    def _sql(self, values: Values) -> tuple[str, tuple[Any, ...]]:
        rows, changes = self._build(**values)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(changes)
        sql, params = query.get_compiler(connection=connection).as_sql()
        return sql, tuple(params)


def _as_stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
