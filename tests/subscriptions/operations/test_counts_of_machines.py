"""Several web servers count what one network asks for together, by Redis, and each for itself while that is away."""

from signal import SIGCONT, SIGSTOP

import pytest
from pytest_django import Settings

from subscriptions.limits import counts_of_machines
from subscriptions.limits.shared_counts import CELLS, HASHES, Allowances
from tests.services import RedisServer

NOON = 720 * 60.0


@pytest.fixture
def machines(settings: Settings, redis_url: str) -> list[Allowances]:
    """Two web servers with memories of their own."""
    settings.REDIS_URL = redis_url
    return [Allowances(), Allowances()]


def taken(allowances: Allowances, key: str = "search 192.0.2.1", limit: int = 4, times: int = 1) -> int:
    return sum(not allowances.take(key, limit, lambda: NOON) for _ in range(times))


def test_what_one_network_asks_of_two_machines_is_one_sum(machines: list[Allowances]) -> None:
    assert [taken(one) for one in machines * 4] == [1] * 4 + [0] * 4
    assert [taken(one, "search 192.0.2.2", times=9) for one in machines] == [4, 0]


def test_the_next_minute_brings_as_many_again(machines: list[Allowances]) -> None:
    assert taken(machines[0], times=9) == 4
    assert not machines[1].take("search 192.0.2.1", 4, lambda: NOON + 60)


def test_while_redis_is_away_each_counts_for_itself_and_nobody_waits_twice(
    machines: list[Allowances], redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis_server.kill()
    assert [taken(one, times=9) for one in machines] == [4, 4]
    assert caplog.text.count("Redis does not answer") == 1
    redis_server.start()
    counts_of_machines.counts_of_machines.forget()
    assert [taken(one, "api 192.0.2.1", times=9) for one in machines] == [4, 0]


def test_a_redis_that_hangs_is_not_waited_for_again(machines: list[Allowances], redis_server: RedisServer) -> None:
    assert redis_server.process
    redis_server.process.send_signal(SIGSTOP)
    try:
        assert [taken(one, times=9) for one in machines] == [4, 4]
    finally:
        redis_server.process.send_signal(SIGCONT)


def test_any_number_of_networks_takes_bounded_room_and_none_can_be_read(
    machines: list[Allowances], redis_server: RedisServer
) -> None:
    for number in range(1000):
        taken(machines[0], f"search 198.51.{number % 256}.{number // 256}")
    [key] = redis_server.client().keys()
    assert 0 < redis_server.client().ttl(key) <= 120
    fields = redis_server.client().hkeys(key)
    assert all(0 <= int(field) < HASHES * CELLS for field in fields)
    assert b"198.51" not in key
