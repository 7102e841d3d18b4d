"""A run is all that was planned within one hour; it closes when all of it has ended and the numbers agree.

Eligible = sent + skipped + failed + uncertain + still open + erased since. Eligible is counted when digests are made,
the rest is what the rows say now, so that a digest that vanished cannot go unnoticed. Of those that were put away, long
after, the run itself keeps how they ended.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import F

from subscriptions.digests import balance
from subscriptions.models import DeliveryStatus, Run

logger = logging.getLogger(__name__)
HOUR = timedelta(hours=1)
OPEN = (DeliveryStatus.PLANNED, DeliveryStatus.SENDING)
GONE: dict[str, str] = {
    DeliveryStatus.SENT: "gone_sent",
    DeliveryStatus.SKIPPED: "gone_skipped",
    DeliveryStatus.FAILED: "gone_failed",
    DeliveryStatus.UNCERTAIN: "gone_uncertain",
}


def of_hour(now: datetime) -> Run:
    """Return the run that digests planned now belong to."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    Run.objects.bulk_create([Run(hour=hour)], ignore_conflicts=True)
    return Run.objects.get(hour=hour)


def count_in(run: Run, digests: int) -> None:
    """Count digests that were made in it; a run that was closed is open again."""
    Run.objects.filter(pk=run.pk).update(eligible=F("eligible") + digests, closed_at=None)


def close_finished(now: datetime) -> list[Run]:
    """Close every run of past hours that has ended and balances, and return those; others are logged and stay open."""
    ripe = Run.objects.filter(closed_at__isnull=True, hour__lte=now - HOUR)
    return [run for run in ripe if _close(run, now)]


def _close(run: Run, now: datetime) -> bool:
    found = balance.of(Run.objects.filter(pk=run.pk), now)
    if found.open:
        return False
    note = f"{found.missing} digests of {found.eligible} are missing." if found.missing else ""
    if note:
        logger.error("The run of %s does not balance: %s", run, note, extra={"event": "run_unbalanced", "run": run.pk})
    # Nothing may have been planned into it since it was looked at, nor begun anew.
    same = Run.objects.filter(pk=run.pk, eligible=found.eligible, erased=found.erased, reopened=run.reopened)
    return bool(same.update(note=note, closed_at=None if note else now, ended=found.as_stored())) and not note
