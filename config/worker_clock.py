"""Keep a worker from taking work while its machine's clock is off: its children look at each task, it when one is."""

import logging
from datetime import timedelta
from multiprocessing import RawValue
from typing import Any

from celery import bootsteps
from celery.signals import task_prerun, worker_process_init
from django.db import Error, connection

from papers import shared_clock
from subscriptions.digests import zone_changes

logger = logging.getLogger(__name__)
LOOK_AGAIN = 5.0  # seconds
ahead = RawValue("d", 0.0)  # seconds that a child saw last, in memory that a fork shares


@worker_process_init.connect
def begin(**kwargs: Any) -> None:
    """Look at each task from now on: behind Celery's own receiver, which closes connections."""
    task_prerun.connect(look)


def look(**kwargs: Any) -> None:
    """Look at the database's clock before a task; one that is away is the task's own trouble."""
    try:
        ahead.value = shared_clock.look().total_seconds()
    except Error:
        connection.close()


class Guard(bootsteps.StartStopStep):
    """Stops taking messages from the queues while the clock is off, and begins again when it is right.

    Messages carry times of the machines that sent them: to a clock that is ahead all of them are too old, and a worker
    that goes by it throws away what others could do.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)
    _left: tuple[str, ...] = ()
    _has_looked = False  # a database that is away when the worker begins may come later

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        self._timer: Any = None
        super().__init__(parent, **kwargs)

    def start(self, parent: Any) -> None:
        self._look(parent)
        self._timer = parent.timer.call_repeatedly(LOOK_AGAIN, self._look_if_needed, (parent,))

    def stop(self, parent: Any) -> None:
        if self._timer:
            self._timer.cancel()

    shutdown = stop

    def _look_if_needed(self, consumer: Any) -> None:
        if not self._has_looked or self._left or shared_clock.was_set() or self._a_child_saw_it_off():
            self._look(consumer)

    def _a_child_saw_it_off(self) -> bool:
        return shared_clock.is_off(timedelta(seconds=ahead.value))

    def _look(self, consumer: Any) -> None:
        """Look from the main process, which else asks the database nothing, and leave no connection to its children."""
        try:
            is_off, self._has_looked = shared_clock.is_off(shared_clock.look()), True
            ahead.value = shared_clock.ahead().total_seconds()
            if is_off != bool(self._left):
                zone_changes.note("worker", shared_clock.now())
        except Error as error:
            logger.warning("The database's clock could not be looked at: %s", error)
            return
        finally:
            connection.close()
        if is_off and not self._left:
            self._leave(consumer)
        elif self._left and not is_off:
            self._return(consumer)

    def _leave(self, consumer: Any) -> None:
        self._left = tuple(consumer.app.amqp.queues.consume_from)
        for queue in self._left:
            consumer.cancel_task_queue(queue)
        logger.error(
            "This machine's clock is %s: this worker takes no work until they agree within a minute. Let both machines"
            " keep their time by NTP (timedatectl set-ntp true).",
            shared_clock.in_words(shared_clock.ahead()),
            extra={"event": "clock_is_off"},
        )

    def _return(self, consumer: Any) -> None:
        for queue in self._left:
            consumer.add_task_queue(queue)
        self._left = ()
        logger.warning("This machine's clock is right again, and work is taken.", extra={"event": "clock_is_right"})
