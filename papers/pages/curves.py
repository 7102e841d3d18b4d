"""Small drawings of how a count of attention grew, with the same in words."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from papers.models import Paper, SignalKind
from papers.trends.growth import Reading
from papers.trends.readings import by_paper_and_kind, moment

WIDTH, HEIGHT, EDGE = 56, 16, 2
MOST_POINTS = 16
BY_THE_HOUR = timedelta(hours=48)

Row = TypeVar("Row")
Readings = Mapping[str, Sequence[Reading]]  # by kind, in the order of time


@dataclass(frozen=True, slots=True)
class Curve:
    """How one kind of count grew from its first to its newest reading; points are those of an SVG polyline."""

    kind: str
    points: str
    words: str


def readings(papers: Iterable[Paper]) -> dict[int, Readings]:
    """Map the key of each paper to its readings, each kind's thinned to MOST_POINTS, the first and newest included.

    One query. The hourly readings of a page are thousands: their times are read as text, and only those that are drawn
    become times.
    """
    found: dict[int, dict[str, list[Reading]]] = defaultdict(dict)
    for pk, kind, rows in by_paper_and_kind(paper.pk for paper in papers):
        found[pk][kind] = [(moment(time), value) for time, value in thinned(rows)]
    return dict(found)


def thinned(rows: Sequence[Row]) -> list[Row]:
    """Return at most MOST_POINTS of the rows at even distances, the first and the last included."""
    if len(rows) <= MOST_POINTS:
        return list(rows)
    step = (len(rows) - 1) / (MOST_POINTS - 1)
    return [rows[round(step * place)] for place in range(MOST_POINTS)]


def curve(kind: str, seen: Sequence[Reading]) -> Curve | None:
    """Return the drawing of the readings of a kind; None where the count did not change: a flat line says nothing."""
    if len({value for _, value in seen}) < 2:
        return None
    (began, first), (ended, newest) = seen[0], seen[-1]
    words = f"{SignalKind(kind).label.lower()} {first:,} → {newest:,} in {_while(ended - began)}"
    return Curve(kind, _points(seen), words)


def _points(seen: Sequence[Reading]) -> str:
    began, values = seen[0][0], [value for _, value in seen]
    lowest, reach = min(values), max(values) - min(values)
    lasted = (seen[-1][0] - began) / timedelta(seconds=1)
    places = [((time - began).total_seconds() / lasted, (value - lowest) / reach) for time, value in seen]
    width, height = WIDTH - 2 * EDGE, HEIGHT - 2 * EDGE
    return " ".join(f"{EDGE + width * across:.1f},{EDGE + height * (1 - up):.1f}" for across, up in places)


def _while(span: timedelta) -> str:
    hours = max(1, round(span / timedelta(hours=1)))
    number, unit = (hours, "hour") if span < BY_THE_HOUR else (round(hours / 24), "day")
    return f"{number} {unit}{'' if number == 1 else 's'}"
