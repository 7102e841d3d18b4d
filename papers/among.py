"""One query for many keys."""

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
GAP, FEW = 100, 8  # numbers that lack between two clusters, and that make none


def among(rows: QuerySet[Row], column: str, numbers: Iterable[int]) -> QuerySet[Row]:
    """Return the rows whose column, by its name in the database, holds one of these numbers.

    They are written into the SQL: to hand a thousand keys over as parameters costs Django more than the whole query.
    For no numbers nothing is asked.
    """
    listed = ", ".join(str(int(number)) for number in numbers)
    if not listed:
        return rows.none()
    return rows.extra(where=[f"{rows.model._meta.db_table}.{column} IN ({listed})"])


def around(rows: QuerySet[Row], column: str, numbers: Collection[int]) -> QuerySet[Row]:
    """Return the rows of which condition_around tells."""
    return rows.extra(where=[condition_around(f"{rows.model._meta.db_table}.{column}", numbers)])


def condition_around(name: str, numbers: Collection[int]) -> str:
    """Return a condition for rows whose column holds one of these numbers, and some of numbers in between.

    The caller leaves those out.
    Keys of papers that came lately lie close together. A few conditions name them all, where thousands of numbers cost
    the database more to read than to find.
    """
    parts, lone = list[str](), list[int]()
    for some in _clusters(numbers):
        if len(some) < FEW:
            lone += some
        else:
            parts.append(f"{name} BETWEEN {some[0]} AND {some[-1]}")
    if lone or not parts:
        parts.append(f"{name} IN ({', '.join(map(str, lone)) or 'NULL'})")
    return f"({' OR '.join(parts)})"


def _clusters(numbers: Iterable[int]) -> Iterator[list[int]]:
    """Yield the numbers in order, parted where more than GAP of them lack."""
    some = list[int]()
    for number in sorted(map(int, numbers)):
        if some and number - some[-1] > GAP:
            yield some
            some = []
        some.append(number)
    if some:
        yield some
