"""The papers of a topic, in the order in which its page shows them and as its feed tells them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual

from papers.models import Paper, Topic
from recommender.index.lexical import DAYS
from recommender.models import PaperTopic

# The papers of a topic differ by about 0.3 in similarity: trend moves one up among its like, not past them all.
TREND_COUNTS = 0.1
UNKNOWN_TREND = 0.5
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
        return [pk for pk, *_ in sorted(rows, key=_nearness_and_trend, reverse=True)]


def _nearness_and_trend(row: tuple[int, float, float | None]) -> tuple[float, int]:
    pk, similarity, trend = row
    return similarity + TREND_COUNTS * (UNKNOWN_TREND if trend is None else trend), pk


def newest(topic: Topic, most: int) -> list[Paper]:
    """Return the papers that came under a topic last, the newest day first."""
    rows = _under(topic).order_by(DAY.desc(nulls_last=True), "-similarity", "-paper")
    return _loaded(list(rows.values_list("paper", flat=True)[:most]))


def _under(topic: Topic) -> QuerySet[PaperTopic]:
    return PaperTopic.objects.filter(topic=topic, paper__withdrawn_on=None)


def _loaded(keys: Sequence[int]) -> list[Paper]:
    papers = Paper.objects.in_bulk(keys)
    return [papers[key] for key in keys if key in papers]
