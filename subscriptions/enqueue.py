"""Tell the workers that there is something to do. A lost message costs a minute: the database is the queue."""

import logging
from functools import partial
from threading import Lock, Timer
from time import monotonic

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)
PACE = 1.0  # seconds between two messages of a process for one task: a flood of forms is one message a second


class LastMessages:
    """The time of the last message for each task, which may be a moment from now."""

    def __init__(self) -> None:
        self._sent_at: dict[str, float] = {}
        self._lock = Lock()

    def delay(self, task: str, now: float) -> float | None:
        """Return the seconds after which to send a message; None where one that is still to be sent does."""
        with self._lock:
            last = self._sent_at.get(task, now - PACE)
            if last > now:
                return None
            self._sent_at[task] = max(now, last + PACE)
            return self._sent_at[task] - now

    def forget(self, task: str | None = None) -> None:
        """Note that the message was not sent after all; without a task, that none was."""
        with self._lock:
            self._sent_at = {name: begins for name, begins in self._sent_at.items() if task not in (name, None)}


last_messages = LastMessages()


def enqueue(task: str) -> None:
    """Have a task called, by its name, soon after the present transaction is committed.

    An unreachable broker is only logged.
    """
    transaction.on_commit(partial(_send, task))


def _send(task: str) -> None:
    delay = last_messages.delay(task, monotonic())
    if delay is None:
        return  # the message that is sent then begins a task that finds what was just written
    if delay:
        Timer(delay, _send_now, (task,)).start()  # here and not in the broker, where nothing waits
    else:
        _send_now(task)


def _send_now(task: str) -> None:
    try:
        current_app.send_task(f"subscriptions.tasks.{task}", expires=300)
    except (OperationalError, OSError) as error:
        last_messages.forget(task)
        logger.warning("The broker could not be reached (%s); %s waits for the next minute.", error, task)
