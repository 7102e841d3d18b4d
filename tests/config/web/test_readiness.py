"""Whether a site says of itself what is wrong with it, while its servers hang, are away and come back."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.client import HTTPConnection
from signal import SIGCONT, SIGSTOP
from typing import NamedTuple

import pytest

from tests.services import PostgresServer, RedisServer, Service, eventually, migrated_database
from tests.stack import Stack
from tests.subscriptions.pages.site import PRODUCTION

# No query encoder runs, which is told and takes nobody out of service.
WELL = dict.fromkeys(("database", "migrations", "broker", "papers", "beat", "index", "clock"), True) | {
    "encoder": False
}
DOWN_WITH = {"broker": {"broker"}, "database": {"database", "migrations", "papers", "beat"}}
READY = """
from django.utils.timezone import now
from papers.models import Paper
from subscriptions.limits import kill_switch
Paper.objects.create(identifier="2601.00001", title="New")
kill_switch.note_tick(now())
"""


class Site(NamedTuple):
    stack: Stack
    postgres: PostgresServer
    redis: RedisServer


@pytest.fixture(scope="module")
def servers() -> Iterator[Site]:
    """The web server of production with a PostgreSQL and a Redis of its own."""
    postgres, redis = PostgresServer(), RedisServer()
    postgres.start()
    redis.start()
    url = migrated_database(postgres, "probes")
    stack = Stack(**PRODUCTION, DATABASE_URL=url, REDIS_URL=redis.url, EMAIL_URL="smtp://127.0.0.1:9")
    stack.manage("shell", "-v0", "-c", READY)
    stack.start("web")
    yield Site(stack, postgres, redis)
    stack.remove()
    postgres.remove()
    redis.remove()


@pytest.fixture
def site(servers: Site) -> Iterator[Site]:
    """The same, in which all is well before a test and after it."""
    assert settle(servers.stack, WELL)[0] == 200
    yield servers
    assert settle(servers.stack, WELL)[0] == 200


def settle(stack: Stack, parts: dict[str, bool]) -> tuple[int, float]:
    """Status and seconds of the first answer that says this of the parts.

    An earlier answer is kept for a second, some connections find out a moment later than others, and on a busy machine
    a part may not answer in time that is well.
    """

    def look() -> tuple[int, float] | None:
        status, said, took = ask(stack, "/readyz")
        return (status, took) if said == parts else None

    return eventually(look, 120, lambda: str(ask(stack, "/readyz")))


def ask(stack: Stack, path: str) -> tuple[int, dict[str, bool], float]:
    """Status, what of each part is said, and the seconds that it took; by an IP address as host, and without TLS."""
    start = time.monotonic()
    connection = HTTPConnection("127.0.0.1", stack.port, timeout=120)
    connection.request("GET", path, headers={"Host": "10.1.2.3"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    parts = json.loads(body)["parts"] if path == "/readyz" else []
    assert b"postgres" not in body
    return answer.status, {part["name"]: part["ok"] for part in parts}, time.monotonic() - start


@contextmanager
def hanging(server: Service) -> Iterator[None]:
    """It takes connections, and then says nothing."""
    assert server.process
    server.process.send_signal(SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(SIGCONT)


@contextmanager
def away(server: Service) -> Iterator[None]:
    server.stop()
    yield
    server.start()


@pytest.mark.parametrize("trouble", [hanging, away])
@pytest.mark.parametrize(("part", "server"), [("broker", "redis"), ("database", "postgres")])
def test_what_hangs_or_is_away_is_named_and_the_process_says_that_it_lives(
    site: Site, part: str, server: str, trouble: Callable[[Service], AbstractContextManager[None]]
) -> None:
    with trouble(getattr(site, server)):
        status, took = settle(site.stack, WELL | dict.fromkeys(DOWN_WITH[part], False))
        assert (status, took < 25) == (503, True)
        assert ask(site.stack, "/livez")[0] == 200


def test_whoever_asks_is_told_and_the_log_is_not_filled_with_it(site: Site) -> None:
    before = site.stack.log("web")
    with hanging(site.redis):
        assert settle(site.stack, WELL | {"broker": False})[0] == 503
    assert settle(site.stack, WELL)[0] == 200
    assert site.stack.log("web") == before


def test_a_migration_that_was_not_made_is_named(site: Site) -> None:
    rename = "UPDATE django_migrations SET name = {} WHERE app = 'subscriptions'"
    site.postgres.execute(rename.format("name || '_'"), "probes")
    assert settle(site.stack, WELL | {"migrations": False})[0] == 503
    site.postgres.execute(rename.format("rtrim(name, '_')"), "probes")
