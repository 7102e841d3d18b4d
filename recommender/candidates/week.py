"""The papers of the last week as texts, to tell what a term meets; each process keeps them until others come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock
from time import monotonic

from django.db.models import Count, Max

from papers.models import EditionEntry, Paper
from recommender.candidates.cache_key import span
from recommender.candidates.loading import text_of
from recommender.words.terms import Texts

DAYS = 7
MOST = 10_000  # the newest; more than arXiv announces in a week
LOOK_AGAIN = 60.0  # seconds for which new papers are not noticed


@dataclass(frozen=True, slots=True)
class Week:
    texts: Texts  # (n,) the newest first
    titles: tuple[str, ...]  # (n,)


class _Kept:
    """What this process knows: of which day and entries, when it last looked, and the papers."""

    key: tuple[date, int, int] | None = None
    looked: tuple[date, float] | None = None
    week = Week(Texts(), ())


_kept, _one_at_a_time = _Kept(), Lock()


def papers(today: date) -> Week:
    """Return the papers of the last seven days' editions; while one thread reads them anew, others get the last."""
    if not _is_fresh(today) and _one_at_a_time.acquire(blocking=_kept.key is None):
        try:
            if not _is_fresh(today):
                _look(today)
        finally:
            _one_at_a_time.release()
    return _kept.week


def _is_fresh(today: date) -> bool:
    looked = _kept.looked
    return looked is not None and looked[0] == today and monotonic() - looked[1] < LOOK_AGAIN


def _look(today: date) -> None:
    entries = EditionEntry.objects.filter(edition__date__range=span(today, DAYS), hidden=False)
    found = entries.aggregate(count=Count("pk"), newest=Max("pk"))
    key = today, found["count"], found["newest"] or 0
    if key != _kept.key:
        _kept.week, _kept.key = _read(today), key
    _kept.looked = today, monotonic()


def _read(today: date) -> Week:
    columns = ("title", "abstract", "plain_title", "plain_abstract")
    rows = list(Paper.objects.candidates(today, DAYS).order_by("-pk").values_list(*columns)[:MOST])
    return Week(Texts(text_of(*row) for row in rows), tuple(" ".join((row[2] or row[0]).split()) for row in rows))


def forget() -> None:
    """Read everything anew at the next question."""
    _kept.key = _kept.looked = None
