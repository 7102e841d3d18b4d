"""Backups: whether the last one is of today, where they are made at all."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from subscriptions.doctor.findings import Finding, error, fine
from subscriptions.models import Control

WITHIN = timedelta(hours=26)


def check(now: datetime) -> Iterator[Finding]:
    last = Control.objects.values_list("backed_up_at", flat=True).first()
    if last is None:
        yield fine("backups", "None was ever made by manage.py backup; docs/backups.md tells how.")
    elif now - last <= WITHIN:
        yield fine("backups", f"The last one was made on {last:%d %B at %H:%M} UTC.")
    else:
        yield error(
            "backups",
            f"The last one was made on {last:%d %B at %H:%M} UTC.",
            why="If the disk dies now, what readers said and got since is lost, and who unsubscribed is mailed again.",
            remedy="See why the timer paper-round-backup failed (journalctl -u paper-round-backup), or run manage.py"
            " backup.",
        )
