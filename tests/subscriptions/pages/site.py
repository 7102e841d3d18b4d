"""The site in small for tests that hurt it: a worker with two children, sending to a mail server that keeps count."""

import sqlite3
import subprocess
from contextlib import closing
from typing import Any

import psycopg

from tests.fakes.odds import accepted
from tests.racing import line, python
from tests.services import FaultySmtp, RedisServer, eventually
from tests.stack import Stack

OPEN = {"planned", "sending"}
GROW = """
from datetime import timedelta
from django.utils.timezone import now
from subscriptions import lifecycle, tasks
from subscriptions.digests import planning
from subscriptions.models import Subscriber
from tests.chaos import world
world.grow({people}, now() - timedelta(minutes=1), timedelta(minutes=1))
tasks.plan_due_digests()
{then}
"""
# As an operator sets it, so that what differs without DEBUG, such as prepared statements, is tried too.
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "a long and random secret of these tests, used nowhere else at all",
    "ALLOWED_HOSTS": "papers.example.org,127.0.0.1",
    "SITE_URL": "https://papers.example.org",
    "INSTANCE_ID": "site",
    "SPREAD_MINUTES": "0",
    "EDITION_WAIT_MINUTES": "0",
}
TICK = """
import sys
from django.db import connection
from subscriptions import tasks
for line in sys.stdin:
    tasks.plan_due_digests()
    tasks.sweep()
    connection.close()
    print("done", flush=True)
"""


def migrated(url: str) -> str:
    """The same database with all tables."""
    stack = Stack(**PRODUCTION, DATABASE_URL=url, EMAIL_URL="smtp://127.0.0.1:9")
    stack.manage("migrate", "-v0")
    stack.remove()
    return url


def owned(url: str) -> str:
    """The same database, with all tables, as that of the installation of PRODUCTION, which sends from no other."""
    statement = f"UPDATE subscriptions_control SET instance_id = '{PRODUCTION['INSTANCE_ID']}'"
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file, file:
            file.execute(statement)
    else:
        with psycopg.connect(url) as connection:
            connection.execute(statement)
    return url


class Site:
    """On a migrated database, and with the folder broker unless there is a Redis.

    Leases end soon, and what is in flight is soon uncertain.
    """

    def __init__(self, url: str, sink: FaultySmtp, redis: RedisServer | None = None) -> None:
        assert sink.ledger
        self.url, self.sink, self.ledger = url, sink, sink.ledger.file
        self.stack = Stack(
            **PRODUCTION,
            DATABASE_URL=url,
            REDIS_URL=redis.url if redis else "",
            EMAIL_URL=f"smtp://127.0.0.1:{sink.port}",
            UNCERTAIN_AFTER_SECONDS="5",
            LEASE_SECONDS="5",
        )
        self._ticker: subprocess.Popen[str] | None = None

    def close(self) -> None:
        if self._ticker:
            self._ticker.communicate()
        self.stack.kill()
        self.stack.remove()

    def grow(self, people: int, then: str = "") -> None:
        """So many digests are planned, and the workers have been told."""
        self.stack.manage("shell", "-v0", "-c", GROW.format(people=people, then=then))

    def rows(self, statement: str) -> list[Any]:
        """What a statement answers; its changes are kept."""
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20)) as file, file:
                return file.execute(statement).fetchall()
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload, no-any-return]

    def statuses(self) -> dict[str, str]:
        return {
            bytes(name).hex(): status for name, status in self.rows("SELECT handle, status FROM subscriptions_digest")
        }

    def taken(self) -> dict[str, int]:
        return accepted(self.ledger)

    def has_ended(self) -> bool:
        return not OPEN & set(self.statuses().values())

    def tick(self) -> None:
        """Plan, tell the workers what waits, and sweep, as beat has them do each minute."""
        self._ticker = self._ticker or python(TICK, **self.stack.environment)
        print("go", file=self._ticker.stdin, flush=True)
        assert line(self._ticker) == "done"

    def tick_until_taken(self, more: int) -> None:
        """So many mails have been accepted since, or all have ended."""
        enough = sum(self.taken().values()) + more
        eventually(lambda: self.tick() or sum(self.taken().values()) >= enough or self.has_ended(), 120, self._log)

    def tick_until_all_has_ended(self, seconds: float = 120) -> None:
        """By then leases are over, and what was in flight is uncertain."""
        eventually(lambda: self.tick() or self.has_ended(), seconds, self._log)

    def check(self) -> None:
        """Each mail left once, and what is not sure is called so."""
        statuses, taken = self.statuses(), self.taken()
        assert set(taken.values()) <= {1}
        assert {name for name, status in statuses.items() if status == "sent"} <= set(taken)
        assert {statuses[name] for name in taken} <= {"sent", "uncertain"}

    def _log(self) -> str:
        return self.stack.log("mail")[-6000:]
