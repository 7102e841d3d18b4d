"""The numbers of each day, summed up by days, weeks or months: two queries however many readers and years."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db.models import Avg, Sum
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from papers.periods import utc_date
from subscriptions.models import DayCount, Fact
from subscriptions.operations.charts.facts import LIVE, counted

STANDING = {Fact.READERS, Fact.LATENCY}  # of a week or month their mean is shown, of all others the sum


class Step(NamedTuple):
    """A stretch of time that one point of a chart stands for."""

    name: str
    trunc: type[TruncDay] | type[TruncWeek] | type[TruncMonth]
    next: Callable[[date], date]


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


BY_DAY = Step("day", TruncDay, lambda day: day + timedelta(days=1))
BY_WEEK = Step("week", TruncWeek, lambda day: day + timedelta(days=7))
BY_MONTH = Step("month", TruncMonth, _next_month)
Values = Sequence[float | None]  # one for each point, None where nothing was counted
Sums = Mapping[tuple[str, str], Mapping[date, float]]  # by fact and which, then by the first day of a step


class Numbers:
    """The numbers of a range, summed up by steps."""

    def __init__(self, first: date, now: datetime, step: Step) -> None:
        self.step, self.points = step, _points(first, utc_date(now), step)
        self.sums = _sums(self.points[0], now, step)

    def of(self, fact: Fact, which: str = "") -> list[float | None]:
        """Return a number for each point: None for steps of which nothing was counted at all."""
        known = self.sums.get((fact, which), {})
        counted_at_all = self.sums.get((Fact.MAILS, ""), {})
        lacking = None if fact in STANDING else 0.0
        return [known.get(day, lacking if day in counted_at_all else None) for day in self.points]

    def which(self, fact: Fact) -> list[str]:
        return sorted(which for of, which in self.sums if of == fact)


def _points(first: date, today: date, step: Step) -> list[date]:
    if step is BY_WEEK:
        first -= timedelta(days=first.weekday())
    point = first.replace(day=1) if step is BY_MONTH else first
    points = []
    while point <= today:
        points.append(point)
        point = step.next(point)
    return points


def _sums(first: date, now: datetime, step: Step) -> Sums:
    """Sum up the stored numbers in the database, today's as they are at this moment where that is cheap to ask."""
    today = utc_date(now)
    rows = DayCount.objects.filter(day__gte=first).order_by().annotate(point=step.trunc("day"))
    live = counted(today, LIVE)
    stale = rows.filter(day=today, fact__in={fact for fact, _ in live}).values("pk")
    found: dict[tuple[str, str], dict[date, float]] = defaultdict(dict)
    summed = rows.exclude(pk__in=stale).values_list("fact", "of", "point")
    for fact, of, point, total, mean in summed.annotate(total=Sum("number"), mean=Avg("number")):
        found[fact, of][_as_date(point)] = float(mean if fact in STANDING else total)
    point = max(day for day in _points(first, today, step))
    for (fact, of), number in live.items():
        before = found[fact, of].get(point)
        found[fact, of][point] = number if fact in STANDING or before is None else before + number
    found[Fact.MAILS, ""].setdefault(point, 0.0)
    return found


def _as_date(point: date | datetime) -> date:
    return point.date() if isinstance(point, datetime) else point
