"""The readings of many papers at once: a page or a batch of digests has thousands of them."""

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from papers.models import Signal, SignalKind
from papers.models.prepared import Prepared

SHOWN = (SignalKind.UPVOTES, SignalKind.STARS)  # the kinds that people are told, the main one first

Rows = list[tuple[str, int]]  # (time, value), in the order of time


def by_paper_and_kind(papers: Iterable[int]) -> Iterator[tuple[int, str, Rows]]:
    """Yield the key of each paper, a kind that is shown, and its readings, whose times are left as text; one query.

    To make times of all of them would cost more than to read them: `moment` makes those that are needed.
    """
    keys = list(papers)
    columns = _in_order(papers=keys) if keys else ()
    for (pk, kind), rows in groupby(columns, key=itemgetter(0, 1)):
        yield pk, kind, [(row[2], row[3]) for row in rows]


def _shown(papers: Collection[int]) -> QuerySet[Signal, Any]:
    shown = Signal.objects.filter(kind__in=SHOWN, paper__one_of=papers).order_by("paper", "kind", "observed_at")
    return shown.values_list("paper", "kind", Cast("observed_at", TextField()), "value")


_in_order = Prepared(_shown, papers=([1], [2]))


def moment(text: str) -> datetime:
    """Return the time that the database wrote; SQLite writes no zone, and means UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
