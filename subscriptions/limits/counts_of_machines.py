"""Counts that all web servers add to, in Redis, where there is one: what one network asks of two machines is one sum.

They are kept in the cells of shared_counts, so that no number of networks takes more room in the broker's Redis, and
are gone after two windows. Redis may be away: then each machine counts for itself, and asks it again a little later.
"""

import logging
from collections.abc import Sequence
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)
PATIENCE = 0.25  # seconds that a request waits for Redis
REST = 10.0  # seconds after which a Redis that did not answer is asked again
NAME = "paper_round:asked:{window}:{number}"


class CountsOfMachines:
    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._rests_until = float("-inf")
        self._lock = Lock()

    def add(self, window: int, number: int, places: Sequence[int]) -> int:
        """Add one at each of these places in the window of so many seconds and that number; return the least count.

        0 where there is no Redis, or none that answers.
        """
        if not settings.REDIS_URL or monotonic() < self._rests_until:
            return 0
        import redis  # only where it is used: it takes a megabyte

        try:
            return self._added(NAME.format(window=window, number=number), 2 * window, places)
        except (redis.RedisError, OSError) as error:
            self._rest(error)
            return 0

    def _added(self, name: str, seconds: int, places: Sequence[int]) -> int:
        pipeline = self._client(settings.REDIS_URL).pipeline(transaction=False)
        for place in places:
            pipeline.hincrby(name, str(place), 1)
        pipeline.expire(name, seconds)
        return int(min(pipeline.execute()[: len(places)]))

    def _client(self, url: str) -> Any:
        with self._lock:
            if url not in self._clients:
                self._clients[url] = _connect(url)
            return self._clients[url]

    def _rest(self, error: Exception) -> None:
        if self._rests_until == float("-inf"):
            logger.warning("Redis does not answer (%s): each machine counts requests for itself.", type(error).__name__)
        self._rests_until = monotonic() + REST

    def forget(self) -> None:
        """Ask Redis again at once."""
        self._rests_until = float("-inf")


def _connect(url: str) -> Any:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    limits: dict[str, Any] = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return redis.Redis.from_url(url, **limits, retry=Retry(NoBackoff(), 0), max_connections=64)


counts_of_machines = CountsOfMachines()
