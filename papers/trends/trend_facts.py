"""The figures that went into the trend of one paper, and what changed since the day before, for its page."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from papers.models import FieldAttention, Paper, SignalKind
from papers.text.words import FIELD_LABELS, field_in_words
from papers.trends.attention import FROM_ZERO, came_out, column, midnight
from papers.trends.chart import Chart, chart
from papers.trends.growth import Growth, Reading, growth, lately
from papers.trends.trending import GENERAL, KINDS, SHIPPED, Usual, pace, points


@dataclass(frozen=True, slots=True)
class Count:
    """One kind of count: what was read, and what the formula makes of it."""

    kind: str
    first: Reading
    newest: Reading
    grown: Growth
    usual: Usual
    pace: float  # a day, drawn to the usual one
    points: float  # before weighting
    weight: float
    lately: tuple[int, int] | None  # what it gained in how many hours, at least about a day; None where unknown

    @property
    def watched_pace(self) -> float | None:
        """Return the counts a day, as read; None where one reading tells only a level."""
        return 24 * self.grown.gain / self.grown.hours if self.grown.hours else None

    @property
    def counted(self) -> float:
        """Return the points as they enter the score, weighted."""
        return self.weight * self.points


@dataclass(frozen=True, slots=True)
class Facts:
    """All counts of one paper; measured is what its field's papers are compared with, None where nothing has counts."""

    counts: list[Count]
    unknown: list[str]  # kinds that nobody counted
    measured: FieldAttention | None
    age: float = 0.0  # days
    chart: Chart | None = None

    @property
    def age_points(self) -> float:
        return -self.age / SHIPPED.days_a_point

    @property
    def score(self) -> float:
        return sum(count.counted for count in self.counts) + self.age_points


def facts(paper: Paper) -> Facts:
    """Return the figures as of the last time that trends were computed; the general ones where there was none."""
    readings = _readings_of(paper)
    measured = FieldAttention.objects.filter(field=paper.field).first()
    own_days = [day for day in (paper.announced_on, paper.listed_on) if day]
    began = came_out(paper.published_on, *own_days) if own_days else None
    counts = [count(kind, readings[kind], began, measured) for kind in KINDS if kind in readings]
    unknown = [kind for kind in KINDS if kind not in readings]
    drawn = chart({kind: readings[kind] for kind in KINDS if kind in readings})
    if measured is None or not own_days:
        return Facts(counts, unknown, measured, chart=drawn)
    age = (measured.computed_at - midnight(max(own_days))) / timedelta(days=1)
    return Facts(counts, unknown, measured, age, drawn)


def _readings_of(paper: Paper) -> dict[str, list[Reading]]:
    readings: dict[str, list[Reading]] = defaultdict(list)
    for kind, seen_at, value in paper.signals.order_by("observed_at").values_list("kind", "observed_at", "value"):
        readings[kind].append((seen_at, value))
    return readings


def count(kind: str, readings: Sequence[Reading], began: datetime | None, measured: FieldAttention | None) -> Count:
    grown = growth(readings, began if kind in FROM_ZERO else None)
    # A kind that is counted since the last time trends were computed has no figures of this field yet.
    typical = measured.typical.get(kind) if measured else None
    usual, alone = Usual(**typical) if typical else GENERAL[kind], column([grown])
    return Count(
        kind=SignalKind(kind).label.lower(),
        first=readings[0],
        newest=readings[-1],
        grown=grown,
        usual=usual,
        pace=float(pace(alone, usual)[0]),
        points=float(points(alone, usual)[0]),
        weight=SHIPPED.weights[kind],
        lately=lately(readings, measured.computed_at if measured else readings[-1][0]),
    )


def what_is_usual() -> dict[str, object]:
    """Return the rules, what is usual in each field with counts, and the names of the others, for the public page."""
    fields = list(FieldAttention.objects.all())
    counted = {row.field for row in fields}
    silent = sorted(field_in_words(field) for field in FIELD_LABELS if field not in counted)
    return {"rules": SHIPPED, "general": GENERAL, "fields": fields, "silent": silent}
