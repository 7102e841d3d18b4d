"""PostgreSQL and Redis fail over while two machines send: the standby takes over, an empty Redis at another address."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.machines.databases import Primary, RedisAt, Standby
from tests.machines.network import Network
from tests.machines.sending import Pair, Setting, only_if_long
from tests.services import eventually, migrated_database
from tests.stack import MAIL_CHILDREN

pytestmark = [only_if_long, pytest.mark.usefixtures("apart")]
PEOPLE = 400


@pytest.fixture
def standby(network: Network, primary: Primary) -> Iterator[Standby]:
    migrated_database(primary, "machines")
    server = Standby(network.another_host(), primary)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def redis_at(network: Network) -> Iterator[RedisAt]:
    server = RedisAt(network.host)
    server.start()
    yield server
    server.remove()


@pytest.fixture
def two_databases(
    network: Network,
    settings_of_all: dict[str, str],
    primary: Primary,
    standby: Standby,
    redis_at: RedisAt,
    machines: ExitStack,
    tmp_path: Path,
) -> Setting:
    """Machines know both servers, and take the one that can be written to."""
    to = f"{primary.port}/machines?target_session_attrs=read-write&connect_timeout=3"
    url = f"postgres://postgres@{primary.host},{standby.host}:{to}"  # one port for both, as settings take it
    primary.execute("UPDATE subscriptions_control SET instance_id = 'site'", "machines")
    common = settings_of_all | {"DATABASE_URL": url, "REDIS_URL": redis_at.url}
    for_libpq = url.replace(primary.host, f"{primary.host}:{primary.port}")
    return Setting(network, common, for_libpq, redis_at, machines, tmp_path)


def in_flight(setting: Setting) -> Pair:
    pair = setting.pair(pace=0.1, LEASE_SECONDS="20", UNCERTAIN_AFTER_SECONDS="60")
    pair.site.stack.environment["DATABASE_URL"] = setting.common["DATABASE_URL"]
    for sender in (pair.one, pair.other):
        sender.machine.start("mail", wait=False)
    for sender in (pair.one, pair.other):
        sender.machine.wait_for("mail")
    pair.site.grow(PEOPLE)
    goes_on(pair, 20)
    return pair


def goes_on(pair: Pair, more: int) -> float:
    """Wait until so many more mails have left; return after how many seconds the first of them did."""
    before, began = len(pair.site.taken()), time.monotonic()
    eventually(lambda: len(pair.site.taken()) > before, 120, lambda: pair.one.machine.log("mail"))
    first = time.monotonic() - began
    eventually(lambda: len(pair.site.taken()) >= before + more, 120, lambda: pair.one.machine.log("mail"))
    return first


def tell(what: str, pair: Pair, seconds: float) -> None:
    """For whoever runs with -s or -rP."""
    taken, statuses = pair.site.taken(), list(pair.site.statuses().values())
    twice, uncertain = sum(count > 1 for count in taken.values()), statuses.count("uncertain")
    print(f"{what}: next mail after {seconds:.0f} s, {uncertain} uncertain, {twice} twice")  # noqa: T201


def test_workers_go_on_after_a_restart_of_the_database(two_databases: Setting, primary: Primary) -> None:
    pair = in_flight(two_databases)
    primary.stop()
    primary.start()
    seconds = goes_on(pair, 20)
    pair.site.tick_until_all_has_ended(300)
    pair.site.check()
    assert list(pair.site.statuses().values()).count("uncertain") == 0
    tell("restart", pair, seconds)


def test_a_standby_that_was_waited_for_takes_over_and_no_mail_leaves_twice(
    two_databases: Setting, primary: Primary, standby: Standby
) -> None:
    primary.wait_for_standby(synchronous=True)
    pair = in_flight(two_databases)
    primary.kill_at_once()
    standby.promote()
    seconds = goes_on(pair, 20)
    pair.site.tick_until_all_has_ended(300)
    pair.site.check()
    assert list(pair.site.statuses().values()).count("uncertain") <= 2 * MAIL_CHILDREN
    tell("synchronous standby", pair, seconds)


def test_a_standby_that_lags_has_not_heard_of_mails_and_they_leave_again(
    two_databases: Setting, primary: Primary, standby: Standby
) -> None:
    """What docs/machines.md warns of: the other way round this would be a promise that nobody can keep."""
    pair = in_flight(two_databases)
    standby.hold()
    goes_on(pair, 20)
    primary.kill_at_once()
    standby.promote()
    seconds = goes_on(pair, 20)
    pair.site.tick_until_all_has_ended(300)
    assert max(pair.site.taken().values()) == 2
    tell("standby that lags", pair, seconds)


def test_a_standby_that_is_waited_for_and_lags_lets_nothing_leave(
    two_databases: Setting, primary: Primary, standby: Standby
) -> None:
    primary.wait_for_standby(synchronous=True)
    pair = in_flight(two_databases)
    standby.hold()
    eventually(lambda: pair.site.rows(WAITING) == [(2 * MAIL_CHILDREN,)], 60)  # each child of both
    primary.kill_at_once()
    standby.promote()
    seconds = goes_on(pair, 20)
    pair.site.tick_until_all_has_ended(300)
    pair.site.check()
    tell("synchronous standby that lagged", pair, seconds)


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


def test_an_empty_redis_at_another_address_takes_the_name_over(
    two_databases: Setting, network: Network, redis_at: RedisAt
) -> None:
    two_databases.common["REDIS_URL"] = f"redis://redis.example.org:{redis_at.port}/0"
    network.name("redis.example.org", network.host)
    pair = in_flight(two_databases)
    redis_at.kill()
    heir = RedisAt(network.another_host(), redis_at.port)
    two_databases.machines.callback(heir.remove)
    heir.start()
    network.name("redis.example.org", heir.host)
    pair.site.stack.environment["REDIS_URL"] = heir.url
    seconds = goes_on(pair, 20)
    pair.site.tick_until_all_has_ended(300)
    pair.site.check()
    assert set(pair.site.statuses().values()) == {"sent"}
    tell("an empty Redis at another address", pair, seconds)
