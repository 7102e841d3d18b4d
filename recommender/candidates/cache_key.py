"""Tell whether the candidates of a day are still the same: asked before each batch of readers, so it must be cheap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple

from django.db.models import Count, F, Max, Q, QuerySet, Sum

from papers.models import EditionEntry
from papers.models.prepared import Prepared
from recommender.candidates import background
from recommender.models import EmbeddingModel, PaperVector

LOOK_AGAIN = 5.0  # seconds that a process goes without the slow look; a changed trend or text reaches readers so late


class Quick(NamedTuple):
    """The part that every batch of readers looks at: the curator's decisions and new papers hold at once."""

    model: EmbeddingModel | None
    background: int
    newest_vector: int
    entries: tuple[int | None, ...]  # () where there are none


class Slow(NamedTuple):
    """The part that takes a hundred times as long to look at, and may be known some seconds later."""

    vectors: int
    trends: float | None
    touched: datetime | None


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What differs as soon as the candidates differ."""

    today: date
    days: int
    quick: Quick
    slow: Slow


_looked: dict[tuple[date, int], tuple[float, CacheKey]] = {}


def cache_key(today: date, days: int) -> CacheKey:
    """Return what the candidates of today depend on: vectors, entries and the curator's decisions, trends, texts."""
    quick, now = _quick(today, days), monotonic()
    looked = _looked.get((today, days))
    if looked is None or looked[1].quick != quick or now - looked[0] >= LOOK_AGAIN:
        looked = now, CacheKey(today, days, quick, _slow(today, days, quick.model))
        _looked.clear()
        _looked[today, days] = looked
    return looked[1]


def _quick(today: date, days: int) -> Quick:
    first, last = span(today, days)
    entries, newest_vector = _entries(first=first, last=last), _newest_vector()
    decided = entries[0][1:] if entries else ()
    return Quick(
        EmbeddingModel.objects.serving(), background.newest_key(), newest_vector[0][0] if newest_vector else 0, decided
    )


def _decided(first: date, last: date) -> QuerySet[EditionEntry, Any]:
    """Return one row, after a number that they all have; none where there are no entries."""
    rows = EditionEntry.objects.filter(edition__date__range=(first, last)).order_by().values(all=F("pk") * 0)
    return rows.annotate(
        entries=Count("pk"),
        newest=Max("pk"),
        hidden=Sum("paper_id", filter=Q(hidden=True)),
        featured=Sum("paper_id", filter=Q(featured=True)),
    ).values_list("all", "entries", "newest", "hidden", "featured")


def _newest_vectors() -> QuerySet[PaperVector, Any]:
    return PaperVector.objects.order_by("-pk").values_list("pk")[:1]


DAYS = [date(2000, 1, day) for day in range(1, 5)]  # samples
_entries = Prepared(_decided, first=(DAYS[0], DAYS[1]), last=(DAYS[2], DAYS[3]))
_newest_vector = Prepared(_newest_vectors)


def _slow(today: date, days: int, model: EmbeddingModel | None) -> Slow:
    vectors = PaperVector.objects.filter(model=model).count()
    papers = EditionEntry.objects.filter(edition__date__range=span(today, days)).aggregate(
        trends=Sum("paper__trend"), touched=Max("paper__updated_at")
    )
    return Slow(vectors, **papers)


def span(today: date, days: int) -> tuple[date, date]:
    """Return the first and the last edition's date whose papers are candidates."""
    return today - timedelta(days=days - 1), today
