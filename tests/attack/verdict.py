"""What must hold after an attack, and what does not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.attack.readers import Seen, by_kind, p99

SLOWER = 4  # times, at most, that the slowest in a hundred pages may be compared with the same run's rest
FEWEST = 150  # slow clients at any moment: those whose time is over are gone until they come again
GROWTH = 20.0  # megabytes that a web worker may differ at the end


@dataclass(frozen=True, slots=True)
class Findings:
    at_rest: Seen
    attacked: Seen
    busy_at_rest: Mapping[str, float]  # by kind of process: how much of a core it had
    busy: Mapping[str, float]
    answers: Mapping[str, Mapping[int, int]]
    failed: list[str]
    unanswered: list[str]
    least_held: int
    workers_before: Mapping[str, list[int]]
    workers_after: Mapping[str, list[int]]
    memory_before: Mapping[int, float]
    memory_after: Mapping[int, float]
    mail_after: float | None  # seconds until the proven sign-up had its mail
    left_over: list[str]
    logged: Mapping[str, int]


def complaints(found: Findings) -> Iterator[str]:
    """One line for each rule that is broken; none if all is well."""
    yield from (f"an error of the server: {line}" for line in found.failed[:20])
    lost = [f"{kind} {status}" for kind, status, _ in found.attacked if status != 200]
    if lost:
        yield f"{len(lost)} of {len(found.attacked)} pages were not shown to readers, such as {lost[0]}"
    if slow := too_slow(found):
        yield slow
    if found.workers_before != found.workers_after:
        yield f"workers were replaced: {found.workers_before} became {found.workers_after}"
    for pid, before in found.memory_before.items():
        after = found.memory_after.get(pid, 0.0)
        if abs(after - before) > GROWTH:
            yield f"web worker {pid} has {after:.0f} MB after {before:.0f}"
    yield from _others(found)


def too_slow(found: Findings) -> str:
    """Say what is wrong with the pace of readers' pages; '' if nothing is."""
    rest, now = _p99(found.at_rest), _p99(found.attacked)
    return f"the p99 of readers' pages is {now:.2f} s, more than {SLOWER} × {rest:.2f} s" if now > SLOWER * rest else ""


def _others(found: Findings) -> Iterator[str]:
    if found.mail_after is None:
        yield "the proven sign-up got no mail"
    yield from (f"no answer: {line}" for line in found.unanswered[:20])
    if found.left_over:
        yield f"the folder for temporary files holds {found.left_over[:5]}"
    if found.least_held < FEWEST:
        yield f"only {found.least_held} slow clients were held, which shows little"


def _p99(seen: Seen) -> float:
    return p99([took for _, _, took in seen])


def table(found: Findings) -> Iterator[str]:
    yield f"  {'pages':12} {'at rest':>8} {'p50':>6} {'p99':>6}   {'attacked':>8} {'p50':>6} {'p99':>6}"
    attacked = by_kind(found.attacked)
    for kind, took in by_kind(found.at_rest).items():
        yield f"  {kind:12} {_figures(took)}   {_figures(attacked[kind])}"
    for kind, statuses in sorted(found.answers.items()):
        yield f"  {kind:16} " + ", ".join(
            f"{count:,} × {status or 'no answer'}" for status, count in sorted(statuses.items())
        )
    yield f"  slow clients held at any time: {found.least_held} or more"
    for pid, before in found.memory_before.items():
        yield f"  web worker {pid}: {before:.0f} MB before, {found.memory_after.get(pid, 0):.0f} MB after"
    yield "  of a core, at rest and attacked: " + ", ".join(
        f"{name} {100 * found.busy_at_rest[name]:.0f} → {100 * share:.0f} %" for name, share in found.busy.items()
    )
    took = "never" if found.mail_after is None else f"after {found.mail_after:.0f} s"
    yield f"  the proven sign-up got its mail {took}"
    yield f"  errors in logs: {dict(found.logged) or 'none'}"


def _figures(took: list[float]) -> str:
    ordered = sorted(took)
    return f"{len(took):8,} {1000 * ordered[len(took) // 2]:4.0f}ms {1000 * p99(took):4.0f}ms" if took else f"{0:8}"
