"""How often one network may ask for a preview."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock

from django.conf import settings
from django.http import HttpRequest

from papers import periods
from papers.shared_clock import now
from subscriptions.limits import client_address, rate_buckets
from subscriptions.limits.shared_counts import hourly

ENOUGH = (
    "Very many previews were asked for from your network, so there are no more of them until the next full hour. "
    "You can sign up all the same: your interests count as you wrote them, and can be changed later."
)
AT_ONCE = 20  # that a process takes from the shared allowance, so that not every preview writes to the database
NETWORKS = 10_000  # of which a process knows what is left
NONE_LEFT = -1
_left: OrderedDict[str, tuple[datetime, int]] = OrderedDict()  # by the network's secret key: the hour, and how many
_lock = Lock()


def may_preview(request: HttpRequest) -> bool:
    """Use up one preview of the network's hour; return False where none is left, for which ENOUGH has the words.

    A link that fills the page is counted in memory: to open it changes nothing in the database.
    """
    network = client_address.network(request)
    return may_preview_from(network, now()) if request.method == "POST" else may_look_from(network, now())


def may_preview_from(network: str, moment: datetime) -> bool:
    """Use up one preview of this network's hour, as may_preview does."""
    key, hour = rate_buckets.secret_key("preview", network), periods.beginning(moment, rate_buckets.HOUR)
    left = _one_of(key, hour)
    if left:
        return left > 0
    limit = settings.PREVIEWS_PER_NETWORK
    taken = rate_buckets.take_some(key, AT_ONCE, limit=limit, period=rate_buckets.HOUR, now=moment)
    _keep(key, hour, taken - 1)
    return taken > 0


def may_look_from(network: str, moment: datetime) -> bool:
    """Use up one preview of as many that are shown to a network by links in an hour, and write nothing."""
    return not hourly.take(f"look {network}", settings.PREVIEWS_PER_NETWORK, moment.timestamp)


def _one_of(key: str, hour: datetime) -> int:
    """Use up one of what this process has of the hour; return how many it had, NONE_LEFT where all have none."""
    with _lock:
        of_hour, left = _left.get(key, (hour, 0))
        if of_hour != hour:
            return 0
        if left > 0:
            _left[key] = hour, left - 1
        return left


def _keep(key: str, hour: datetime, more: int) -> None:
    with _lock:
        of_hour, left = _left.pop(key, (hour, 0))
        _left[key] = hour, more if of_hour != hour or left <= 0 else left + more
        if len(_left) > NETWORKS:
            _left.popitem(last=False)


def forget() -> None:
    """Ask the database again about every network."""
    _left.clear()
