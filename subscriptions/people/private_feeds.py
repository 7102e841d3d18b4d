"""Give a reader's feed a secret address, another one, or none."""

from datetime import datetime

from subscriptions.handles import new_handle
from subscriptions.models import PrivateFeed, Subscriber


def make(subscriber: Subscriber, now: datetime) -> PrivateFeed:
    """Return a feed at a new address; an earlier address ends."""
    anew = {"handle": new_handle(), "made_at": now}
    feed, _ = PrivateFeed.objects.update_or_create(subscriber=subscriber, defaults=anew)
    return feed


def end(subscriber: Subscriber) -> bool:
    """Leave the reader without a feed; return False if there is none."""
    return PrivateFeed.objects.filter(subscriber=subscriber).delete()[0] > 0
