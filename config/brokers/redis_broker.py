"""kombu's transport for Redis, but a connection that was given up counts as one that is lost.

When Redis goes away Celery gives its connection up, and then closes its channels, which want to put back what was not
acknowledged. kombu looks for the address of a connection that is no more and raises AttributeError, which no one
expects: the worker ends. As an error of the connection it is ignored, and the worker asks for Redis again. What was not
put back comes after the visibility timeout, and is a hint anyway: what is to do stands in the database.
"""

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as ConnectionLost


class Channel(redis.Channel):
    def _get_pool(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise ConnectionLost("This connection to Redis was given up.")
        return super()._get_pool(asynchronous=asynchronous)  # type: ignore[misc]


class Transport(redis.Transport):
    Channel = Channel
