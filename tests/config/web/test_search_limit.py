"""How often one network may search: counted by all processes of the web server, stored nowhere, and told in words."""

from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from multiprocessing import get_context
from pathlib import Path
from time import time

import pytest
from django.test import Client, RequestFactory
from pytest_django import Settings

from subscriptions.limits import client_address
from subscriptions.limits.shared_counts import AROUND, CELLS, HASHES, Allowances
from tests.stack import Stack

MINUTE = 60


def asked(allowances: Allowances, address: str, limit: int = 3, times: int = 1) -> int:
    """Ask so often, and return how often there was an answer."""
    request = RequestFactory().get("/", REMOTE_ADDR=address)
    return sum(not allowances.wait("search", request, limit) for _ in range(times))


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch, time_machine: object) -> None:
    time_machine.move_to(720 * MINUTE, tick=False)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("noon")
@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", ""])
def test_a_network_has_so_many_a_minute(address: str) -> None:
    assert asked(Allowances(), address, limit=3, times=10) == 3


def test_the_next_minute_brings_as_many_again() -> None:
    allowances, now = Allowances(), [10.0 * MINUTE + 20]
    assert [allowances.take("a", 1, lambda: now[0]) for _ in range(2)] == [0, 40]
    now[0] += 40
    assert [allowances.take("a", 1, lambda: now[0]) for _ in range(2)] == [0, 60]


@pytest.mark.usefixtures("noon")
def test_another_network_has_its_own_and_another_kind_too() -> None:
    allowances = Allowances()
    assert asked(allowances, "192.0.2.1", times=9) == asked(allowances, "192.0.2.2", times=9) == 3
    assert not allowances.wait("api", RequestFactory().get("/", REMOTE_ADDR="192.0.2.1"), 3)


@pytest.mark.usefixtures("noon")
def test_a_household_with_many_networks_has_one_allowance() -> None:
    allowances = Allowances()
    assert sum(asked(allowances, f"2001:db8:0:{number:x}::1") for number in range(256)) == 3
    assert asked(allowances, "2001:db8:0:100::1", times=9) == 3  # the next household


@pytest.mark.usefixtures("noon")
def test_a_site_with_many_households_has_eight_allowances() -> None:
    allowances = Allowances()
    assert sum(asked(allowances, f"2001:db8:0:{256 * number:x}::1") for number in range(200)) == 3 * AROUND
    assert asked(allowances, "2001:db8:1::1") == 1


def test_a_household_is_named_by_what_its_provider_gave_it() -> None:
    networks = {"2001:db8:1:2ff::9": "2001:db8:1:200::/56", "192.0.2.7": "192.0.2.7", "": client_address.UNKNOWN}
    for address, network in networks.items():
        assert client_address.home(RequestFactory().get("/", REMOTE_ADDR=address)) == network


@pytest.mark.usefixtures("noon")
def test_processes_that_were_forked_count_together() -> None:
    allowances, fork = Allowances(), get_context("fork")
    for _ in range(2):
        worker = fork.Process(target=asked, args=(allowances, "192.0.2.1", 3, 1))
        worker.start()
        worker.join()
        assert worker.exitcode == 0
    assert asked(allowances, "192.0.2.1", times=5) == 1


@pytest.mark.usefixtures("noon")
def test_many_networks_take_no_more_memory_and_hardly_anything_from_each_other() -> None:
    allowances = Allowances()
    size = len(allowances._memory)
    refused = sum(asked(allowances, f"198.{number >> 8}.{number & 255}.1", limit=1) == 0 for number in range(5_000))
    assert size == len(allowances._memory) == HASHES * CELLS * 8
    assert refused < 5_000 // 20


def test_no_network_can_be_read_in_what_is_kept() -> None:
    allowances = Allowances()
    asked(allowances, "192.0.2.77")
    assert b"192.0.2" not in bytes(allowances._memory)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/search/?q=a%20b", "/search/feed.atom?q=x", "/search/list.bib?q=x", "/search/?like=1"]
)
def test_beyond_it_a_page_says_when_to_try_again(client: Client, settings: Settings, path: str) -> None:
    settings.SEARCHES_PER_MINUTE = 2
    statuses = [client.get(path).status_code for _ in range(3)]
    assert statuses == [200 if statuses[0] == 200 else 400] * 2 + [429]
    refused = client.get(path)
    seconds = int(refused["Retry-After"])
    assert 1 <= seconds <= MINUTE
    page = refused.content.decode()
    assert f"Please try again in {seconds} second" in page
    assert f'<a href="{path}">Search again' in page
    assert refused["Cache-Control"] == "no-store"
    assert client.get(path, REMOTE_ADDR="203.0.113.9").status_code == statuses[0]


@pytest.mark.django_db
def test_what_searches_nothing_is_not_counted(client: Client, settings: Settings) -> None:
    settings.SEARCHES_PER_MINUTE = 1
    assert [client.get(path).status_code for path in ("/search/", "/search/?q=", "/", "/topics/") * 2] == [200] * 8


@pytest.mark.django_db
def test_a_search_that_is_refused_asks_the_database_nothing(
    client: Client, settings: Settings, django_assert_num_queries: Callable[..., object]
) -> None:
    settings.SEARCHES_PER_MINUTE = 1
    client.get("/search/?q=x")
    with django_assert_num_queries(0):
        assert client.get("/search/?q=<b>&topic=x").status_code == 429


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(WEB_CONCURRENCY="2", SEARCHES_PER_MINUTE="20", API_PER_MINUTE="20", PYTHONPATH=str(Path.cwd()))
    stack.migrate()
    stack.start("web")
    yield stack
    stack.remove()


@pytest.mark.parametrize("path", ["/search/feed.atom?category=none", "/api/v1/topics"])
def test_the_servers_workers_count_together(two_workers: Stack, path: str) -> None:
    """A hundred on connections of their own, which the workers share: twenty for each minute that it takes."""
    statuses, began = [], int(time() // MINUTE)
    for _ in range(100):
        with closing(HTTPConnection("127.0.0.1", two_workers.port, timeout=60)) as connection:
            connection.request("GET", path)
            statuses.append(connection.getresponse().status)
    minutes = int(time() // MINUTE) - began + 1
    assert 20 <= len(statuses) - statuses.count(429) <= 20 * minutes
