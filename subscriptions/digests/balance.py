"""What became of all that was planned: a balance that has to come out even, the pace, and what the provider said.

Eligible and erased are counted when digests are made and people erased, all else is what the rows say. It is read by
one statement, so that what others deliver at the same moment is seen in all of its numbers or in none. Of those that
were put away, long after, the run keeps how they ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Max, Min, Q, QuerySet, Subquery, Sum

from subscriptions.models import DeliveryStatus, Run, SkipReason
from subscriptions.reports.safe_values import fingerprint, without_addresses

LATELY = timedelta(minutes=5)
DAY = timedelta(days=1)
SAID_BY_OTHERS = (DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN, DeliveryStatus.PLANNED)


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of so many digests of one status: of failed and uncertain ones the end, of planned ones so far."""

    status: str
    reason: str  # as stored
    count: int

    @property
    def key(self) -> str:
        """Return a fingerprint of the reason, to name it on a page."""
        return fingerprint(self.reason)[:16]

    @property
    def words(self) -> str:
        """Return the reason without any address, whoever wrote it."""
        return without_addresses(self.reason)


@dataclass(slots=True)
class Balance:
    eligible: int = 0
    erased: int = 0
    by_status: dict[str, int] = field(default_factory=lambda: dict.fromkeys(DeliveryStatus.values, 0))
    skipped: dict[str, int] = field(default_factory=dict)  # by reason
    said: list[Said] = field(default_factory=list)  # the most frequent first
    lately: int = 0  # sent within LATELY
    first_sent_at: datetime | None = None
    last_sent_at: datetime | None = None
    oldest_due_at: datetime | None = None  # of those that wait

    @property
    def open(self) -> int:
        return self.by_status[DeliveryStatus.PLANNED] + self.by_status[DeliveryStatus.SENDING]

    @property
    def missing(self) -> int:
        """Return how many digests are not accounted for; 0 where all adds up, less where some count twice."""
        return self.eligible - self.erased - sum(self.by_status.values())

    @property
    def surplus(self) -> int:
        """Return how many digests there are beyond those that were planned."""
        return max(0, -self.missing)

    @property
    def pace_lately(self) -> float:
        """Return mails a minute, over LATELY."""
        return self.lately / (LATELY / timedelta(minutes=1))

    @property
    def pace(self) -> float:
        """Return mails a minute from the first to the last."""
        if self.first_sent_at is None or self.last_sent_at is None:
            return 0.0
        minutes = (self.last_sent_at - self.first_sent_at) / timedelta(minutes=1)
        return self.by_status[DeliveryStatus.SENT] / max(minutes, 1.0)

    def as_stored(self) -> dict[str, Any]:
        """Return what a run keeps once it is closed."""
        return {**self.by_status, "reasons": self.skipped}

    def add_stored(self, stored: Mapping[str, Any]) -> None:
        """Add what a run keeps, of all of its digests or of those that were put away."""
        for status in DeliveryStatus.values:
            self.by_status[status] += stored.get(status, 0)
        for reason, count in stored.get("reasons", {}).items():
            self.skipped[reason] = self.skipped.get(reason, 0) + count


def of_day(day: date, now: datetime) -> Balance:
    """Return the balance of all runs that began on this day of UTC."""
    return of(runs_of_day(day), now)


def runs_of_day(day: date) -> QuerySet[Run]:
    start = datetime.combine(day, time(), tzinfo=UTC)
    return Run.objects.filter(hour__gte=start, hour__lt=start + DAY)


def of(runs: QuerySet[Run], now: datetime) -> Balance:
    """Return the balance of these runs; two queries, the second one for what was put away."""
    sums = runs.order_by().values(one=F("pk") * 0).annotate(eligible=Sum("eligible"), erased=Sum("erased"))
    sent, planned = Q(digests__status=DeliveryStatus.SENT), Q(digests__status=DeliveryStatus.PLANNED)
    # From the runs, so that there is a row also where none of them has a digest yet, or any more.
    rows: Iterable[Mapping[str, Any]] = (
        runs.order_by()
        .values(status=F("digests__status"), reason=F("digests__reason"))
        .annotate(
            count=Count("digests"),
            lately=Count("digests", filter=sent & Q(digests__finished_at__gt=now - LATELY)),
            first=Min("digests__finished_at", filter=sent),
            last=Max("digests__finished_at", filter=sent),
            oldest=Min("digests__due_at", filter=planned),
            planned=Subquery(sums.values("eligible")),
            gone=Subquery(sums.values("erased")),
        )
    )
    found = _added_up(list(rows))
    for gone in runs.filter(gone__isnull=False).order_by().values_list("gone", flat=True):
        found.add_stored(gone or {})
    return found


def _added_up(rows: Sequence[Mapping[str, Any]]) -> Balance:
    found = Balance(rows[0]["planned"], rows[0]["gone"]) if rows else Balance()
    for row in rows:
        if row["status"] is None:
            continue
        found.by_status[row["status"]] += row["count"]
        found.lately += row["lately"]
        found.first_sent_at = min(filter(None, (found.first_sent_at, row["first"])), default=None)
        found.last_sent_at = max(filter(None, (found.last_sent_at, row["last"])), default=None)
        found.oldest_due_at = min(filter(None, (found.oldest_due_at, row["oldest"])), default=None)
        _sort_in(found, Said(row["status"], row["reason"], row["count"]))
    found.said.sort(key=lambda one: -one.count)
    return found


def _sort_in(found: Balance, one: Said) -> None:
    if one.status == DeliveryStatus.SKIPPED:
        reason = one.reason if one.reason in SkipReason.values else "other"
        found.skipped[reason] = found.skipped.get(reason, 0) + one.count
    elif one.reason and one.status in SAID_BY_OTHERS:
        found.said.append(one)


def of_stored(runs: Iterable[Run]) -> Balance:
    """Add up what closed runs keep, without a look at their digests."""
    found = Balance()
    for run in runs:
        found.eligible, found.erased = found.eligible + run.eligible, found.erased + run.erased
        found.add_stored(run.ended or {})
    return found


def count_gone(ended: Iterable[Said], run: int) -> None:
    """Note in a run how digests of it ended that are put away now; to be called in the transaction that does it."""
    kept = Run.objects.select_for_update().filter(pk=run).values_list("gone", flat=True).first()
    found = Balance()
    found.add_stored(kept or {})
    for one in ended:
        found.by_status[one.status] += one.count
        _sort_in(found, one)
    Run.objects.filter(pk=run).update(gone=found.as_stored())
