"""Two machines that send, each through a mail server of its own that keeps count, and one who stands beside them."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.fakes.odds import Ledger
from tests.machines.machine import Machine
from tests.machines.network import Network
from tests.services import FaultySmtp, RedisServer
from tests.subscriptions.pages.site import Site

LONG = bool(os.environ.get("PAPER_ROUND_LONG"))
only_if_long = pytest.mark.skipif(not LONG, reason="takes minutes: PAPER_ROUND_LONG=1 runs it")
# What is given up after a minute is given up after seconds.
SOON = "?connect_timeout=2&keepalives_idle=1&keepalives_interval=1&keepalives_count=3&tcp_user_timeout=4000"


class Sender(NamedTuple):
    machine: Machine
    sink: FaultySmtp

    def handed_over(self) -> int:
        return len(self.sink.accepted)


class Pair(NamedTuple):
    """Two that send, and the site as one who looks into its database sees it."""

    one: Sender
    other: Sender
    site: Site


class Setting(NamedTuple):
    """What machines are put into: the network, their settings, the database's own address, and who ends them."""

    network: Network
    common: dict[str, str]
    url: str
    redis: RedisServer
    machines: ExitStack
    folder: Path

    def pair(self, pace: float = 0.1, names: tuple[str, str] = ("mail-1", "mail-2"), **environment: str) -> Pair:
        """Neither runs yet. Leases end soon, and what is in flight is soon uncertain."""
        short = {"LEASE_SECONDS": "5", "UNCERTAIN_AFTER_SECONDS": "6"}
        ledger = Ledger(self.folder / "ledger")
        one, other = (self._sender(name, ledger, pace, short | environment) for name in names)
        site = Site(self.url, other.sink, self.redis)
        site.stack.environment |= short | environment
        self.machines.callback(site.close)
        return Pair(one, other, site)

    def _sender(self, name: str, ledger: Ledger, pace: float, environment: dict[str, str]) -> Sender:
        sink = self.machines.enter_context(FaultySmtp(ledger=ledger))
        sink.pace = pace
        self.network.let_through(sink.port, self.network.mail_host)
        mail = {"EMAIL_URL": f"smtp://{self.network.mail_host}:{sink.port}"}
        machine = Machine(self.network.place(name), **(self.common | mail | environment))
        self.machines.callback(machine.remove)
        return Sender(machine, sink)
