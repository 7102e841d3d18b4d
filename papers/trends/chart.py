"""The readings of one paper as lines to draw and as a table to read: arithmetic alone, no database, no clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from papers.trends.growth import Reading

WIDTH, HEIGHT = 1000, 100
MOST_POINTS = 120  # of a line; more would not be seen
MOST_DAYS = 60  # of the table, the newest ones

Readings = Mapping[str, Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of count, drawn within WIDTH and HEIGHT from the top left, on a scale of its own."""

    kind: str
    points: str  # as SVG wants them
    end: tuple[float, float]
    low: int  # at the foot of the scale
    high: int  # at its head
    first: Reading
    newest: Reading


@dataclass(frozen=True, slots=True)
class Chart:
    """All kinds of counts above one axis of time."""

    lines: list[Line]
    began: datetime
    ended: datetime
    days: list[tuple[date, list[int | None]]]  # the last count of each day by kind, in the order of the lines

    @property
    def middle(self) -> datetime:
        return self.began + (self.ended - self.began) / 2


def chart(readings: Readings) -> Chart | None:
    """Return what to draw, or None where no kind was counted at two times."""
    drawn = {kind: several for kind, several in readings.items() if len(several) > 1}
    if not drawn:
        return None
    began = min(several[0][0] for several in drawn.values())
    ended = max(several[-1][0] for several in drawn.values())
    lines = [_line(kind, several, (began, ended)) for kind, several in drawn.items()]
    return Chart(lines, began, ended, _days(drawn))


def _line(kind: str, readings: Sequence[Reading], span: tuple[datetime, datetime]) -> Line:
    values = [value for _, value in readings]
    low, high = scale(min(values), max(values))
    places = [_place(reading, span, (low, high)) for reading in _thinned(readings)]
    points = " ".join(f"{x:g},{y:g}" for x, y in places)
    return Line(kind, points, places[-1], low, high, readings[0], readings[-1])


def scale(least: int, most: int) -> tuple[int, int]:
    """Return the counts at foot and head: from zero, unless growth would be too flat to see."""
    low = 0 if 2 * least <= most else least
    return low, max(most, low + 1)


def _place(reading: Reading, span: tuple[datetime, datetime], scale: tuple[int, int]) -> tuple[float, float]:
    (seen_at, value), (began, ended), (low, high) = reading, span, scale
    across = (seen_at - began) / (ended - began) if ended > began else 1.0
    return round(WIDTH * across, 1), round(HEIGHT * (high - value) / (high - low), 1)


def _thinned(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Return at most MOST_POINTS of the readings, evenly, the first and the newest among them."""
    if len(readings) <= MOST_POINTS:
        return readings
    step = (len(readings) - 1) / (MOST_POINTS - 1)
    return [readings[round(place * step)] for place in range(MOST_POINTS)]


def _days(readings: Readings) -> list[tuple[date, list[int | None]]]:
    by_kind = [{seen_at.date(): value for seen_at, value in several} for several in readings.values()]
    days = sorted({day for counts in by_kind for day in counts}, reverse=True)[:MOST_DAYS]
    return [(day, [counts.get(day) for counts in by_kind]) for day in days]
