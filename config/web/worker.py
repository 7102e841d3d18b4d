"""The web server's worker: gunicorn starts, watches and replaces it, waitress holds its connections."""

import os
import time
from typing import Any

from gunicorn.workers.base import Worker

from config.web.connections import Server, settings_of
from config.web.lanes import Lanes

LOOK = 0.5  # seconds between two looks at what gunicorn wants


class BufferingWorker(Worker):  # type: ignore[misc]
    """Gives a request to one of its threads when all of it has arrived, and takes the whole answer from it at once."""

    def run(self) -> None:
        self.connections: dict[int, Any] = {}
        self.threads = Lanes()
        self.threads.set_thread_count(self.cfg.threads)
        listener = self.sockets[0].sock
        place = (listener.family, listener.type, listener.proto, listener.getsockname())
        self.server = Server(
            self.wsgi,
            self.connections,
            _sock=listener,
            dispatcher=self.threads,
            adj=settings_of(self.cfg.threads, listener),
            sockinfo=place,
            bind_socket=False,
        )
        self._serve()
        self._finish()

    def _serve(self) -> None:
        """Serve until gunicorn says stop, or is gone; it replaces a worker that is silent for its time-out."""
        first: list[Any] = [None] * len(self.threads.lanes)
        while self.alive and self.ppid == os.getppid():
            # Where the same request has been first in its queue for all that time, no thread will ever take it.
            waiting = self.threads.first_in_queues()
            if not any(now and now is before for now, before in zip(waiting, first, strict=True)):
                self.notify()
            first = waiting
            self.server.take_turn(LOOK)

    def _finish(self) -> None:
        """Take nothing new, and let what is under way come to its end, for as long as gunicorn waits."""
        self.server.accepting = False
        over = time.monotonic() + self.cfg.graceful_timeout - LOOK
        while time.monotonic() < over and self._is_busy():
            self.notify()
            self.server.take_turn(0.1)

    def _is_busy(self) -> bool:
        return any(channel.is_under_way for channel in self.server.active_channels.values())
