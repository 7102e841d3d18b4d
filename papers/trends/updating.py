"""From stored counts to the trend of each paper, to what is usual in each field, and to the papers that take off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple

import numpy as np
from django.db import transaction

from papers.arxiv.announcements import eastern_date
from papers.editions.entries import now_standing, settle
from papers.models import FieldAttention, Paper
from papers.periods import utc_date
from papers.trends import attention, orders
from papers.trends.attention import Noticed
from papers.trends.trending import Floats, Usual, percentiles, scores

CHUNK = 500
HIGH, LOW = 0.9, 0.75
RISE = 1.0  # points
LATELY = timedelta(days=2)


class Place(NamedTuple):
    """Where a paper stands: its score in points, and its percentile, which is its trend."""

    score: float
    trend: float


Places = Mapping[int, Place]  # by primary key
NOWHERE = Place(-inf, 0)


@dataclass(frozen=True, slots=True)
class Measure:
    """What the papers of a field are measured against: those of the last 14 days that have counts."""

    field: str
    typical: Mapping[str, Usual]
    pool: frozenset[int]
    scores: Floats

    def places(self, papers: Sequence[Noticed], now: datetime) -> Places:
        """Return the place of each paper, by primary key, in this field."""
        points = scores(attention.arrays(papers), self.typical, attention.ages(papers, now))
        inside = np.array([paper.pk in self.pool for paper in papers], dtype=np.bool_)
        pairs = zip(points.tolist(), percentiles(points, self.scores, inside).tolist(), strict=True)
        return {paper.pk: Place(*pair) for paper, pair in zip(papers, pairs, strict=True)}


def refresh(now: datetime) -> int:
    """Compute anew the trend of every paper with a count and what is usual in each field; return the trends changed.

    Papers of the last 14 days are compared with each other within their field, those of up to 60 days with them; older
    ones lose their trend. A paper whose field is unknown is compared with the papers of all fields. A paper that only
    lately rose to the top takes off, once. The same now and the same counts give the same trends, and no second write.
    """
    papers = attention.noticed(attention.alive(now))
    measures = {measure.field: measure for measure in _measured(papers, now)}
    places = _places_of(papers, measures, now)
    changed = changes(places)
    risen = _taking_off(papers, places, measures, now)
    with transaction.atomic():
        remember(measures.values(), now)
        write(changed, risen, now)
        orders.remember(now)
    return len(changed)


def _measured(papers: Sequence[Noticed], now: datetime) -> Iterator[Measure]:
    """Yield the measure of each field that has counts, and under '' that of all fields together."""
    for field in sorted({"", *(paper.field for paper in papers)}):
        if pool := attention.pool(papers, field, now):
            typical = attention.typical(pool)
            points = scores(attention.arrays(pool), typical, attention.ages(pool, now))
            yield Measure(field, typical, frozenset(paper.pk for paper in pool), points)


def _places_of(papers: Iterable[Noticed], measures: Mapping[str, Measure], now: datetime) -> Places:
    by_field: dict[str, list[Noticed]] = {field: [] for field in measures}
    for paper in papers:
        if paper.field in measures:
            by_field[paper.field].append(paper)
    places: dict[int, Place] = {}
    for field, of_field in by_field.items():
        places |= measures[field].places(of_field, now)
    return places


def changes(places: Places) -> dict[int, float | None]:
    """Return the trends that differ from what is stored, by primary key; None for those that are lost."""
    stored = dict(Paper.objects.filter(trend__isnull=False).values_list("pk", "trend"))
    trends = {pk: place.trend for pk, place in places.items()}
    return {pk: trends.get(pk) for pk in sorted(stored.keys() | trends.keys()) if stored.get(pk) != trends.get(pk)}


def remember(measures: Iterable[Measure], now: datetime) -> None:
    rows = [
        FieldAttention(
            field=measure.field,
            papers=len(measure.pool),
            typical={kind: asdict(usual) for kind, usual in measure.typical.items()},
            computed_at=now,
        )
        for measure in measures
    ]
    FieldAttention.objects.exclude(field__in=[row.field for row in rows]).delete()
    columns = ["papers", "typical", "computed_at"]
    FieldAttention.objects.bulk_create(rows, update_conflicts=True, unique_fields=["field"], update_fields=columns)


def write(changed: Mapping[int, float | None], risen: Iterable[int], now: datetime) -> None:
    """Store trends and take-offs, and nothing else: the time of a paper's last update is that of its text."""
    papers = locked({*changed, *risen})
    newly = [paper for paper in papers if paper.pk in changed]
    for paper in newly:
        paper.trend = changed[paper.pk]
    Paper.objects.bulk_update(newly, ["trend"], batch_size=CHUNK)
    Paper.objects.filter(pk__in=[paper.pk for paper in newly]).update(trend_at=now)
    _take_off([paper for paper in papers if paper.pk in risen and paper.took_off_on is None], now)


def locked(keys: Iterable[int]) -> list[Paper]:
    """Load papers by primary key and lock them in the order that ingest locks in: two processes cannot deadlock."""
    columns = ("identifier", "announced_on", "listed_on", "took_off_on", "trend")
    return list(Paper.objects.filter(pk__in=list(keys)).only(*columns).order_by("identifier").select_for_update())


def _take_off(papers: Sequence[Paper], now: datetime) -> None:
    """Give papers one more entry, in the edition of the day, Eastern as all editions are."""
    before = {paper.pk: now_standing(paper) for paper in papers}
    for paper in papers:
        paper.took_off_on = eastern_date(now)
    Paper.objects.bulk_update(papers, ["took_off_on"], batch_size=CHUNK)
    settle(papers, before)


def _taking_off(papers: Iterable[Noticed], places: Places, measures: Mapping[str, Measure], now: datetime) -> set[int]:
    """Return papers that are high, and would not be without the counts of the last two days.

    New papers, those that took off before, and those whose first count tells only a level are left out.
    """
    high = [paper for paper in papers if places.get(paper.pk, NOWHERE).trend >= HIGH and _may_take_off(paper, now)]
    before = _places_of(attention.until(high, now - LATELY), measures, now)
    return {paper.pk for paper in high if _rose(places[paper.pk], before.get(paper.pk, NOWHERE))}


def _may_take_off(paper: Noticed, now: datetime) -> bool:
    if paper.took_off_on or paper.own_day > utc_date(now) - LATELY:
        return False
    return any(growth.gain > 0 and growth.seen_at > now - LATELY for growth in paper.growths.values())


def _rose(place: Place, before: Place) -> bool:
    """Tell whether a paper came up from below LOW by RISE points: in a crowd of equals a few votes pass many."""
    return before.trend < LOW and place.score >= before.score + RISE
