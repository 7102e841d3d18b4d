"""Whose turn it is to ask a host: one request at a time and a rest after it, over all processes and machines.

A turn is a row, and its time is the database's, so that workers on several machines need no common clock. It is taken
by one conditional UPDATE, and ends by itself when the process that holds it was killed.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import uniform
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from papers.models import Turn
from papers.periods import LONG_AGO

PATIENCE = timedelta(minutes=5)  # a host that is not to be asked for longer is left to a later run
POLL = 0.1  # seconds between two looks at a turn that somebody else holds


class Busy(Exception):
    """The host is not to be asked within PATIENCE; wait says for how long, as far as is known."""

    def __init__(self, host: str, wait: timedelta) -> None:
        super().__init__(f"{host} is not to be asked for {wait.total_seconds():.0f} s")
        self.wait = wait


@dataclass(slots=True)
class Held:
    """A turn that is ours; whoever holds it may lengthen the rest that follows."""

    host: str
    rest: timedelta
    key: UUID = field(default_factory=uuid4)


@contextmanager
def turn(host: str, longest: timedelta) -> Iterator[Held]:
    """Wait for our turn with host, hold it at most for longest while the block runs, then let it rest; raise Busy."""
    held = Held(host, rest=timedelta(seconds=settings.SOURCE_PAUSE))
    wait_for(held, longest)
    try:
        yield held
    finally:
        Turn.objects.filter(host=host, holder=held.key).update(holder=None, free_at=_from_now(held.rest))


def wait_for(held: Held, longest: timedelta) -> None:
    """Take the turn as soon as it is free; raise Busy."""
    end = time.monotonic() + PATIENCE.total_seconds()
    Turn.objects.bulk_create([Turn(host=held.host, free_at=LONG_AGO)], ignore_conflicts=True)
    while not _take(held, longest):
        wait = _wait(held.host)
        if time.monotonic() + wait > end:
            raise Busy(held.host, timedelta(seconds=wait))
        # Not all who wait at the same moment.
        time.sleep(wait + uniform(0, POLL))


def _take(held: Held, longest: timedelta) -> bool:
    free = Turn.objects.filter(host=held.host, free_at__lte=Now())
    return free.update(holder=held.key, free_at=_from_now(longest)) == 1


def _wait(host: str) -> float:
    """Return the seconds after which to try again: a turn that is held may end any moment, a rest has a known end."""
    turns = Turn.objects.filter(host=host).annotate(now=Now())
    holder, free_at, now = turns.values_list("holder", "free_at", "now").get()
    return POLL if holder else max((free_at - now).total_seconds(), 0.0)


def _from_now(wait: timedelta) -> Combinable:
    return ExpressionWrapper(Now() + Value(wait, DurationField()), DateTimeField())
