"""The numbers of each day, summed up by days, weeks or months: one query however many readers and years."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import CharField, Count, QuerySet, Sum
from django.db.models.functions import Cast, Substr

from subscriptions.models import DayCount, Fact
from subscriptions.operations.charts.facts import Numbers as Facts

STANDING = {Fact.READERS, Fact.LATENCY}  # of a week or month their mean is shown, of all others the sum


class Step(NamedTuple):
    """A stretch of time that one point of a chart stands for."""

    name: str
    first: Callable[[date], date]  # its first day, from any of its days
    next: Callable[[date], date]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


BY_DAY = Step("day", lambda day: day, lambda day: day + timedelta(days=1))
BY_WEEK = Step("week", lambda day: day - timedelta(days=day.weekday()), lambda day: day + timedelta(days=7))
BY_MONTH = Step("month", lambda day: day.replace(day=1), _next_month)

Values = Sequence[float | None]  # one for each point, None where nothing was counted
Summed = tuple[str, str, date, int, int]  # fact, which, first day of a step, sum, days
Sums = Mapping[tuple[str, str], Mapping[date, float]]  # by fact and which, then by the first day of a step


class Numbers:
    """The numbers of a range, summed up by steps."""

    def __init__(self, first: date, today: date, step: Step, live: Facts) -> None:
        self.step, self.points = step, _points(first, today, step)
        self.sums = _sums(self.points, today, step, live)

    def of(self, fact: Fact, which: str = "") -> list[float | None]:
        """Return a number for each point: None for steps of which nothing was counted at all."""
        known = self.sums.get((fact, which), {})
        counted_at_all = self.sums.get((Fact.MAILS, ""), {})
        lacking = None if fact in STANDING else 0.0
        return [known.get(day, lacking if day in counted_at_all else None) for day in self.points]

    def which(self, fact: Fact) -> list[str]:
        return sorted(which for of, which in self.sums if of == fact)


def _points(first: date, today: date, step: Step) -> list[date]:
    point, points = step.first(first), []
    while point <= today:
        points.append(point)
        point = step.next(point)
    return points


def _sums(points: Sequence[date], today: date, step: Step, live: Facts) -> Sums:
    """Sum up the stored numbers, with today's as they are at this moment in place of those stored."""
    stored = DayCount.objects.filter(day__gte=points[0]).exclude(day=today, fact__in={fact for fact, _ in live})
    sums: dict[tuple[str, str], dict[date, float]] = defaultdict(dict)
    days: dict[tuple[str, str, date], int] = defaultdict(int)
    for fact, of, point, total, count in _by_months(stored) if step is BY_MONTH else _by(step, stored):
        sums[fact, of][point] = sums[fact, of].get(point, 0.0) + total
        days[fact, of, point] += count
    for (fact, of, point), count in days.items():
        if fact in STANDING:
            sums[fact, of][point] /= count
    _add_live(sums, points[-1], live)
    return sums


def _by(step: Step, rows: QuerySet[DayCount]) -> Iterator[Summed]:
    """Yield rows as they are, each under the first day of its step: to sum them up takes SQLite four times as long."""
    firsts: dict[date, date] = {}
    for fact, of, day, number in rows.order_by().values_list("fact", "of", "day", "number"):
        if day not in firsts:
            firsts[day] = step.first(day)
        yield fact, of, firsts[day], number, 1


def _by_months(rows: QuerySet[DayCount]) -> Iterator[Summed]:
    """Yield sums of months: those of many years would be too many rows, and their months stand in their first letters.

    TruncMonth calls Python for every row of SQLite.
    """
    months = rows.order_by().annotate(month=Substr(Cast("day", CharField()), 1, 7))
    summed = months.values_list("fact", "of", "month").annotate(total=Sum("number"), days=Count("pk"))
    for fact, of, month, total, days in summed:
        yield fact, of, date.fromisoformat(f"{month}-01"), total, days


def _add_live(sums: dict[tuple[str, str], dict[date, float]], point: date, live: Facts) -> None:
    for (fact, of), number in live.items():
        before = 0.0 if fact in STANDING else sums[fact, of].get(point, 0.0)
        sums[fact, of][point] = before + number
    sums[Fact.MAILS, ""].setdefault(point, 0.0)
