"""Workers that are killed, stopped, given a message twice, or left without room on the disk, while mails flow.

In small with the other tests; with PAPER_ROUND_LONG=1 for minutes and with thousands of mails.
"""

import os
import random
import re
import signal
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import psycopg

from tests.services import FaultySmtp, PostgresServer, RedisServer, eventually, fresh_database, migrated_file
from tests.stack import Stack
from tests.subscriptions.pages.site import Site, migrated, owned
from tests.volume import fill, small_volume

LONG = bool(os.environ.get("PAPER_ROUND_LONG"))
Amount = TypeVar("Amount")


def full(short: Amount, long: Amount) -> Amount:
    return long if LONG else short


def tell(site: Site, **figures: int) -> None:
    """For whoever runs with -s or -rP."""
    print(f"{figures}, {dict(Counter(site.statuses().values()))}, {len(site.taken())} accepted")  # noqa: T201


def test_workers_that_are_killed_at_any_moment_double_and_lose_nothing(site: Site) -> None:
    kills, people = full((4, 40), (50, 500))
    seed = random.randrange(10**6)
    tell(site, seed=seed)
    chance = random.Random(seed)
    site.sink.pace = 0.05
    site.grow(people)
    killed = 0
    for _ in range(kills):
        start_unless_running(site.stack)
        site.tick_until_taken(chance.randint(1, people // kills))
        killed += kill(site.stack, chance)
    start_unless_running(site.stack)
    site.tick_until_all_has_ended()
    site.check()
    tell(site, kills=kills, killed=killed)
    assert set(site.statuses().values()) <= {"sent", "uncertain"}
    assert list(site.statuses().values()).count("uncertain") <= killed


def start_unless_running(stack: Stack) -> None:
    if "mail" not in stack.processes:
        stack.start("mail")


def kill(stack: Stack, chance: random.Random) -> int:
    """One child, or the worker and all its children; how many of them could have had a mail in flight."""
    children = eventually(lambda: stack.children("mail"))
    if chance.random() < 0.5:
        stack.kill("mail")
        return len(children)
    return stack.signal_process(chance.choice(children), signal.SIGKILL)


def test_workers_that_are_stopped_one_time_after_another_end_what_they_began(site: Site) -> None:
    restarts, people = full((3, 400), (20, 2000))
    site.sink.pace = full(0.05, 0.01)  # however fast a worker starts, there is work left after the last restart
    site.grow(people)
    for _ in range(restarts):
        site.stack.start("mail")
        site.tick_until_taken(1)
        assert not site.has_ended()
        site.stack.stop("mail")
    site.stack.start("mail")
    site.tick_until_all_has_ended()
    site.check()
    tell(site, restarts=restarts)
    assert set(site.statuses().values()) == {"sent"}


def give_out_again_after(site: Site, seconds: int) -> None:
    site.stack.app = "tests.subscriptions.signup.impatient"
    site.stack.environment |= {"VISIBILITY_SECONDS": str(seconds), "LEASE_SECONDS": "60"}


def received(site: Site, *names: str) -> Counter[str]:
    """How often each message was given to a worker."""
    logs = "".join(site.stack.log(name, most=10**7) for name in names)
    return Counter(re.findall(r"Task subscriptions\.tasks\.deliver_digests\[(\S+)\] received", logs))


def test_a_message_whose_work_ends_in_time_is_given_out_once(site: Site) -> None:
    timeout, people = full((10, 150), (60, 2000))
    give_out_again_after(site, timeout)
    site.sink.pace = full(0.02, 0.05)
    site.grow(people)
    site.stack.start("mail")
    eventually(site.has_ended, 300)
    site.check()
    times = received(site, "mail")
    tell(site, messages=len(times))
    assert len(times) >= people // 50
    assert set(times.values()) == {1}
    assert set(site.statuses().values()) == {"sent"}


def test_a_message_that_is_given_out_again_while_its_work_goes_on_causes_no_second_mail(site: Site) -> None:
    give_out_again_after(site, 2)
    site.sink.pace = 0.1
    site.grow(full(150, 600))
    site.stack.start("mail", "mail2")
    eventually(site.has_ended, 120)
    times = received(site, "mail", "mail2")
    tell(site, messages=len(times), given_out=times.total())
    assert max(times.values()) > 1
    site.check()
    assert set(site.statuses().values()) == {"sent"}


def test_a_retry_after_a_minute_waits_in_the_database_and_not_in_the_broker(
    site: Site, redis_server: RedisServer
) -> None:
    give_out_again_after(site, 10)
    site.sink.mode = "rcpt 451"
    site.grow(1)
    site.stack.start("mail")
    eventually(lambda: site.rows("SELECT 1 FROM subscriptions_digest WHERE attempts = 1 AND status = 'planned'"))
    site.rows("UPDATE subscriptions_digest SET next_attempt_at = now() + interval '1 minute' RETURNING 1")
    site.sink.mode = "ok"
    site.tick()
    eventually(lambda: not redis_server.client().exists("mail", "digests", "unacked", "unacked_index"))
    assert not site.taken()
    if not LONG:
        site.rows("UPDATE subscriptions_digest SET next_attempt_at = now() RETURNING 1")
    site.tick_until_all_has_ended()
    site.check()
    assert list(site.statuses().values()) == ["sent"]
    tell(site)


def fill_while_mail_flows(site: Site, volume: Path) -> None:
    """One child finds no room in the middle of its batch, the other when it wants to begin one."""
    site.stack.environment["QUEUE_LIMIT"] = "1"
    site.sink.pace = 0.05
    site.grow(150)
    site.stack.start("mail")
    eventually(lambda: len(site.taken()) > 5)
    fill(volume)
    site.stack.manage("shell", "-v0", "-c", "from subscriptions import tasks; tasks.deliver_digests.delay()")


def has_given_up(site: Site, volume: Path, why: str, times: int) -> bool:
    """Messages that the worker could not work off; whatever room becomes free meanwhile is taken."""
    fill(volume)
    return site.stack.log("mail", most=10**7).count(f"raised unexpected: OperationalError({why}") >= times


def check_that_it_goes_on(site: Site, accepted: dict[str, int]) -> None:
    """Nothing was accepted without a claim that the database kept, and all ends well."""
    assert site.stack.processes["mail"].poll() is None
    statuses = site.statuses()
    assert {statuses[name] for name in accepted} <= {"sending", "sent", "uncertain"}
    site.tick_until_all_has_ended()
    site.check()
    tell(site, accepted_before=len(accepted))
    assert set(site.statuses().values()) <= {"sent", "uncertain"}


def test_sqlite_on_a_full_disk_stops_the_mail_until_there_is_room_again(sink: FaultySmtp) -> None:
    with small_volume(20) as volume, closing(Site(owned(migrated_file(volume / "site.sqlite3")), sink)) as site:
        fill_while_mail_flows(site, volume)
        eventually(lambda: has_given_up(site, volume, "'database or disk is full'", full(1, 2)), 120)
        accepted = site.taken()
        fill(volume).unlink()
        check_that_it_goes_on(site, accepted)


def test_postgresql_that_panics_on_a_full_disk_stops_the_mail_until_there_is_room_again(sink: FaultySmtp) -> None:
    with small_volume(120) as volume, closing(PostgresServer(data=volume / "data")) as server:
        server.start()
        with closing(Site(migrated(fresh_database(server, "small")), sink)) as site:
            fill_while_mail_flows(site, volume)
            with suppress(psycopg.OperationalError):  # the log of changes needs a new file now, and there is no room
                server.execute("SELECT pg_switch_wal()")
            eventually(lambda: has_given_up(site, volume, "", full(1, 2)), 120)
            eventually(lambda: fill(volume) and server.has_ended(), 60)  # it cannot recover either
            assert re.search("PANIC: .*No space left on device", (server.folder / "log").read_text())
            accepted = site.taken()
            fill(volume).unlink()
            server.start()
            check_that_it_goes_on(site, accepted)
