"""What must hold after a chaos run, and what does not."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from subscriptions.models import DeliveryStatus, Digest, Run

RAISED = re.compile(r"raised unexpected: ([\w.]+)")
ENDS = {DeliveryStatus.SENT, DeliveryStatus.SKIPPED, DeliveryStatus.FAILED, DeliveryStatus.UNCERTAIN}
MOST = 0.7  # of all, must have got a mail
MAY_BE_ACCEPTED = {DeliveryStatus.SENT, DeliveryStatus.UNCERTAIN}


@dataclass(frozen=True)
class Findings:
    statuses: Mapping[str, str]  # of each digest by its name
    accepted: Mapping[str, int]  # how often the fakes have taken it over
    erased: int  # digests that went with their subscriber
    open_runs: int
    runs_say: tuple[str, ...]  # what does not agree
    eligible: int
    reasons: Mapping[str, int]  # how many digests ended how


def look(accepted: Mapping[str, int]) -> Findings:
    runs = list(Run.objects.all())
    return Findings(
        statuses={bytes(handle).hex(): status for handle, status in Digest.objects.values_list("handle", "status")},
        accepted=accepted,
        erased=sum(run.erased for run in runs),
        open_runs=sum(run.closed_at is None for run in runs),
        runs_say=tuple(run.note for run in runs if run.note),
        eligible=sum(run.eligible for run in runs),
        reasons=Counter(f"{status} {reason[:80]}" for status, reason in Digest.objects.values_list("status", "reason")),
    )


def complaints(found: Findings, people: int) -> Iterator[str]:
    """One line for each rule that is broken; none if all is well."""
    status, taken = found.statuses, found.accepted
    yield from _some("accepted more than once", [name for name, times in taken.items() if times > 1])
    yield from _some("still open", [name for name, now in status.items() if now not in ENDS])
    sent = [name for name, now in status.items() if now == DeliveryStatus.SENT]
    yield from _some("sent, but nobody accepted it", [name for name in sent if name not in taken])
    wrong = [name for name in taken if name in status and status[name] not in MAY_BE_ACCEPTED]
    yield from _some("accepted, but recorded as if it were not", wrong)
    gone = [name for name in taken if name not in status]
    if len(gone) > found.erased:
        yield f"{len(gone)} accepted digests are gone, but only {found.erased} were erased"
    if found.eligible != len(status) + found.erased:
        yield f"{found.eligible} were eligible, but there are {len(status)} digests and {found.erased} erased ones"
    if found.open_runs or found.runs_say:
        yield f"{found.open_runs} runs are open; they say {found.runs_say}"
    if len(sent) < MOST * people:
        yield f"only {len(sent)} mails went to {people} people, which shows little"


def _some(what: str, names: list[str]) -> Iterator[str]:
    if names:
        yield f"{len(names)} {what}, such as {names[0]}"


def traces(found: Findings, taken: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What the rows say of the digests that were accepted more than once, and when that was."""
    moments: dict[str, list[str]] = defaultdict(list)
    for name, moment in taken:
        moments[name].append(moment)
    for name in (name for name, times in found.accepted.items() if times > 1):
        rows = Digest.objects.filter(handle=bytes.fromhex(name)) if name in found.statuses else Digest.objects.none()
        yield f"{name} at {moments[name]}: {rows.values().first()}"


def errors(logs: Iterable[str]) -> Counter[str]:
    """Which exceptions ended a task."""
    return Counter(name for log in logs for name in RAISED.findall(log))


def table(found: Findings, happened: Mapping[str, int]) -> str:
    accepted = {"eligible": found.eligible, "erased": found.erased, "accepted": sum(found.accepted.values())}
    return "\n".join(map(_lines, (happened, found.reasons, accepted)))


def _lines(counts: Mapping[str, int]) -> str:
    return "".join(f"  {count:7,}  {what}\n" for what, count in sorted(counts.items()))
