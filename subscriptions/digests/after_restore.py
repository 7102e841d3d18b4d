"""What may have reached readers without this database knowing: it was restored from a backup that is older than that.

Whoever was a reader before gets no digest again whose time had come, and no paper again that was already announced.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from django.db.models import QuerySet

from papers.models import EditionEntry
from papers.models.prepared import Prepared
from recommender.ranking.reader import Candidates, Reader
from subscriptions.models import Control, Subscriber
from subscriptions.people.calendar import local_date

# Candidates are of the last CANDIDATE_DAYS, which are at most as many.
LOOKED_FOR = timedelta(days=61)


@dataclass(frozen=True, slots=True)
class Restored:
    at: datetime
    day_too: bool

    @property
    def day(self) -> date:
        """Return the newest edition that anybody may have had of which the database does not know."""
        return self.at.astimezone(UTC).date()

    def may_have_left(self, due_at: datetime, zone: str) -> bool:
        """Tell whether a digest of that time may have been sent by the instance that was there before."""
        same_day = self.day_too and local_date(due_at, zone) <= local_date(self.at, zone)
        return due_at <= self.at or same_day


def last() -> Restored | None:
    """Return when this database was last adopted after a restore; None if never. One query."""
    rows = _restored()
    return Restored(*rows[0]) if rows else None


def _adopted() -> QuerySet[Control, tuple[datetime | None, bool]]:
    return Control.objects.exclude(restored_at=None).order_by("pk").values_list("restored_at", "restored_day_too")[:1]


_restored = Prepared(_adopted)


def without_what_may_have_come(
    readers: Sequence[Reader], people: Sequence[Subscriber], pool: Candidates, today: date
) -> Sequence[Reader]:
    """Return the readers, those from before a restore as if they had seen all that was announced by then."""
    restored = last()
    if restored is None or today - restored.day > LOOKED_FOR:
        return readers
    before = _announced_before(restored, pool)
    was_there = [person.confirmed_at is None or person.confirmed_at <= restored.at for person in people]
    return [
        replace(reader, seen=reader.seen | before) if was else reader
        for reader, was in zip(readers, was_there, strict=True)
    ]


def _announced_before(restored: Restored, pool: Candidates) -> frozenset[int]:
    """Return the candidates of editions up to the day of the restore, also if they took off since."""
    span = (restored.day - LOOKED_FOR, restored.day)
    entries = EditionEntry.objects.filter(edition__date__range=span).values_list("paper", flat=True)
    return frozenset(np.intersect1d(pool.ids, np.fromiter(entries, dtype=np.int64)).tolist())
