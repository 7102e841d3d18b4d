"""Go by the database's clock in processes that serve no tasks, web server and beat: look at it every half minute."""

import logging
import time
from threading import Thread

from django.db import Error, connection

from papers import shared_clock
from subscriptions.digests import zone_changes

logger = logging.getLogger(__name__)
EVERY = 30.0  # seconds


class Watch:
    """Looks for one process of a kind, and notes and logs what has changed."""

    def __init__(self, kind: str) -> None:
        self.kind, self._next, self._was_off = kind, 0.0, False

    def look_if_it_is_time(self) -> None:
        if time.monotonic() >= self._next:
            self.look()
            self._next = time.monotonic() + EVERY

    def look(self) -> None:
        """Look once; if the database is away the time goes on from the look before."""
        try:
            is_off = shared_clock.is_off(shared_clock.look())
            zone_changes.note(self.kind, shared_clock.now())
        except Error as error:
            logger.info("The database's clock could not be looked at: %s", error)
            return
        finally:
            connection.close()
        if is_off and not self._was_off:
            line = "This machine's clock is %s, by which this process goes. Let both machines keep their time by NTP."
            logger.error(line, shared_clock.in_words(shared_clock.ahead()), extra={"event": "clock_is_off"})
        self._was_off = is_off


def begin(kind: str) -> None:
    """Watch from now on, in a thread of its own."""
    Thread(target=_go_on, args=(Watch(kind),), daemon=True).start()


def _go_on(watch: Watch) -> None:
    while True:
        watch.look_if_it_is_time()
        time.sleep(EVERY)
