"""The papers of a topic, in the order of its page, in that of yesterday, and as its feed tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from papers.editions.lists import Span, first_day
from papers.models import Paper, Topic
from papers.pages.paging import LAST_PAGE, PAGE_SIZE
from papers.periods import utc_date
from recommender.index.lexical import DAYS
from recommender.models import PaperTopic, TopicOrder

# The papers of a topic differ by about 0.3 in similarity: trend moves one up among its like, not past them all.
TREND_COUNTS = 0.1
UNKNOWN_TREND = 0.5
AGAIN, KEPT = timedelta(minutes=30), timedelta(days=2)
LONGEST = LAST_PAGE * PAGE_SIZE  # papers of a list that are shown
Row = tuple[int, float, float | None]  # a paper's key, its nearness, its trend
DAY = Coalesce(*(f"paper__{name}" for name in DAYS))


@dataclass(frozen=True)
class TopicListing:
    """The papers since a day that are shown under a topic: by nearness, and a little by trend.

    It can be counted and sliced, as a paginator does; papers are loaded for a slice alone.
    """

    topic: Topic
    since: date

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, part: slice) -> list[Paper]:
        return _loaded(self._keys[part])

    @cached_property
    def _keys(self) -> list[int]:
        recent = _under(self.topic).filter(GreaterThanOrEqual(DAY, self.since))
        rows = recent.values_list("paper", "similarity", "paper__trend")
        return _in_order(rows)


def _in_order(rows: Iterable[Row]) -> list[int]:
    return [pk for pk, *_ in sorted(rows, key=_nearness_and_trend, reverse=True)]


def _nearness_and_trend(row: Row) -> tuple[float, int]:
    pk, similarity, trend = row
    return similarity + TREND_COUNTS * (UNKNOWN_TREND if trend is None else trend), pk


def newest(topic: Topic, most: int) -> list[Paper]:
    """Return the papers that came under a topic last, the newest day first."""
    rows = _under(topic).order_by(DAY.desc(nulls_last=True), "-similarity", "-paper")
    return _loaded(list(rows.values_list("paper", flat=True)[:most]))


def remember_orders(now: datetime) -> int:
    """Store how the lists of topics stand as their order of today, twice an hour; return how many were stored."""
    today = utc_date(now)
    if TopicOrder.objects.filter(day=today, made_at__gt=now - AGAIN).exists():
        return 0
    rows = list(_present(now, today))
    unique = ["topic", "span", "day"]
    TopicOrder.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=unique, update_fields=["began_on", "papers", "made_at"]
    )
    TopicOrder.objects.filter(day__lt=today - KEPT).delete()
    return len(rows)


def _present(now: datetime, today: date) -> Iterator[TopicOrder]:
    """Yield the order of each list that has papers; one query reads those of all topics."""
    since = {span: first_day(span, now) for span in Span}
    near = PaperTopic.objects.filter(paper__withdrawn_on=None, topic__is_active=True).annotate(came_on=DAY).order_by()
    columns = ("topic", "came_on", "paper", "similarity", "paper__trend")
    of_topic = defaultdict[int, list[tuple[date, Row]]](list)
    for topic, day, *row in near.filter(came_on__gte=min(since.values())).values_list(*columns):
        of_topic[topic].append((day, tuple(row)))
    for topic, rows in of_topic.items():
        for span, first in since.items():
            if keys := _in_order(row for day, row in rows if day >= first)[:LONGEST]:
                yield TopicOrder(topic_id=topic, span=span, day=today, began_on=first, papers=keys, made_at=now)


def before(topic: Topic, span: Span, since: date, now: datetime) -> Mapping[int, int] | None:
    """Return the places, from 1 on, that papers had yesterday in the same list; None where that is not known.

    A list of one day that had not begun yesterday has no places of yesterday: the list of the day before was another.
    """
    row = TopicOrder.objects.filter(topic=topic, span=span, day=utc_date(now) - timedelta(days=1)).first()
    if row is None or (span == Span.TODAY and row.began_on != since):
        return None
    return {key: place for place, key in enumerate(row.papers, 1)}


def _under(topic: Topic) -> QuerySet[PaperTopic]:
    return PaperTopic.objects.filter(topic=topic, paper__withdrawn_on=None)


def _loaded(keys: Sequence[int]) -> list[Paper]:
    papers = Paper.by_key(keys)
    return [papers[key] for key in keys if key in papers]
