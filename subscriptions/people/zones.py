"""The time zone that a subscriber lives by, also where the stored one is not known by the rules."""

import logging
from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

from subscriptions.models import Subscriber
from subscriptions.models.people import zone_names

logger = logging.getLogger(__name__)
FALLBACK = "UTC"
_warned_of: set[str] = set()


def zone_of(name: str) -> tzinfo:
    """Return the zone of that name; UTC, with a warning in the log, where the rules know none."""
    if is_known(name):
        return ZoneInfo(name)
    if name not in _warned_of:
        _warned_of.add(name)
        logger.warning("The rules of time zones know no %r; its readers' hours are taken as UTC.", name[:64])
    return UTC


def is_known(name: str) -> bool:
    return name in zone_names()


def shown_zone(subscriber: Subscriber) -> str:
    """Return the name of the zone in which the subscriber's times are shown."""
    known = is_known(subscriber.timezone)
    return (
        subscriber.timezone.replace("_", " ")
        if known
        else f"UTC, because your time zone {subscriber.timezone} is not known any more"
    )
