"""How many digests a second several groups of workers deliver, and what they cost the database and the queue.

Usage: python -m tests.machines.pace [--readers N] [--groups 2] [--children 1,2,4] [--rounds 1]

Each group runs in a network namespace with a mail server of its own; all share one PostgreSQL, whose commits are
durable, and one Redis, at addresses of the network. It needs root on Linux, and ends by itself. The groups share the
cores with PostgreSQL: digests a second show where these are used up. What more machines would do is reckoned from the
processor time that a digest costs each part.
"""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import NamedTuple

import psycopg

from tests.machines.databases import Primary, RedisAt
from tests.machines.machine import Machine
from tests.machines.network import Network
from tests.processes import eventually, free_port, program, say
from tests.stack import Stack
from tests.subscriptions.pages.site import PRODUCTION, migrated

READERS, PAPERS = 6_000, 4_000
GROW = "from subscriptions.benchmarks import crowd; from django.utils.timezone import now; crowd.grow({}, {}, now())"
PLAN = "from subscriptions import tasks; tasks.plan_due_digests.delay()"
LEFT = (
    "SELECT (SELECT count(*) FROM subscriptions_digest WHERE status IN ('planned', 'sending')),"
    " (SELECT count(*) FROM subscriptions_digest WHERE status = 'sent' AND run_id IS NOT NULL)"
)
STEADY = (0.2, 0.9)  # of all digests: the pace between them knows nothing of starts and ends
TICKS = os.sysconf("SC_CLK_TCK")
FREELY = PRODUCTION | {"PROVIDER_RATE_PER_SECOND": "0"}


class Spent(NamedTuple):
    """Seconds of processor time, and what the database has written."""

    workers: float
    database: float
    queue: float
    commits: int
    wal: int  # bytes


class Group(Machine):
    """The mail worker of one machine, with so many children."""

    children_each = 2

    def command(self, name: str) -> str:
        # The namespace is entered by Machine: change what it enters with.
        return re.sub(r" -c \d+ ", f" -c {self.children_each} ", super().command(name))


@contextmanager
def sink_of(group: Group, port: int) -> Iterator[None]:
    """A mail server on the loopback of that machine, which takes all mails and forgets them."""
    words = f"exec {program('smtp-sink', 'postfix')} -u nobody 127.0.0.1:{port} 1024"
    process = Popen(["/bin/sh", "-c", group.place.command(words)], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def seconds_of(process: int, *, with_ended: bool = False) -> float:
    """Return its processor time; with_ended: also that of processes that it has started and buried."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15] if with_ended else fields[11:13])) / TICKS


def spent(groups: list[Group], postgres: Primary, redis: RedisAt, name: str) -> Spent:
    workers = sum(seconds_of(one) for group in groups for one in group.alive())
    main = int((postgres.data / "postmaster.pid").read_text().split()[0])
    sessions = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    database = seconds_of(main, with_ended=True) + sum(seconds_of(int(one)) for one in sessions)
    with redis.client() as client:
        told = client.info("cpu")
    with psycopg.connect(postgres.url("postgres"), autocommit=True) as session:
        commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = %s"
        done, wal = session.execute(
            f"SELECT ({commits}), pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')", [name]
        ).fetchone() or (0, 0)
    return Spent(workers, database, told["used_cpu_user"] + told["used_cpu_sys"], int(done), int(wal))


def delivered(groups: list[Group], postgres: Primary, redis: RedisAt, name: str) -> dict[str, float]:
    """Let the groups deliver all that is due, and return the pace and the costs of a digest between two marks."""
    marks: list[tuple[float, int, Spent]] = []
    groups[0].manage("shell", "-c", PLAN)
    with psycopg.connect(postgres.url(name), autocommit=True) as session:
        due = (session.execute("SELECT count(*) FROM subscriptions_subscriber").fetchone() or (0,))[0]

        def is_done() -> bool:
            left, sent = session.execute(LEFT).fetchone() or (0, 0)
            if len(marks) < len(STEADY) and sent >= STEADY[len(marks)] * due * 0.97:
                marks.append((time.perf_counter(), sent, spent(groups, postgres, redis, name)))
            return len(marks) == len(STEADY) and not left

        eventually(is_done, 900)
    (began, first, before), (ended, last, after) = marks
    count, cost = last - first, [b - a for a, b in zip(before, after, strict=True)]
    names = ("workers_ms", "database_ms", "queue_ms", "commits", "wal_bytes")
    scale = (1000, 1000, 1000, 1, 1)
    each = {name: value * by / count for name, value, by in zip(names, cost, scale, strict=True)}
    return {"digests_a_second": count / (ended - began), **each}


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--readers", type=int, default=READERS)
    asked.add_argument("--groups", type=int, default=2)
    asked.add_argument("--children", default="1,2,4", help="in each group, one round after another")
    asked.add_argument("--rounds", type=int, default=1)
    options = asked.parse_args()
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        if not network.is_apart:
            say("Needs root on Linux, iproute2 and util-linux: each group has a network namespace of its own.")
            return 1
        postgres, redis = Primary(network.host), RedisAt(network.host)
        postgres.fsync = "on"
        stack.callback(postgres.remove)
        stack.callback(redis.remove)
        postgres.start()
        redis.start()
        postgres.execute("CREATE DATABASE crowd")
        say(f"Making {options.readers:,} readers and {PAPERS:,} papers …")
        _grow(postgres.url("crowd"), options.readers)
        for nth in range(options.rounds):
            for children in map(int, options.children.split(",")):
                name = f"round_{nth}_{children}"
                postgres.execute(f"CREATE DATABASE {name} TEMPLATE crowd")
                result = _round(network, postgres, redis, name, options.groups, children)
                say(json.dumps({"groups": options.groups, "children_each": children} | result))
                postgres.execute(f"DROP DATABASE {name} WITH (FORCE)")
    return 0


def _grow(url: str, readers: int) -> None:
    migrated(url)
    stack = Stack(**FREELY, DATABASE_URL=url, EMAIL_URL="smtp://127.0.0.1:9")
    try:
        stack.manage("shell", "-c", GROW.format(readers, PAPERS), seconds=600)
    finally:
        stack.remove()


def _round(
    network: Network, postgres: Primary, redis: RedisAt, name: str, count: int, children: int
) -> dict[str, float]:
    with ExitStack() as stack, redis.client() as client:
        client.flushall()
        groups = []
        for number in range(count):
            port = free_port()
            reached = {"DATABASE_URL": postgres.url(name), "REDIS_URL": redis.url}
            group = Group(network.place(f"mail-{number}"), **FREELY, **reached, EMAIL_URL=f"smtp://127.0.0.1:{port}")
            group.children_each = children
            stack.callback(group.remove)
            stack.enter_context(sink_of(group, port))
            group.start("mail")
            groups.append(group)
        return delivered(groups, postgres, redis, name)


if __name__ == "__main__":
    sys.exit(main())
