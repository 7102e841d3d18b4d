"""Tell the workers that there is something to do. A lost nudge costs a minute: the database is the queue."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def nudge(task: str, *args: object) -> None:
    """Call a task by name once the transaction at hand is committed; an unreachable broker is only logged."""
    transaction.on_commit(partial(_send, task, args))


def _send(task: str, args: tuple[object, ...]) -> None:
    try:
        current_app.send_task(f"subscriptions.tasks.{task}", args=args, expires=300)
    except (OperationalError, OSError) as error:
        logger.warning("The broker could not be reached (%s); %s waits for the next minute.", error, task)
