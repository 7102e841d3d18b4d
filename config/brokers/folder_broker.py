"""Celery's messages in a folder, for a start without Redis.

kombu has a transport like this, but it writes messages in place, so that a reader which polls at the wrong moment
loses them, and it keeps what it has read or moves it to another file system. Here a message is renamed into its queue
when it is whole, and renamed out of it by the one reader that gets it: a rename on one file system happens or does
not. A message that was taken is forgotten when its process is killed; the database knows what is still to do.
"""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any, ClassVar

from kombu import transport
from kombu.transport import virtual
from kombu.utils.json import dumps, loads

LONGEST_WAIT = 0.5  # seconds


class Channel(virtual.Channel):
    """One folder per queue, and one for messages that are being written or read."""

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        unfinished = self._rim / f"{time_ns():020}-{uuid.uuid4()}"
        unfinished.write_text(dumps(message))
        unfinished.rename(self._folder(queue) / unfinished.name)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of the queue, which no other reader gets then; raise Empty if there is none."""
        for waiting in self._waiting(queue):
            taken = self._rim / f"{waiting.name}-{uuid.uuid4()}"
            with suppress(FileNotFoundError):  # another reader was faster
                waiting.rename(taken)
                text = taken.read_text()
                taken.unlink()
                return loads(text)
        raise Empty

    def _size(self, queue: str) -> int:
        return sum(1 for _ in self._waiting(queue))

    def _purge(self, queue: str) -> int:
        return sum(1 for waiting in self._waiting(queue) if _removed(waiting))

    def _waiting(self, queue: str) -> Iterator[Path]:
        return iter(sorted(self._folder(queue).iterdir()))

    @property
    def _rim(self) -> Path:
        return self._folder("being-moved")

    def _folder(self, name: str) -> Path:
        client: Any = self.connection.client
        folder = Path(client.transport_options["folder"]) / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _removed(message: Path) -> bool:
    with suppress(FileNotFoundError):
        message.unlink()
        return True
    return False


class Transport(virtual.Transport):
    """Direct exchanges only: without fan-out Celery starts no remote control, which would need a table to share."""

    Channel = Channel
    default_connection_params: ClassVar[dict[str, Any]] = {}
    driver_type = "folder"
    driver_name = "folder"

    implements = virtual.Transport.implements.extend(exchange_type=frozenset(["direct"]))

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Wait for a shorter time than was asked for: between two waits Celery looks whether it should stop."""
        super().drain_events(connection, timeout and min(timeout, LONGEST_WAIT))

    def driver_version(self) -> str:
        return "1"


transport.TRANSPORT_ALIASES |= {
    "folder": "config.brokers.folder_broker:Transport",
    "redis": "config.brokers.redis_broker:Transport",
    "rediss": "config.brokers.redis_broker:Transport",
}
