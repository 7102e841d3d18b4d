"""The kill switch, and which instance may send for this database."""

import logging
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from subscriptions.models import Control, StopReason

logger = logging.getLogger(__name__)


def ensure() -> Control:
    """The one row; made for this instance where there is none yet."""
    return Control.objects.get_or_create(pk=1, defaults={"instance_id": settings.INSTANCE_ID})[0]


def may_send() -> bool:
    """Whether any mail may leave: what every claim asks again for itself."""
    return settings.SENDING_ENABLED and Control.objects.open().exists()


def stop(reason: StopReason, note: str, now: datetime) -> bool:
    """Stop all sending until somebody resumes it; False if it was stopped before, whose reason stays."""
    going = Control.objects.filter(stopped_at__isnull=True)
    stopped = going.update(stopped_at=now, stopped_because=reason, note=note) == 1
    if stopped:
        logger.error("All sending is stopped: %s %s", reason.label, note)
    return stopped


def resume(now: datetime | None = None) -> bool:
    """Let mail leave again; False if it was not stopped. What came back of mails before now stops it no more."""
    stopped = Control.objects.filter(stopped_at__isnull=False)
    resumed_at = now or timezone.now()
    return stopped.update(stopped_at=None, stopped_because="", note="", resumed_at=resumed_at) == 1


def adopt() -> None:
    """Make this instance, by its INSTANCE_ID, the one that sends for this database."""
    Control.objects.filter(pk=ensure().pk).update(instance_id=settings.INSTANCE_ID)
