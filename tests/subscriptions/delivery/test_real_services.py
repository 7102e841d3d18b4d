"""Workers, beats, PostgreSQL and Redis as the site runs them, while one of them is stopped or doubled."""

import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.racing import line, pack, race, start
from tests.services import PostgresServer, RedisServer, eventually, migrated_database, migrated_file, program
from tests.stack import MAIL_CHILDREN, Stack
from tests.subscriptions.pages.site import GROW, Site

LEAVE = """
for person in Subscriber.objects.order_by("pk")[:{count}]:
    lifecycle.unsubscribe(person, now())
"""


def test_no_transaction_is_open_while_the_mail_server_is_spoken_to(site: Site) -> None:
    site.sink.mode = "hang"
    site.grow(2)
    site.stack.start("mail")
    eventually(site.taken, 30, lambda: site.stack.log("mail"))
    states = site.rows("SELECT state FROM pg_stat_activity WHERE datname = 'restarts' AND pid <> pg_backend_pid()")
    assert {state for (state,) in states} == {"idle"}
    assert "sending" in site.statuses().values()


def test_whoever_leaves_while_a_thousand_mails_are_queued_gets_none(site: Site) -> None:
    site.grow(1000, LEAVE.format(count=500))
    site.stack.start("mail")
    eventually(site.has_ended, 120, lambda: str(Counter(site.statuses().values())))
    assert Counter(site.statuses().values()) == {"sent": 500, "skipped": 500}
    assert len(site.taken()) == 500
    site.check()


def test_a_database_that_crashes_three_times_doubles_and_loses_nothing(site: Site, postgres: PostgresServer) -> None:
    site.sink.pace = 0.005
    site.grow(900)
    site.stack.start("mail")
    for _ in range(3):
        before = len(site.taken())
        eventually(
            lambda before=before: len(site.taken()) > before + 20 or site.has_ended(),
            60,
            lambda: site.stack.log("mail")[-6000:],
        )  # type: ignore[misc]
        postgres.stop(signal.SIGQUIT)
        postgres.start()
    site.tick_until_all_has_ended()
    site.check()
    assert list(site.statuses().values()).count("uncertain") <= 3 * MAIL_CHILDREN


def test_two_beats_that_run_sixty_times_as_fast_cause_no_second_mail(site: Site) -> None:
    site.grow(200)
    site.stack.start("mail")
    program("faketime", "faketime")
    site.stack.environment |= {"LD_PRELOAD": libfaketime(), "FAKETIME": "+0 x60"}
    site.stack.start("beat", "beat2", wait=False)
    ticks = "Sending due task plan"
    eventually(lambda: all(site.stack.log(name).count(ticks) >= 10 for name in ("beat", "beat2")), 120)
    eventually(site.has_ended, 120)
    assert len(site.statuses()) == 200
    site.check()


def libfaketime() -> str:
    return str(next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1")))


RACE = """
import sys
from datetime import timedelta
from django.utils.timezone import now
from subscriptions.digests import planning
from subscriptions.models import Digest, Run
print("ready", flush=True)
for line in sys.stdin:
    planning.plan(now())
    print(Digest.objects.count(), sum(run.eligible for run in Run.objects.all()), flush=True)
"""
ONLY_GROW = GROW.replace("tasks.plan_due_digests()", "")
DUE_AGAIN = "from subscriptions.models import Subscriber; Subscriber.objects.update(next_digest_at='2020-01-01T00:00Z')"


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_eight_planners_at_once_make_one_digest_for_each(
    postgres: PostgresServer, database: str, tmp_path: Path
) -> None:
    on_postgres = database == "postgresql"
    url = migrated_database(postgres, "planners") if on_postgres else migrated_file(tmp_path / "planners.sqlite3")
    stack = Stack(DATABASE_URL=url)
    try:
        stack.manage("shell", "-v0", "-c", ONLY_GROW.format(people=1500, then=""))
        with pack(RACE, 8, DATABASE_URL=url) as planners:
            start(planners)
            assert {line(one) for one in planners} <= {f"{count} {count}" for count in range(1501)}
            print("go", file=planners[0].stdin, flush=True)  # and when all of them have planned
            assert line(planners[0]) == "1500 1500"
    finally:
        stack.remove()


TAKE = """
from django.utils.timezone import now
from subscriptions.limits import rate_buckets
print("ready", flush=True)
input()
moment = now()
print(sum(rate_buckets.take("race", 1, limit=10**6, period=rate_buckets.DAY, now=moment) for _ in range(150)))
"""


def test_three_writers_on_sqlite_never_find_it_locked(tmp_path: Path) -> None:
    url = migrated_file(tmp_path / "writers.sqlite3")
    stack = Stack(DATABASE_URL=url)
    try:
        assert race(TAKE, 3, DATABASE_URL=url) == [150] * 3
    finally:
        stack.remove()


MEMORY = """
import re
from pathlib import Path
from django.utils.timezone import now
from subscriptions.delivery import queue
from subscriptions.digests import planning
from subscriptions.people.addresses import address_hash
from subscriptions.models import Subscriber
moment = now()
for start in range(0, 20_000, 1000):
    Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@example.org", address_hash=n.to_bytes(16, "big"), status="active",
                   confirmed_at=moment, next_digest_at=moment) for n in range(start, start + 1000))
print(planning.plan(moment), queue.dispatch(moment), queue.dispatch(moment),
      int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
"""


def test_twenty_thousand_who_are_due_fill_neither_the_queue_nor_the_memory(
    redis_server: RedisServer, redis_url: str, tmp_path: Path
) -> None:
    stack = Stack(DATABASE_URL=migrated_file(tmp_path / "many.sqlite3"), REDIS_URL=redis_url, QUEUE_LIMIT="100")
    try:
        planned, told, told_again, megabytes = map(int, stack.manage("shell", "-v0", "-c", MEMORY).split()[-4:])
    finally:
        stack.remove()
    assert (planned, told, told_again) == (20_000, 100, 0)
    assert redis_server.client().llen("digests") == 100
    assert megabytes < 300
