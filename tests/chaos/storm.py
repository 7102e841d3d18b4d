"""What goes wrong in a chaos run: one thing after another, drawn by chance, and each put right a moment later."""

import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from subscriptions import lifecycle
from subscriptions.limits import kill_switch
from subscriptions.models import PauseReason, StopReason, Subscriber, SubscriberStatus
from tests.chaos.clock import HOUR
from tests.chaos.fleet import Fleet
from tests.fakes.process import Fake
from tests.services import PostgresServer, RedisServer

GUSTS = 1.5  # mean seconds between two of them
FROZEN = 65.0  # seconds: by the fleet's clocks longer than a lease
USUAL = {
    "provider": {
        "ok": 0.9,
        "refused": 0.02,
        "throttled": 0.02,
        "unavailable": 0.02,
        "broken": 0.01,
        "reset": 0.008,
        "closed": 0.01,
        "garbled": 0.004,
        "truncated": 0.004,
        "hang": 0.002,
        "inactive": 0.002,
    },
    "smtp": {
        "ok": 0.9,
        "connect 421": 0.01,
        "mail 451": 0.01,
        "mail 554": 0.005,
        "rcpt 451": 0.02,
        "rcpt 554": 0.01,
        "data 451": 0.01,
        "end 451": 0.01,
        "end 554": 0.005,
        "drop before": 0.005,
        "drop after": 0.01,
        "hang": 0.001,
    },
}
OUTAGES = {
    "provider": ("unavailable", "broken", "throttled", "unauthorized", "reset"),
    "smtp": ("connect 421", "mail 451", "end 451", "drop before"),
}
Undo = tuple[float, Callable[[], object]]


class Storm:
    def __init__(
        self, fleet: Fleet, fake: Fake, services: tuple[RedisServer, PostgresServer] | None, seed: int
    ) -> None:
        self.fleet, self.fake, self.services = fleet, fake, services
        self.random = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self._undo: list[Undo] = []
        self._events = [self.kill_child, self.kill_child, self.kill_worker, self.orphan_children, self.stop_worker]
        self._events += [self.freeze_child, self.kill_beat, self.outage, self.kill_fake, self.jump, self.people_leave]
        self._events += [self.empty_the_queue, self.switch_off]
        if services:
            self._events += [self.restart_redis, self.lose_redis_and_a_child, self.restart_postgres]

    def rage(self, seconds: float, odds: dict[str, float]) -> None:
        self._odds = odds
        self.fake.fail(**odds)
        over = time.monotonic() + seconds
        next_gust = 0.0
        while time.monotonic() < over:
            self._put_right(time.monotonic())
            if time.monotonic() >= next_gust:
                self._strike(self.random.choice(self._events))
                next_gust = time.monotonic() + self.random.expovariate(1 / GUSTS)
            time.sleep(0.1)
        self._put_right(float("inf"))

    def _strike(self, event: Callable[[], object]) -> None:
        with suppress(DatabaseError):  # this process also meets the database while it is away
            event()
            self.happened[event.__name__.replace("_", " ")] += 1
        close_old_connections()

    def _put_right(self, moment: float) -> None:
        due = [one for one in self._undo if one[0] <= moment]
        self._undo = [one for one in self._undo if one[0] > moment]
        for _, undo in due:
            undo()

    def _later(self, longest: float, undo: Callable[[], object]) -> None:
        self._undo.append((time.monotonic() + self.random.uniform(0, longest), undo))

    def _worker(self) -> str:
        return self.random.choice(self.fleet.workers)

    def kill_child(self) -> None:
        self.fleet.signal_child(self._worker(), signal.SIGKILL)

    def freeze_child(self) -> None:
        """For longer than a lease, by its own clock."""
        name = self._worker()
        for child in self.fleet.children(name)[:1]:
            self.fleet.signal_process(child, signal.SIGSTOP)
            self._undo.append((time.monotonic() + FROZEN, partial(self.fleet.signal_process, child, signal.SIGCONT)))

    def kill_worker(self) -> None:
        self._end(self._worker(), self.fleet.kill)

    def orphan_children(self) -> None:
        """The main process alone is killed."""
        self._end(self._worker(), self.fleet.kill_alone)

    def stop_worker(self) -> None:
        self._end(self._worker(), lambda name: self.fleet.stop(name, seconds=20))

    def kill_beat(self) -> None:
        self._end(self.random.choice(self.fleet.beats), self.fleet.kill)

    def _end(self, name: str, end: Callable[[str], object]) -> None:
        if name in self.fleet.processes:
            end(name)
            self._later(3, lambda: self.fleet.start(name, wait=False))

    def outage(self) -> None:
        mode = self.random.choice(OUTAGES[self.fake.kind])
        self.happened[f"outage: {mode}"] += 1
        self.fake.fail(**{mode: 1})
        self._later(6, lambda: self.fake.fail(**self._odds))

    def kill_fake(self) -> None:
        """The provider refuses connections."""
        self.fake.kill()
        self._later(4, self.fake.start)

    def jump(self) -> None:
        """One clock goes wrong for some seconds."""
        name = self.random.choice([*self.fleet.workers, *self.fleet.beats])
        seconds = self.random.choice([-HOUR, -60, 60, 600, HOUR])
        self.fleet.jump(seconds, name)
        self._later(10, lambda: self.fleet.jump(-seconds, name))

    def people_leave(self) -> None:
        now = self.fleet.now()
        active = list(Subscriber.objects.filter(status=SubscriberStatus.ACTIVE).values_list("pk", flat=True))
        some = list(Subscriber.objects.filter(pk__in=self.random.sample(active, min(8, len(active)))))
        for person in some[:4]:
            lifecycle.unsubscribe(person, now)
        for person in some[4:6]:
            lifecycle.pause(person, None, PauseReason.ASKED)
        for person in some[6:7]:
            lifecycle.suppress(person.email, "complained")
        for person in some[7:]:
            lifecycle.erase(person)

    def empty_the_queue(self) -> None:
        if not self.services:
            for queue in (settings.CELERY_TASK_DEFAULT_QUEUE, settings.DIGEST_QUEUE):
                shutil.rmtree(self.fleet.folder / "broker" / queue, ignore_errors=True)
        elif self.services[0].is_ready():
            self.services[0].client().flushall()

    def switch_off(self) -> None:
        """The operator's kill switch."""
        kill_switch.stop(StopReason.OPERATOR, "chaos", self.fleet.now())
        self._later(2, self._switch_on)

    def _switch_on(self) -> None:
        try:
            kill_switch.resume()
        except DatabaseError:
            close_old_connections()
            self._later(1, self._switch_on)

    def restart_redis(self) -> None:
        assert self.services
        self.services[0].kill()
        self._later(3, self.services[0].start)

    def lose_redis_and_a_child(self) -> None:
        """A main process makes the new child in the midst of handling the lost broker."""
        self.restart_redis()
        self.kill_child()

    def restart_postgres(self) -> None:
        """At once, as if its process had crashed: clients lose their connections in the middle of whatever it was."""
        assert self.services
        self.services[1].stop(signal.SIGQUIT)
        time.sleep(self.random.uniform(0, 1.5))
        self.services[1].start()
