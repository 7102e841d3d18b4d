"""A cursor of psycopg's whose statements PostgreSQL plans once for each connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import psycopg


class PlannedOnce(psycopg.Cursor[Any]):
    """Let PostgreSQL plan each statement once; Django's own cursors write values into the text and never do.

    The connection has a prepare_threshold, which this asks for, no longer than that takes: while it has one, psycopg
    keeps the last hundred texts of whatever is executed, Django's with all their values, for each connection.
    """

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        with self._planning():
            return super().execute(query, params, prepare=True, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        with self._planning():
            super().executemany(query, params_seq, **options)

    @contextmanager
    def _planning(self) -> Iterator[None]:
        self.connection.prepare_threshold = 0
        try:
            yield
        finally:
            self.connection.prepare_threshold = None


def open_cursor(database: Any) -> psycopg.Cursor[Any]:
    """Open one on Django's connection; where a pooler shares sessions it is one that plans each time."""
    database.ensure_connection()
    kind = psycopg.Cursor if database.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") else PlannedOnce
    return kind(database.connection)
