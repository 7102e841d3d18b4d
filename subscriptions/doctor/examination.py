"""All areas, one after the other; one that cannot be examined is itself a finding, and stops no other."""

from collections.abc import Callable, Iterator
from datetime import datetime

from subscriptions.doctor import (
    backups,
    broker,
    configuration,
    database,
    disk,
    encryption,
    freshness,
    log,
    model,
    permission,
    provider,
    staff,
    waiting,
    zones,
)
from subscriptions.doctor.findings import Finding, error
from subscriptions.doctor.machines import clocks, encoder, life, pooler, settings_of_machines
from subscriptions.doctor.senders import domains

Area = Callable[[datetime], Iterator[Finding]]
AREAS: dict[str, Area] = {
    "permission to send": permission.check,
    "configuration": configuration.check,
    "database": database.check,
    "pooler": pooler.check,
    "broker": broker.check,
    "processes": life.check,
    "freshness": freshness.check,
    "encoder": model.check,
    "query encoder": encoder.check,
    "time zones": zones.check,
    "settings of machines": settings_of_machines.check,
    "clocks of machines": clocks.check,
    "waiting mails": waiting.check,
    "disk": disk.check,
    "backups": backups.check,
    "log": log.check,
    "encryption": encryption.check,
    "provider": provider.check,
    "senders": domains.check,
    "admin": staff.check,
}


def examine(now: datetime) -> Iterator[Finding]:
    for name, check in AREAS.items():
        yield from isolated(name, check, now)


def isolated(name: str, check: Area, now: datetime) -> Iterator[Finding]:
    try:
        yield from check(now)
    except Exception as problem:  # whatever it is, the operator wants to hear of it and of the rest
        yield error(
            name,
            f"It could not be examined: {type(problem).__name__}: {problem}",
            why="Something may be wrong there that nobody sees.",
            remedy="Mend what the other findings say first, then ask the doctor again.",
        )
