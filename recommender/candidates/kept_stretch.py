"""The stretch that this process keeps: while it is read anew, questions are answered by the one before."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock, Thread
from time import monotonic
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Max, Q, Sum

from papers.models import EditionEntry
from papers.shared_clock import now
from recommender.candidates import background, stretch
from recommender.candidates.cache_key import span
from recommender.candidates.loading import MANY, spare_the_collector
from recommender.candidates.stretch import Stretch
from recommender.models import EmbeddingModel, PaperVector

LOOK_AGAIN = 10.0  # seconds for which a changed trend or a hidden paper is not noticed
REST = 120.0  # seconds between two readings of all texts: new papers are embedded a few at a time
APART = True  # all texts are read by a thread of its own, and nobody waits for it


class Texts(NamedTuple):
    """What the papers' texts and vectors depend on: to read them anew takes seconds."""

    model: EmbeddingModel | None
    background: int
    newest_vector: int
    touched: datetime | None


class News(NamedTuple):
    """What else changes: the curator's decisions, trends, and what was withdrawn."""

    today: date
    entries: tuple[int | float | None, ...]


@dataclass(slots=True)
class _Kept:
    stretch: Stretch
    texts: Texts
    news: News
    looked: float
    read: float


_state: dict[str, _Kept] = {}  # at most one, under ""
_one_at_a_time = Lock()


class BeingRead(Exception):
    """The papers are being read for the first time by another thread of this process, which takes some seconds."""


def current(today: date) -> Stretch:
    """Return the papers of the last weeks; raise BeingRead rather than let a second thread wait for the first ones.

    So a process that has just started never has all its threads waiting, and shows its other pages.
    """
    kept = _state.get("")
    if kept and kept.news.today == today and monotonic() - kept.looked < LOOK_AGAIN:
        return kept.stretch
    if _one_at_a_time.acquire(blocking=False):
        try:
            _look(today)
        finally:
            _one_at_a_time.release()
    if "" not in _state:
        raise BeingRead
    return _state[""].stretch


def _look(today: date) -> None:
    kept, moment = _state.get(""), monotonic()
    texts, news = _signs(today)
    if kept is None:
        _read(today, texts, news)
    elif kept.texts != texts and moment - kept.read >= REST:
        kept.looked, kept.read = moment, moment
        if APART:
            Thread(target=_read_apart, args=(today, texts, news), daemon=True).start()
        else:
            _read(today, texts, news)
    elif kept.news != news:
        before = kept.stretch
        fresh = stretch.refreshed(before.candidates, before.background, before.version, today=today)
        _state[""] = _Kept(fresh, kept.texts, news, moment, kept.read)
    else:
        kept.looked = moment


def _signs(today: date) -> tuple[Texts, News]:
    model = EmbeddingModel.objects.serving()
    newest = PaperVector.objects.aggregate(newest=Max("pk"))["newest"] or 0
    found = EditionEntry.objects.filter(edition__date__range=span(today, stretch.days())).aggregate(
        touched=Max("paper__updated_at"),
        entries=Count("pk"),
        newest=Max("pk"),
        hidden=Sum("paper_id", filter=Q(hidden=True)),
        featured=Sum("paper_id", filter=Q(featured=True)),
        withdrawn=Sum("paper_id", filter=Q(paper__withdrawn_on__isnull=False)),
        trends=Sum("paper__trend"),
    )
    touched = found.pop("touched")
    return Texts(model, background.newest_key(), newest, touched), News(today, tuple(found.values()))


def _read(today: date, texts: Texts, news: News) -> None:
    loaded = stretch.load(today)
    _ = loaded.candidates.texts.occurrences  # made now, and not while somebody types a term
    if len(loaded.candidates.ids) >= MANY:
        spare_the_collector()
    moment = monotonic()
    _state[""] = _Kept(loaded, texts, news, moment, moment)


def _read_apart(today: date, texts: Texts, news: News) -> None:
    try:
        _read(today, texts, news)
    finally:
        connection.close()


def warm_up() -> None:
    """Read the papers before anybody asks."""
    with suppress(BeingRead):  # somebody was faster
        current(now().date())


def forget() -> None:
    """Read everything at the next question."""
    _state.clear()
