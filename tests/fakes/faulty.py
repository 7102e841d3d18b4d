"""A server in a thread of this process, and one that can fail."""

import threading
from socketserver import BaseServer
from typing import Self

from tests.fakes.odds import Ledger, Odds


class Serving:
    """Serves from the beginning of a block to its end; whoever is kept waiting for released is let go then."""

    server: BaseServer

    def __init__(self) -> None:
        self.released = threading.Event()

    def __enter__(self) -> Self:
        # A short poll, because stop() waits for the end of one.
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


class Faulty(Serving):
    """Fails by odds, which mode sets for good, and writes into a ledger what it took over."""

    def __init__(self, odds: Odds | None, ledger: Ledger | None) -> None:
        super().__init__()
        self.odds, self.ledger = odds or Odds(), ledger

    @property
    def mode(self) -> str:
        return self.odds.always

    @mode.setter
    def mode(self, mode: str) -> None:
        self.odds.always = mode
