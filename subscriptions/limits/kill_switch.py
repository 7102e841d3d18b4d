"""The kill switch, and which instance may send for this database."""

import logging
from datetime import datetime

from django.conf import settings

from papers import shared_clock, zone_rules
from subscriptions.models import Control, StopReason

logger = logging.getLogger(__name__)


def ensure() -> Control:
    """Return the one row, after making it for this instance where there is none yet."""
    mine = {"instance_id": settings.INSTANCE_ID, "zone_rules": zone_rules.in_use().version}
    return Control.objects.get_or_create(pk=1, defaults=mine)[0]


def note_tick(now: datetime) -> None:
    """Note that planning has run: the beat ticks, the broker carries its messages, and a worker hears them."""
    Control.objects.filter(pk=1).update(last_tick_at=now)


def is_mine() -> bool:
    """Tell whether the database belongs to this instance, stopped or not: a restored copy must not pass for it."""
    return Control.objects.filter(instance_id=settings.INSTANCE_ID).exists()


def may_send() -> bool:
    """Tell whether any mail may leave: every claim asks again for itself."""
    return settings.SENDING_ENABLED and Control.objects.letting_mail_out().exists()


def stop(reason: StopReason, note: str, now: datetime) -> bool:
    """Stop all sending until somebody resumes it; return False if it was stopped before, whose reason stays."""
    going = Control.objects.filter(stopped_at__isnull=True)
    stopped = going.update(stopped_at=now, stopped_because=reason, note=note) == 1
    if stopped:
        logger.error("All sending is stopped: %s %s", reason.label, note, extra={"event": "sending_stopped"})
    return stopped


def resume(now: datetime | None = None) -> bool:
    """Let mail leave again; return False if it was not stopped. Earlier bounces then count no more."""
    stopped = Control.objects.filter(stopped_at__isnull=False)
    resumed_at = now or shared_clock.now()
    return stopped.update(stopped_at=None, stopped_because="", note="", resumed_at=resumed_at) == 1


def adopt() -> None:
    """Make this instance, by its INSTANCE_ID, the one that sends for this database."""
    Control.objects.filter(pk=ensure().pk).update(instance_id=settings.INSTANCE_ID)
