"""The papers that have a trend, with the growth of their counts, read from the database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter

import numpy as np
from django.db.models import DateField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from papers.models import Paper, Signal, SignalKind
from papers.periods import utc_date
from papers.trends.growth import Growth, growth
from papers.trends.trending import GENERAL, KINDS, Floats, Grown, Usual, usual

POOL_DAYS = 14
LIVE_DAYS = 60
# The stars of a repository may be older than its paper; these counts were zero when the paper came out.
FROM_ZERO = frozenset({SignalKind.UPVOTES, SignalKind.COMMENTS})
OWN_DAY = Greatest(
    Coalesce("listed_on", "announced_on"), Coalesce("announced_on", "listed_on"), output_field=DateField()
)

Growths = Mapping[str, Growth]


@dataclass(frozen=True, slots=True)
class Noticed:
    """A paper that has counts."""

    pk: int
    field: str
    own_day: date  # announced or listed, whichever was later
    took_off_on: date | None
    came_out: datetime
    growths: Growths

    def age(self, now: datetime) -> float:
        """Return the days since its own day began."""
        return (now - midnight(self.own_day)) / timedelta(days=1)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def came_out(*days: date | None) -> datetime:
    """Return the midnight, UTC, that begins the earliest of the known days, of which there is at least one."""
    return midnight(min(day for day in days if day))


def alive(now: datetime) -> QuerySet[Paper]:
    """Return papers with counts whose own day lies within the last LIVE_DAYS."""
    first, last = utc_date(now) - timedelta(days=LIVE_DAYS - 1), utc_date(now)
    recent = Paper.objects.filter(Q(listed_on__gte=first) | Q(announced_on__gte=first))
    counted = recent.filter(Exists(Signal.objects.filter(paper=OuterRef("pk"))))
    return counted.annotate(own_day=OWN_DAY).filter(own_day__range=(first, last))


def noticed(papers: QuerySet[Paper]) -> list[Noticed]:
    """Load these papers, which carry own_day, in the order of their keys."""
    columns = ("pk", "field", "own_day", "took_off_on", "published_on", "announced_on", "listed_on")
    rows = [
        (pk, field, own_day, took_off_on, came_out(*days))
        for pk, field, own_day, took_off_on, *days in papers.order_by("pk").values_list(*columns)
    ]
    growths = dict(_growths_of(papers, {row[0]: row[-1] for row in rows}))
    return [Noticed(*row, growths.get(row[0], {})) for row in rows]


def until(papers: Sequence[Noticed], then: datetime) -> list[Noticed]:
    """Return those of the papers that had counts by then, with the growth that these had at that time."""
    chosen = Paper.objects.filter(pk__in=[paper.pk for paper in papers])
    growths = dict(_growths_of(chosen, {paper.pk: paper.came_out for paper in papers}, then))
    return [replace(paper, growths=growths[paper.pk]) for paper in papers if paper.pk in growths]


def _growths_of(
    papers: QuerySet[Paper], began: Mapping[int, datetime], until: datetime | None = None
) -> Iterator[tuple[int, Growths]]:
    """Yield (key, growths by kind) of each paper with a reading; the readings are streamed, for there may be many."""
    signals = Signal.objects.filter(paper__in=papers.order_by().values("pk"))
    signals = signals.filter(observed_at__lte=until) if until else signals
    rows = signals.order_by("paper", "kind", "observed_at").values_list("paper", "kind", "observed_at", "value")
    for pk, of_paper in groupby(rows.iterator(), key=itemgetter(0)):
        if pk in began:
            yield pk, _by_kind(of_paper, began[pk])


def _by_kind(rows: Iterable[tuple[int, str, datetime, int]], began: datetime) -> dict[str, Growth]:
    """Return the growth of each kind from rows of (key, kind, time, value), sorted by kind and time."""
    return {
        kind: growth([(row[2], row[3]) for row in readings], began if kind in FROM_ZERO else None)
        for kind, readings in groupby(rows, key=itemgetter(1))
    }


def arrays(papers: Sequence[Noticed]) -> dict[str, Grown]:
    """Return the growth of each kind as arrays with an entry for each of n papers."""
    return {kind: column([paper.growths.get(kind) for paper in papers]) for kind in KINDS}


def column(growths: Sequence[Growth | None]) -> Grown:
    """Return the arrays (n,) of n growths of one kind; NaN where there is none."""
    nothing = (np.nan, np.nan, np.nan)
    rows = [(growth.gain, growth.hours, growth.count) if growth else nothing for growth in growths]
    gain, hours, count = np.array(rows, dtype=np.float64).reshape(-1, 3).T
    return Grown(gain, hours, count)


def ages(papers: Sequence[Noticed], now: datetime) -> Floats:
    """Return (n,) ages in days."""
    return np.array([paper.age(now) for paper in papers], dtype=np.float64)


def pool(papers: Sequence[Noticed], field: str, now: datetime) -> list[Noticed]:
    """Return papers of the last POOL_DAYS in a field; '' means all fields."""
    first = utc_date(now) - timedelta(days=POOL_DAYS - 1)
    return [paper for paper in papers if paper.own_day >= first and field in {"", paper.field}]


def typical(papers: Sequence[Noticed]) -> dict[str, Usual]:
    """Return what is usual among these papers, for each kind of count."""
    return {kind: usual(grown, GENERAL[kind]) for kind, grown in arrays(papers).items()}
