"""Many numbers in one query."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def among(rows: QuerySet[Row], column: str, numbers: Iterable[int]) -> QuerySet[Row]:
    """The rows whose column, by its name in the database, holds one of these numbers.

    They are written into the SQL: to hand a thousand keys over as parameters costs Django more than the whole query.
    The other conditions should leave few rows, because no index is used for this one: SQLite would look up each of the
    thousand for each subscriber of a batch.
    """
    listed = ", ".join(str(int(one)) for one in numbers) or "NULL"
    return rows.extra(where=[f"{rows.model._meta.db_table}.{column} + 0 IN ({listed})"])
