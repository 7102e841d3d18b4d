"""Workers and beat give signs of life, by which whoever watches over them sees that they work and do not only exist.

A worker's sign comes from its main loop, which hands out the tasks; the processes that do them are watched over by
that, with the limits of their tasks. The worker of the solo pool does its tasks in the main loop itself: while it is
at one, its next sign is due when the task must have ended.
"""

import atexit
import logging
import os
import socket
from functools import cache
from typing import Any

from celery import beat, bootsteps, signals

from subscriptions.operations import life_signs

logger = logging.getLogger(__name__)
PERIOD = 5.0  # seconds
PATIENCE = 60.0  # seconds; a machine that is busy is not dead
LONGEST_TASK = 3600.0  # seconds; the solo pool ends none, and its tasks are as slow as the machine
_given: dict[str, int] = {}  # by the name of each sign of this process its process id: a fork gives none


def begin(name: str) -> None:
    """Leave the first sign; without room on the disk for it the process works all the same."""
    _given[name] = os.getpid()
    try:
        life_signs.begin(name, PATIENCE)
    except OSError as error:
        _tell(str(error))


def give(patience: float = 0) -> None:
    """Give the signs of this process; the next one comes within so many seconds more than usual."""
    for name, process in _given.items():
        if process == os.getpid():
            _give(name, patience + PATIENCE)


def _give(name: str, patience: float) -> None:
    try:
        life_signs.give(name, patience)
    except FileNotFoundError:  # somebody emptied VAR_DIR, or there was no room before
        begin(name)
    except OSError as error:
        _tell(str(error))


@cache
def _tell(problem: str) -> None:
    """Log once what would be said every five seconds."""
    logger.warning("No sign of life can be left in %s: %s", life_signs.folder(), problem)


@atexit.register
def end() -> None:
    for name, process in _given.items():
        if process == os.getpid():
            life_signs.end(name)


class SignsOfWorker(bootsteps.StartStopStep):
    """Part of a worker: signs by the timer of its main loop."""

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def start(self, parent: Any) -> None:
        begin(parent.hostname)
        parent.timer.call_repeatedly(PERIOD, give)


@signals.worker_shutting_down.connect
def wait_for_the_last(**kwargs: Any) -> None:
    """Let the worker end what it has begun, without its loop."""
    give(LONGEST_TASK)


@signals.task_prerun.connect
def begin_task(**kwargs: Any) -> None:
    give(LONGEST_TASK)


@signals.task_postrun.connect
def end_task(**kwargs: Any) -> None:
    give()


class Scheduler(beat.Scheduler):
    """Celery's scheduler in memory, with a sign at each turn."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begin(f"beat@{socket.gethostname()}")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        wait = float(super().tick(*args, **kwargs))
        give(wait)
        return wait
