"""A fake mail provider or mail server as a process of its own, which can be killed and comes back knowing everything.

Usage: python -m tests.fakes.process provider|smtp PORT SEED ODDS LEDGER
"""

import signal
import sys
from pathlib import Path

from tests.fakes.mail_servers import FaultySmtp
from tests.fakes.odds import Ledger, Odds, write_odds
from tests.fakes.provider import Provider
from tests.processes import ROOT, Service, can_connect, process_environment

FAKES = {"provider": Provider, "smtp": FaultySmtp}


class Fake(Service):
    """Starts and kills the process; what it took over stands in ledger, through all its lives."""

    def __init__(self, kind: str, seed: int) -> None:
        super().__init__()
        self.kind, self.seed = kind, seed
        self.odds, self.ledger = self.folder / "odds", self.folder / "ledger"
        self.fail(ok=1)

    def fail(self, **weights: float) -> None:
        """From now on, each call by chance in one of these modes."""
        write_odds(self.odds, weights)

    def command(self) -> list[str]:
        parts = (self.kind, self.port, self.seed, self.odds, self.ledger)
        return [sys.executable, "-m", "tests.fakes.process", *map(str, parts)]

    def environment(self) -> dict[str, str]:
        return process_environment(PYTHONPATH=str(ROOT))

    def is_ready(self) -> bool:
        return can_connect(self.port)


def main(kind: str, port: str, seed: str, *files: str) -> None:
    odds, ledger = map(Path, files)
    with FAKES[kind](port=int(port), odds=Odds(odds, int(seed)), ledger=Ledger(ledger)):
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
