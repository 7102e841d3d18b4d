"""Whether the clocks of all machines agree with the database's, as each has noted."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from papers import shared_clock
from subscriptions.digests import zone_changes
from subscriptions.doctor.database import MOST_SKEW
from subscriptions.doctor.findings import Finding, error, fine

SUBJECT = "clocks of machines"


def check(now: datetime) -> Iterator[Finding]:
    noted = [(f"{host.host} ({host.kind})", timedelta(seconds=host.clock_ahead)) for host in zone_changes.noted(now)]
    differing = [(who, ahead) for who, ahead in noted if abs(ahead) > MOST_SKEW]
    if not differing:
        yield fine(SUBJECT, "All that was noted in the last week agrees with the database's.")
    for who, ahead in differing:
        yield _of(who, ahead)


def _of(who: str, ahead: timedelta) -> Finding:
    return error(
        SUBJECT,
        f"{who} is {shared_clock.in_words(ahead)}.",
        why="Beyond a minute its workers take no work; what a machine does by the date, such as checking certificates,"
        " goes wrong.",
        remedy="Let that machine and the database's keep their time by NTP (timedatectl set-ntp true). It notes by"
        " itself that it is right again; what one that is gone noted is forgotten after a week.",
    )
