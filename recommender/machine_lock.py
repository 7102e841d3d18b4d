"""One process of a machine at a time: what each machine makes for itself is made by one, and the others find it made.

The kernel gives the lock back when its process ends, however it ends; so nothing of it goes stale.
"""

import fcntl
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

logger = logging.getLogger(__name__)
POLL = 0.25  # seconds


@contextmanager
def held(path: Path, longest: float = 600.0) -> Iterator[bool]:
    """Hold the lock of a file, made with its folder where it is missing, while the block runs; yield whether it does.

    After waiting for longest seconds the block runs without it: what it does is done twice then, and still right. The
    same where the file cannot be made. A process does not wait for itself: its threads need a lock of their own.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
    except OSError as error:
        logger.warning("Nothing can be locked in %s: %s", path.parent, error)
        yield False
        return
    with file:
        yield _wait(file.fileno(), longest)


def _wait(descriptor: int, longest: float) -> bool:
    until = time.monotonic() + longest
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(POLL)
        except OSError:  # a file system without locks
            return False
