"""What came to a reader in digests whose rows are gone: four bytes a paper, by which none ever comes again.

Papers stand on shelves of consecutive keys. A reader has a row for each shelf from which something came, so that the
candidates of a day, which are on one shelf or a few, are looked up in a few rows however many years there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any, TypeAlias

import numpy as np
from django.conf import settings
from django.db import models
from numpy.typing import NDArray

from papers.models.prepared import Prepared
from subscriptions.models.people import Subscriber

ON_A_SHELF = 1 << 14  # papers; a row must not grow beyond the two kilobytes that PostgreSQL keeps in place
DAY_ONE = date(2020, 1, 1)
LEAST = timedelta(days=35)  # what digests of the last weeks told is asked for: by catch-ups, and by news of kept papers
PICK = np.dtype([("paper", "<u2"), ("day", "<u2")])  # place on the shelf; days since DAY_ONE
Shelf: TypeAlias = NDArray[np.void]


def digests_stay() -> timedelta:
    """Return for how long the rows of a digest are kept: while its web copy can be opened, and some weeks at least."""
    return max(timedelta(days=settings.WEB_COPY_DAYS), LEAST)


def shelved(picks: Iterable[tuple[int, date]]) -> dict[int, Shelf]:
    """Return (paper, day) by shelf, papers in order, each once with its first day."""
    found = defaultdict[int, list[tuple[int, int]]](list)
    for paper, day in picks:
        found[paper // ON_A_SHELF].append((paper % ON_A_SHELF, min(max((day - DAY_ONE).days, 0), 0xFFFF)))
    return {shelf: _in_order(np.array(some, dtype=PICK)) for shelf, some in found.items()}


def merged(packed: bytes | memoryview, more: Shelf) -> bytes:
    """Return packed picks with more of the same shelf; to add what is there already changes nothing."""
    return _in_order(np.concatenate([np.frombuffer(packed, dtype=PICK), more])).tobytes()


def _in_order(shelf: Shelf) -> Shelf:
    by_day = shelf[np.lexsort((shelf["day"], shelf["paper"]))]
    return by_day[np.unique(by_day["paper"], return_index=True)[1]]


class PastPicksQuerySet(models.QuerySet["PastPicks"]):
    def came(self, subscribers: Iterable[int], papers: Iterable[int]) -> set[tuple[int, int]]:
        """Return (subscriber, paper) of what came to these subscribers among these papers; one query."""
        wanted = set(papers)
        shelves = {paper // ON_A_SHELF for paper in wanted}
        rows = _on_shelves(subscribers=list(subscribers), shelves=shelves) if wanted else ()
        return {
            (subscriber, paper)
            for subscriber, shelf, packed in rows
            for paper in wanted.intersection(_keys(shelf, np.frombuffer(packed, dtype=PICK)).tolist())
        }

    def days(self, subscribers: Iterable[int]) -> dict[int, Mapping[date, list[int]]]:
        """Return, by subscriber, the papers of each day, the newest day first; all there is, in one query."""
        found = defaultdict[int, dict[date, list[int]]](lambda: defaultdict(list))
        rows = self.filter(subscriber__in=list(subscribers)).order_by("subscriber", "shelf")
        for subscriber, shelf, packed in rows.values_list("subscriber", "shelf", "picks"):
            for paper, day in _dated(shelf, packed):
                found[subscriber][day].append(paper)
        return {subscriber: dict(sorted(days.items(), reverse=True)) for subscriber, days in found.items()}


def _keys(shelf: int, picks: Shelf) -> NDArray[np.int64]:
    keys: NDArray[np.int64] = picks["paper"].astype(np.int64) + shelf * ON_A_SHELF
    return keys


def _dated(shelf: int, packed: bytes | memoryview) -> Iterator[tuple[int, date]]:
    picks = np.frombuffer(packed, dtype=PICK)
    days = (DAY_ONE + timedelta(days=days) for days in picks["day"].tolist())
    return zip(_keys(shelf, picks).tolist(), days, strict=True)


class PastPicks(models.Model):
    """Papers of one shelf that came to a subscriber in digests that are gone, with the day of each."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="past_picks", db_index=False)
    shelf = models.PositiveIntegerField(help_text="The papers' keys, divided by 16,384.")
    picks = models.BinaryField(help_text="For each its place on the shelf and its day, two bytes each.")

    objects = PastPicksQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "past picks"
        constraints = [models.UniqueConstraint(fields=["subscriber", "shelf"], name="one_row_per_reader_and_shelf")]

    def __str__(self) -> str:
        return f"{self.subscriber_id}: {len(self.picks) // PICK.itemsize} of shelf {self.shelf}"


def _of_shelves(subscribers: Collection[int], shelves: Collection[int]) -> models.QuerySet[PastPicks, Any]:
    rows = PastPicks.objects.filter(subscriber__one_of=subscribers, shelf__one_of=shelves).order_by()
    return rows.values_list("subscriber_id", "shelf", "picks")


_on_shelves = Prepared(_of_shelves, subscribers=([1], [2]), shelves=([1], [2]))
