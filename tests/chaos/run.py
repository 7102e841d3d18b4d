"""One chaos run: a storm with each of the fakes, then calm, then the verdict."""

import time
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from subscriptions.models import Digest, Run
from tests.chaos import verdict, world
from tests.chaos.clock import DAY, HOUR
from tests.chaos.fleet import RATE
from tests.chaos.place import Place, mail_settings
from tests.chaos.storm import USUAL, Storm
from tests.fakes.odds import acceptances, accepted
from tests.fakes.process import Fake
from tests.processes import say

TODAY = (0.0, 600.0, HOUR)  # the clocks are put forward while it drains, so that whatever waits has its turn
TOMORROW = (2 * HOUR, 6 * HOUR, DAY, DAY)
QUIET = 100 / RATE  # seconds without any change after which the clocks are put forward
PATIENCE = 600.0  # seconds until everything must have ended; a slow machine may take long as long as it gets on


def whole(place: Place, seconds: float, people: int, seed: int) -> int:
    """0 if every rule holds."""
    start = datetime.now(UTC)
    world.grow(people, start, timedelta(seconds=RATE * seconds * 0.9))
    place.fleet.start_the_clocks(start)
    happened: Counter[str] = Counter()
    for nth, fake in enumerate(place.fakes):
        say(f"{datetime.now(UTC):%H:%M:%S} A storm, with mails through {fake.kind}.")
        happened += _rage_with(place, fake, seconds / 2, seed + nth)
    say(f"{datetime.now(UTC):%H:%M:%S} Nothing is broken any more; what is open may come to its end.")
    took = _drain(place)
    return _report(place, took, happened, people)


def _rage_with(place: Place, fake: Fake, seconds: float, seed: int) -> Counter[str]:
    place.fleet.environment |= mail_settings(fake)
    place.fleet.start(*place.fleet.ahead, wait=False)
    storm = Storm(place.fleet, fake, place.services, seed)
    storm.rage(seconds, USUAL[fake.kind])
    say(f"{datetime.now(UTC):%H:%M:%S} It is over: workers and beats are asked to stop.")
    place.fleet.stop(seconds=60)
    return storm.happened


def _drain(place: Place) -> float:
    """Nothing fails any more: how many seconds pass until every digest has ended.

    In between the host's clock is a day ahead for a moment, in which everybody's digest of tomorrow is planned.
    """
    for fake in place.fakes:
        fake.fail(ok=1)
    began = time.monotonic()
    place.fleet.start(*place.fleet.ahead, wait=False)
    _let_it_end(place, TODAY, began + PATIENCE)
    place.fleet.jump(DAY, *place.fleet.ahead)
    time.sleep(QUIET)
    place.fleet.jump(-DAY, *place.fleet.ahead)
    world.rest()
    _let_it_end(place, TOMORROW, began + PATIENCE)
    place.fleet.stop()
    return time.monotonic() - began


def _let_it_end(place: Place, jumps: Iterable[float], deadline: float) -> None:
    for jump in jumps:
        place.fleet.jump(jump, *place.fleet.ahead)
        _until_nothing_changes(deadline)


def _until_nothing_changes(deadline: float) -> None:
    seen, changed = _state(), time.monotonic()
    while time.monotonic() < min(deadline, changed + QUIET):
        now = _state()
        if now != seen:
            seen, changed = now, time.monotonic()
        time.sleep(0.5)


def _state() -> tuple[Counter[str], int]:
    return Counter(Digest.objects.values_list("status", flat=True)), Run.objects.filter(closed_at=None).count()


def _report(place: Place, took: float, happened: Counter[str], people: int) -> int:
    ledgers = [fake.ledger for fake in place.fakes]
    found = verdict.look(accepted(*ledgers))
    logs = (file.read_text(errors="replace") for file in place.fleet.folder.glob("*.log"))
    say(verdict.table(found, happened + Counter(f"a task raised {name}" for name in verdict.errors(logs).elements())))
    say(f"  Everything had ended {took:.0f} s after the storm.")
    wrong = list(verdict.complaints(found, people))
    for line in verdict.traces(found, acceptances(*ledgers)):
        say(f"  {line}")
    say("\n".join(f"WRONG: {line}." for line in wrong) or "Each mail left once, and the sums agree.")
    return int(bool(wrong))
