"""From stored counts to the trend of each paper, to what is usual in each field, and to the papers that take off."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import inf
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.db import transaction

from papers import attention
from papers.attention import Noticed
from papers.editions import now_standing, settle
from papers.models import FieldAttention, Paper
from papers.trending import Floats, Usual, percentiles, scores

CHUNK = 500
HIGH, LOW = 0.9, 0.75
RISE = 1.0  # points
LATELY = timedelta(days=2)
EASTERN = ZoneInfo("America/New_York")


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
        found = scores(attention.arrays(papers), self.typical, attention.ages(papers, now))
        inside = np.array([paper.pk in self.pool for paper in papers], dtype=np.bool_)
        pairs = zip(found.tolist(), percentiles(found, self.scores, inside).tolist(), strict=True)
        return {paper.pk: Place(*pair) for paper, pair in zip(papers, pairs, strict=True)}


def refresh(now: datetime) -> int:
    """Compute anew the trend of every paper with a count, and what is usual in each field: how many trends changed.

    Papers of the last 14 days are compared with each other within their field, those of up to 60 days with them; older
    ones lose their trend. A paper whose field is unknown is compared with the papers of all fields. A paper that only
    lately rose to the top takes off, once. The same now and the same counts give the same trends, and no second write.
    """
    papers = attention.noticed(attention.alive(now))
    measures = {one.field: one for one in measured(papers, now)}
    places = places_of(papers, measures, now)
    changed = changes(places)
    risen = taking_off(papers, places, measures, now)
    with transaction.atomic():
        remember(measures.values(), now)
        write(changed, risen, now)
    return len(changed)


def measured(papers: Sequence[Noticed], now: datetime) -> Iterator[Measure]:
    """The measure of each field that has counts, and under '' that of all fields together."""
    for field in sorted({"", *(paper.field for paper in papers)}):
        if pool := attention.pool(papers, field, now):
            typical = attention.typical(pool)
            found = scores(attention.arrays(pool), typical, attention.ages(pool, now))
            yield Measure(field, typical, frozenset(paper.pk for paper in pool), found)


def places_of(papers: Iterable[Noticed], measures: Mapping[str, Measure], now: datetime) -> Places:
    by_field: dict[str, list[Noticed]] = {field: [] for field in measures}
    for paper in papers:
        if paper.field in measures:
            by_field[paper.field].append(paper)
    found: dict[int, Place] = {}
    for field, of_field in by_field.items():
        found |= measures[field].places(of_field, now)
    return found


def changes(places: Places) -> dict[int, float | None]:
    """The trends that differ from what is stored, by primary key; None for those that are lost."""
    stored = dict(Paper.objects.filter(trend__isnull=False).values_list("pk", "trend"))
    trends = {pk: place.trend for pk, place in places.items()}
    return {pk: trends.get(pk) for pk in sorted(stored.keys() | trends.keys()) if stored.get(pk) != trends.get(pk)}


def remember(measures: Iterable[Measure], now: datetime) -> None:
    rows = [
        FieldAttention(
            field=one.field,
            papers=len(one.pool),
            typical={kind: asdict(usual) for kind, usual in one.typical.items()},
            computed_at=now,
        )
        for one in measures
    ]
    FieldAttention.objects.exclude(field__in=[row.field for row in rows]).delete()
    columns = ["papers", "typical", "computed_at"]
    FieldAttention.objects.bulk_create(rows, update_conflicts=True, unique_fields=["field"], update_fields=columns)


def write(changed: Mapping[int, float | None], risen: Iterable[int], now: datetime) -> None:
    """Store trends and take-offs alone: the time of a paper's last update is that of its text."""
    papers = locked({*changed, *risen})
    newly = [paper for paper in papers if paper.pk in changed]
    for paper in newly:
        paper.trend = changed[paper.pk]
    Paper.objects.bulk_update(newly, ["trend"], batch_size=CHUNK)
    Paper.objects.filter(pk__in=[paper.pk for paper in newly]).update(trend_at=now)
    take_off([paper for paper in papers if paper.pk in risen and paper.took_off_on is None], now)


def locked(keys: Iterable[int]) -> list[Paper]:
    """Papers by primary key, locked in the order that ingest locks in: two processes wait instead of deadlocking."""
    columns = ("identifier", "announced_on", "listed_on", "took_off_on", "trend")
    return list(Paper.objects.filter(pk__in=list(keys)).only(*columns).order_by("identifier").select_for_update())


def take_off(papers: Sequence[Paper], now: datetime) -> None:
    """Give papers one more entry, in the edition of the day, Eastern as all editions are."""
    before = {paper.pk: now_standing(paper) for paper in papers}
    for paper in papers:
        paper.took_off_on = now.astimezone(EASTERN).date()
    Paper.objects.bulk_update(papers, ["took_off_on"], batch_size=CHUNK)
    settle(papers, before)


def taking_off(papers: Iterable[Noticed], places: Places, measures: Mapping[str, Measure], now: datetime) -> set[int]:
    """Papers that are high, and would not be without the counts of the last two days.

    Neither are those that are new or took off before, nor those whose first count tells a level and no growth.
    """
    high = [paper for paper in papers if places.get(paper.pk, NOWHERE).trend >= HIGH and may_take_off(paper, now)]
    before = places_of(attention.until(high, now - LATELY), measures, now)
    return {paper.pk for paper in high if rose(places[paper.pk], before.get(paper.pk, NOWHERE))}


def may_take_off(paper: Noticed, now: datetime) -> bool:
    if paper.took_off_on or paper.own_day > attention.today(now) - LATELY:
        return False
    return any(growth.gain > 0 and growth.seen_at > now - LATELY for growth in paper.growths.values())


def rose(place: Place, before: Place) -> bool:
    """In a crowd of equals a few votes pass many: it must be by RISE points as well."""
    return before.trend < LOW and place.score >= before.score + RISE
