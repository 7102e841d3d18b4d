"""Turn a chart into what its template writes: geometry for SVG, labels, and the same numbers as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from subscriptions.operations.charts.numbers import Values
from subscriptions.operations.charts.series import Chart, Line

WIDTH, HEIGHT = 1000, 100  # stretched to whatever room there is, so that strokes are told not to scale
NICE = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
BAR = 0.8  # of the room of a point
FORMATS = {"day": "j M", "week": "j M", "month": "M Y"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One of the lines, or one layer of the bars: its number, which gives colour and dashes, and paths of SVG."""

    name: str
    number: int
    path: str
    dots: str  # points without neighbours, which no line would show
    newest: str


@dataclass(frozen=True, slots=True)
class Drawing:
    chart: Chart
    shapes: Sequence[Shape]
    top: str
    middle: str
    rows: Sequence[tuple[date, Sequence[str]]]  # the newest first
    begins: date
    ends: date
    words: str  # for who cannot see it

    @property
    def unfinished(self) -> str:
        """Return the path of the newest stretch of time, which is not over."""
        left = WIDTH * (1 - 1 / len(self.chart.points))
        return f"M{left:.1f} 0H{WIDTH}V{HEIGHT}H{left:.1f}z"

    @property
    def date_format(self) -> str:
        return FORMATS[self.chart.step]


def drawing(chart: Chart) -> Drawing:
    """Return what a template needs to show the chart."""
    top = _top(chart)
    return Drawing(
        chart=chart,
        shapes=[*_shapes(chart, top)],
        top=_label(top, chart.unit),
        middle=_label(top / 2, chart.unit),
        rows=[*_rows(chart)][::-1],
        begins=chart.points[0],
        ends=chart.points[-1],
        words=_words(chart),
    )


def _top(chart: Chart) -> float:
    """Return the value of the upper edge: a round number that nothing exceeds; half of a count is whole, too."""
    columns = zip(*(line.values for line in chart.lines), strict=True)
    heights = [sum(_known(column)) if chart.stacked else max(_known(column), default=0) for column in columns]
    highest = max(heights, default=0)
    counted = not chart.unit
    if highest <= 0:
        return 2 if counted else 1
    scale = float(10 ** floor(log10(highest)))
    return next(top for nice in NICE if (top := scale * nice) >= highest and not (counted and top % 2))


def _known(values: Values) -> list[float]:
    return [value for value in values if value is not None]


def _shapes(chart: Chart, top: float) -> Iterator[Shape]:
    below = [0.0] * len(chart.points)
    for number, line in enumerate(chart.lines):
        if chart.stacked:
            path, dots = "".join(_bars(line.values, below, top)), ""
            below = [base + (value or 0) for base, value in zip(below, line.values, strict=True)]
        else:
            path, dots = _path(line.values, top)
        yield Shape(line.name, number, path, dots, _newest(line, chart.unit))


def _bars(values: Values, below: Sequence[float], top: float) -> Iterator[str]:
    room = WIDTH / len(values)
    for at, (value, base) in enumerate(zip(values, below, strict=True)):
        if value:
            left, upper, height = room * (at + (1 - BAR) / 2), _y(base + value, top), HEIGHT * value / top
            yield f"M{left:.1f} {upper:.1f}h{room * BAR:.1f}v{height:.1f}h-{room * BAR:.1f}z"


def _path(values: Values, top: float) -> tuple[str, str]:
    """Return the lines between points that follow each other, and a stroke of no length for each that is alone."""
    lines, dots = [], []
    for run in _runs(values):
        places = [f"{_x(at, len(values)):.1f} {_y(value, top):.1f}" for at, value in run]
        if len(places) == 1:
            dots.append(f"M{places[0]}h0")
        else:
            lines.append("M" + "L".join(places))
    return "".join(lines), "".join(dots)


def _runs(values: Values) -> Iterator[list[tuple[int, float]]]:
    run: list[tuple[int, float]] = []
    for at, value in enumerate(values):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _x(at: int, count: int) -> float:
    return WIDTH * (at + 0.5) / count


def _y(value: float, top: float) -> float:
    return HEIGHT * (1 - value / top)


def _rows(chart: Chart) -> Iterator[tuple[date, list[str]]]:
    for at, day in enumerate(chart.points):
        yield day, [_label(line.values[at], chart.unit) for line in chart.lines]


def _label(value: float | None, unit: str) -> str:
    """Write a number as people read it, with few digits."""
    if value is None:
        return "–"
    digits = 0 if value >= 100 or value == ceil(value) else 1 if value >= 1 else 2
    written = f"{value:,.{digits}f}"
    if digits:
        written = written.rstrip("0").rstrip(".")
    return written + (f" {unit}" if unit == "h" else unit)


def _newest(line: Line, unit: str) -> str:
    known = _known(line.values)
    return _label(known[-1], unit) if known else "–"


def _words(chart: Chart) -> str:
    """Say in words how each line went."""
    told = [f"{line.name}: {_told(_known(line.values), chart.unit)}" for line in chart.lines]
    return "; ".join(told) if told else "Nothing was counted yet."


def _told(known: Sequence[float], unit: str) -> str:
    if not known:
        return "nothing counted"
    first, newest, most = known[0], known[-1], max(known)
    return f"from {_label(first, unit)} to {_label(newest, unit)}, at most {_label(most, unit)}"
