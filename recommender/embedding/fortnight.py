"""The papers that arXiv announced, or that took off, in the last fortnight: what a curator looks at topics with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Max, QuerySet
from numpy.typing import NDArray

from papers.editions.lists import newest_edition
from papers.models import EditionEntry, Paper
from papers.periods import utc_date
from papers.remembered import KeptAWhile
from recommender.index.engines import RAW
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix, unpack_rows

DAYS = 14
KEPT_SECONDS = 60
MOST = 30_000  # the newest, some 800 bytes each


@dataclass(frozen=True, slots=True)
class Fortnight:
    """n papers with their (n, d) vectors."""

    keys: NDArray[np.int64]
    identifiers: Sequence[str]
    categories: Sequence[Sequence[str]]
    vectors: Matrix


_kept: KeptAWhile[Fortnight] = KeptAWhile(1)


def first_day(now: datetime) -> date:
    """Return the day with which the fortnight begins that ends with the newest edition."""
    edition = newest_edition(now)
    return (edition.date if edition else utc_date(now)) - timedelta(days=DAYS - 1)


def papers(since: date) -> QuerySet[EditionEntry, int]:
    """Return the keys of the papers in editions since a day; one of several editions is there several times."""
    return EditionEntry.objects.filter(edition__date__gte=since).values_list("paper", flat=True)


def load(model: EmbeddingModel, now: datetime) -> Fortnight:
    """Return the papers that have a vector; one that came within the last minute may be missing."""
    since = first_day(now)
    newest = PaperVector.objects.aggregate(newest=Max("pk"))["newest"]
    return _kept.get((model.pk, since, newest), KEPT_SECONDS, lambda: _read(model, since))


def _read(model: EmbeddingModel, since: date) -> Fortnight:
    here = Paper.objects.filter(pk__in=papers(since), withdrawn_on=None)
    rows = PaperVector.objects.filter(model=model, paper__in=here).order_by("-paper")[:MOST]
    read = list(rows.values_list("paper_id", "paper__identifier", "paper__categories", RAW))
    keys, identifiers, categories, raw = zip(*read, strict=True) if read else ((), (), (), ())
    vectors = unpack_rows([bytes(one) for one in raw], model.dimension)
    return Fortnight(np.array(keys, dtype=np.int64), identifiers, categories, vectors)


def forget() -> None:
    _kept.forget()
