"""Tell the workers that digests wait. A message names none of them: what waits is a question to the database."""

import logging
from datetime import datetime
from math import ceil
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

from subscriptions.digests.planning import BATCH
from subscriptions.models import Digest

logger = logging.getLogger(__name__)
TASK = "subscriptions.tasks.deliver_digests"


def dispatch(now: datetime) -> int:
    """Put one message into the queue for each batch that waits and has none yet, up to QUEUE_LIMIT; return how many."""
    waiting = Digest.objects.waiting(now)[: settings.QUEUE_LIMIT * BATCH].count()
    if not waiting:
        return 0
    return _send(min(ceil(waiting / BATCH), settings.QUEUE_LIMIT))


def _send(wanted: int) -> int:
    """Send all messages over one connection; an unreachable broker is only logged."""
    with current_app.connection_for_write() as connection:
        unreachable: Any = (OperationalError, OSError, *connection.connection_errors, *connection.channel_errors)
        try:
            return _fill(connection, wanted)
        except unreachable as error:
            logger.warning("The broker could not be reached (%s); digests wait for the next minute.", error)
            return 0


def _fill(connection: Any, wanted: int) -> int:
    with connection.channel() as channel, current_app.amqp.Producer(channel) as producer:
        missing = max(0, wanted - queued(channel))
        for _ in range(missing):
            current_app.send_task(TASK, producer=producer, expires=300)
    return missing


def queued(channel: Any) -> int:
    return int(channel.queue_declare(queue=settings.DIGEST_QUEUE, durable=True).message_count)
