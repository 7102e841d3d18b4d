"""Machines, and what all of them are told."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.machines.databases import Primary
from tests.machines.network import Network
from tests.machines.sending import Setting
from tests.services import PostgresServer, RedisServer, migrated_database
from tests.subscriptions.pages.site import PRODUCTION

KEY = "a key of these tests that no other installation has"


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as network:
        yield network


@pytest.fixture
def settings_of_all() -> dict[str, str]:
    return {
        **PRODUCTION,
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": "1",
        "QUERY_ENCODER_KEY": KEY,
        "DIGEST_FROM": "Paper Round <digest@example.org>",
        "ACCOUNT_FROM": "Paper Round <hello@example.org>",
        # Nothing is reached beyond these machines: the sources are away, which must hold up nothing.
        "HUGGINGFACE_URL": "http://127.0.0.1:9/",
        "ARXIV_RSS_URL": "http://127.0.0.1:9",
    }


@pytest.fixture
def common(
    network: Network,
    settings_of_all: dict[str, str],
    postgres_server: PostgresServer,
    redis_server: RedisServer,
    redis_url: str,
) -> dict[str, str]:
    """What all machines are told: the database and Redis, at an address that each of them reaches."""
    database = migrated_database(postgres_server, "machines")
    postgres_server.execute(f"UPDATE subscriptions_control SET instance_id = '{PRODUCTION['INSTANCE_ID']}'", "machines")
    for service in (postgres_server, redis_server):
        network.let_through(service.port)
    reached = {"DATABASE_URL": database, "REDIS_URL": redis_url}
    return settings_of_all | {name: url.replace("127.0.0.1", network.host) for name, url in reached.items()}


@pytest.fixture
def machines() -> Iterator[ExitStack]:
    with ExitStack() as machines:
        yield machines


@pytest.fixture
def setting(
    network: Network,
    common: dict[str, str],
    postgres_server: PostgresServer,
    redis_server: RedisServer,
    machines: ExitStack,
    tmp_path: Path,
) -> Setting:
    return Setting(network, common, postgres_server.url("machines"), redis_server, machines, tmp_path)


@pytest.fixture
def apart(network: Network) -> None:
    if not network.is_apart:
        pytest.skip("network namespaces are missing: this test cuts cables, and runs as root on Linux with iproute2")


@pytest.fixture
def primary(network: Network) -> Iterator[Primary]:
    server = Primary(network.host)
    server.start()
    yield server
    server.remove()
