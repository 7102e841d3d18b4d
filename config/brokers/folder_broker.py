"""Celery's messages in a folder, for a start without Redis.

kombu has a transport like this, but it writes messages in place, so that a reader which polls at the wrong moment
loses them, and it keeps what it has read or moves it to another file system. Here a message is renamed into its queue
when it is whole, and renamed out of it by the one reader that gets it: a rename on one file system happens or does
not. A message that was taken is forgotten when its process is killed; the database knows what is still to do. So
nothing is flushed to the disk either: after a power failure a file may be empty, and what is no message is put aside.
"""

import logging
import os
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

logger = logging.getLogger(__name__)
LONGEST_WAIT = 0.5  # seconds
MOVING, DAMAGED = "being-moved", "damaged"  # folders that are no queues
KEPT_DAMAGED = 100  # files, for whoever looks for the cause; the oldest go


class Channel(virtual.Channel):
    """One folder per queue, one for messages that are being written or read, and one for files that are none."""

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        """Write a message into its queue, whole or not at all; raise OSError, as for a disk that is full."""
        unfinished = self._folder(MOVING) / f"{time_ns():020}-{uuid.uuid4()}"
        try:
            unfinished.write_text(dumps(message))
            unfinished.rename(self._folder(queue) / unfinished.name)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message of the queue, which no other reader gets then; raise Empty if there is none.

        A file that is no message is put aside and named in the log.
        """
        for waiting in self._waiting(queue):
            taken = self._folder(MOVING) / f"{waiting.name}-{uuid.uuid4()}"
            with suppress(FileNotFoundError):  # another reader was faster
                waiting.rename(taken)
                if message := self._read(taken, queue):
                    return message
        raise Empty

    def _read(self, taken: Path, queue: str) -> Any:
        """Return the message of a file and remove that; None for a damaged one."""
        try:
            payload = loads(taken.read_bytes().decode())
            self.message_to_python(payload)
        except Exception as error:  # whatever a damaged file may provoke: the worker has others to take
            self._put_aside(taken, queue, error)
            return None
        taken.unlink()
        return payload

    def _put_aside(self, taken: Path, queue: str, error: Exception) -> None:
        folder = self._folder(DAMAGED)
        logger.error("A message of %s is damaged (%r) and was put aside into %s.", queue, error, folder)
        with suppress(OSError):
            taken.rename(folder / f"{taken.name[:20]}-{queue}-{taken.name[-12:]}")
        for oldest in sorted(_files(folder), key=lambda file: file.name)[:-KEPT_DAMAGED]:
            _removed(oldest)

    def _size(self, queue: str) -> int:
        return sum(1 for _ in self._waiting(queue))

    def _purge(self, queue: str) -> int:
        return sum(1 for waiting in self._waiting(queue) if _removed(waiting))

    def _waiting(self, queue: str) -> Iterator[Path]:
        return iter(sorted(_files(self._folder(queue))))

    def _folder(self, name: str) -> Path:
        client: Any = self.connection.client
        folder = Path(client.transport_options["folder"]) / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _files(folder: Path) -> list[Path]:
    """Return the files of a folder and nothing else: what somebody else put there is not ours to move."""
    with os.scandir(folder) as entries:
        return [Path(entry) for entry in entries if entry.is_file(follow_symlinks=False)]


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
