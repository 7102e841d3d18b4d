"""Room on the disk: when it is full nothing can be claimed, and nothing is sent."""

import shutil
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from subscriptions.doctor.findings import Finding, error, fine, warning

MEGABYTE = 1_000_000
LITTLE, TOO_LITTLE = 2000, 500  # megabytes


def check(now: datetime) -> Iterator[Finding]:
    return of_room(shutil.disk_usage(settings.VAR_DIR).free // MEGABYTE)


def of_room(megabytes: int) -> Iterator[Finding]:
    subject, what = "disk", f"{megabytes} MB are free in VAR_DIR."
    if megabytes >= LITTLE:
        yield fine(subject, what)
        return
    grade = error if megabytes < TOO_LITTLE else warning
    yield grade(
        subject,
        what,
        why="When the disk is full nothing can be recorded, so nothing is sent.",
        remedy="Free some room, or move VAR_DIR to a larger disk.",
    )
