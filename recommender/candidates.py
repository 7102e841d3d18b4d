"""The papers that may go into the digests of a day, as arrays; loaded once per worker and kept until they change."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from time import monotonic
from typing import NamedTuple

import numpy as np
from django.db.models import Count, Exists, Max, OuterRef, Q, Subquery, Sum

from papers.models import EditionEntry, Paper
from recommender import background, evidence, lexicon
from recommender.authors import Authors, lab_text
from recommender.models import EmbeddingModel, PaperVector
from recommender.reader import Candidates
from recommender.terms import BREAK, Texts

LOOK_AGAIN = 5.0  # seconds that a process goes without the slow look; a changed trend or text reaches readers so late
MANY = 100  # candidates; a full search for garbage takes a tenth of a second

# What people see of a paper, in the order in which load takes it apart.
SHOWN = (
    "paper__identifier",
    "paper__organization",
    "paper__authors",
    "paper__plain_authors",
    "paper__title",
    "paper__abstract",
    "paper__plain_title",
    "paper__plain_abstract",
)


class Quick(NamedTuple):
    """What every batch of readers looks at: the curator's decisions and new papers hold at once."""

    model: EmbeddingModel | None
    background: int
    newest_vector: int
    entries: tuple[int | None, ...]


class Slow(NamedTuple):
    """What takes a hundred times as long to look at, and may be known some seconds later."""

    vectors: int
    trends: float | None
    touched: datetime | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """Different as soon as the candidates differ."""

    today: date
    days: int
    quick: Quick
    slow: Slow


def load(today: date, days: int) -> Candidates:
    """The candidates of today by the serving model, none if there is no such model; a constant number of queries."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return empty(0)
    entries = EditionEntry.objects.filter(paper=OuterRef("paper"), edition__date__range=_span(today, days))
    rows = PaperVector.objects.filter(model=model, paper__in=Paper.objects.candidates(today, days)).values_list(
        "paper",
        "vector",
        "paper__trend",
        Exists(entries.filter(featured=True)),
        Subquery(entries.order_by("-edition__date").values("edition__date")[:1]),
        *SHOWN,
    )
    found = list(rows.order_by("paper"))
    if not found:
        return replace(empty(model.dimension), model=model)
    ids, vectors, trend, featured, dates, names, organizations, authors, plain_authors, *columns = zip(
        *found, strict=True
    )
    people = [_names(plain or served) for plain, served in zip(plain_authors, authors, strict=True)]
    texts, vocabulary = list(map(_text, *columns)), background.current(model).vocabulary
    return Candidates(
        ids=np.array(ids, dtype=np.int64),
        vectors=np.stack(vectors),
        trend=np.array(trend, dtype=np.float32),  # None becomes NaN
        featured=np.array(featured, dtype=np.bool_),
        age=np.array([(today - day).days for day in dates], dtype=np.int64),
        texts=Texts(texts),
        authors=Authors(people),
        labs=Texts(map(lab_text, organizations, people)),
        named=dict(zip(names, ids, strict=True)),
        words=evidence.paper_terms(lexicon.stored(lexicon.unit_rows(texts, vocabulary), vocabulary)),
        model=model,
    )


def _text(title: str, abstract: str, plain_title: str, plain_abstract: str) -> str:
    """What the reader sees; no phrase bridges title and abstract."""
    return f"{_line(plain_title or title)}{BREAK}{_line(plain_abstract or abstract)}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _names(authors: list[object]) -> list[str]:
    """What is no name belongs to a damaged paper, which must not keep the others from the readers."""
    return [name for name in authors if isinstance(name, str)]


def empty(dimension: int) -> Candidates:
    return Candidates(
        ids=np.empty(0, dtype=np.int64),
        vectors=np.empty((0, dimension), dtype=np.float32),
        trend=np.empty(0, dtype=np.float32),
        featured=np.empty(0, dtype=np.bool_),
        age=np.empty(0, dtype=np.int64),
    )


def stamp(today: date, days: int) -> Stamp:
    """What the candidates of today depend on: vectors, entries and the curator's decisions on them, trends, texts."""
    quick, now = _quick(today, days), monotonic()
    looked = _looked.get((today, days))
    if looked is None or looked[1].quick != quick or now - looked[0] >= LOOK_AGAIN:
        looked = now, Stamp(today, days, quick, _slow(today, days, quick.model))
        _looked.clear()
        _looked[today, days] = looked
    return looked[1]


def _quick(today: date, days: int) -> Quick:
    entries = EditionEntry.objects.filter(edition__date__range=_span(today, days)).aggregate(
        entries=Count("pk"),
        newest=Max("pk"),
        hidden=Sum("paper_id", filter=Q(hidden=True)),
        featured=Sum("paper_id", filter=Q(featured=True)),
    )
    newest_vector = PaperVector.objects.aggregate(newest=Max("pk"))["newest"] or 0
    return Quick(EmbeddingModel.objects.serving(), background.newest_key(), newest_vector, tuple(entries.values()))


def _slow(today: date, days: int, model: EmbeddingModel | None) -> Slow:
    vectors = PaperVector.objects.filter(model=model).count()
    papers = EditionEntry.objects.filter(edition__date__range=_span(today, days)).aggregate(
        trends=Sum("paper__trend"), touched=Max("paper__updated_at")
    )
    return Slow(vectors, **papers)


_looked: dict[tuple[date, int], tuple[float, Stamp]] = {}


def cached(today: date, days: int) -> Candidates:
    """As load, but kept by this process for as long as the stamp stays the same."""
    return _loaded(stamp(today, days))


@lru_cache(maxsize=2)
def _loaded(stamp: Stamp) -> Candidates:
    found = load(stamp.today, stamp.days)
    if len(found.ids) >= MANY:
        _spare_the_collector()
    return found


def _spare_the_collector() -> None:
    """The words and names of candidates are some hundred thousand objects that stay. Python's search for garbage, which
    every batch of readers sets off, need not look at them each time: that took a tenth of the batch.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _span(today: date, days: int) -> tuple[date, date]:
    return today - timedelta(days=days - 1), today
