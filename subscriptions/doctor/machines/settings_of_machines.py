"""Whether all machines go by the same settings, as far as they must."""

from collections.abc import Iterator
from datetime import datetime

from subscriptions import agreement
from subscriptions.digests import zone_changes
from subscriptions.doctor.findings import Finding, error, fine

SUBJECT = "settings of machines"


def check(now: datetime) -> Iterator[Finding]:
    ours = agreement.marks()
    noted = [(host, agreement.different(ours, host.marks)) for host in zone_changes.noted(now)]
    differing = [(f"{host.host} ({host.kind})", names) for host, names in noted if names]
    if not differing:
        yield fine(SUBJECT, "All that was noted in the last week agrees with those here, as far as it must.")
    for who, names in differing:
        yield _of(who, names)


def _of(who: str, names: list[str]) -> Finding:
    key = " With another key the links in its mails open nothing." if agreement.KEY in names else ""
    return error(
        SUBJECT,
        f"{who} has not the same {', '.join(names)} as this machine.",
        why=f"What one machine plans, writes or signs another one goes on with.{key}",
        remedy="Give all machines the same, and restart their processes; what one that is gone said is forgotten after"
        " a week.",
    )
