"""PgBouncer between the site and PostgreSQL: a statement may come to another session than the one before."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.fakes.odds import Ledger
from tests.machines.pooler import PgBouncer
from tests.racing import output
from tests.services import FaultySmtp, PostgresServer, RedisServer, eventually, migrated_database
from tests.stack import MAIL_CHILDREN
from tests.subscriptions.pages.site import PRODUCTION, Site

PEOPLE, SESSIONS = 120, 3
LEFT = {
    "prepared statements": "SELECT name FROM pg_prepared_statements",
    "cursors": "SELECT name FROM pg_cursors",
    "advisory locks": "SELECT objid FROM pg_locks WHERE locktype = 'advisory'",
    "settings": "SELECT name FROM pg_settings WHERE source = 'session' AND NOT name = ANY(%s)",
}
# Which PgBouncer itself sets for each client anew.
BY_THE_POOLER = ["client_encoding", "DateStyle", "TimeZone", "application_name", "standard_conforming_strings"]
DOCTOR = """
from django.db import connection
from django.utils.timezone import now
from subscriptions.doctor.machines import pooler
[found] = pooler.check(now())
print(found.level, found.what)
"""


@pytest.fixture
def pooler(postgres_server: PostgresServer) -> Iterator[PgBouncer]:
    migrated_database(postgres_server, "pooled")
    # So that Django sets another zone in each session that it gets.
    postgres_server.execute("ALTER DATABASE pooled SET timezone = 'Europe/Berlin'")
    postgres_server.execute(f"UPDATE subscriptions_control SET instance_id = '{PRODUCTION['INSTANCE_ID']}'", "pooled")
    pooler = PgBouncer(postgres_server, SESSIONS)
    pooler.start()
    yield pooler
    pooler.remove()


@pytest.fixture
def pooled_site(pooler: PgBouncer, redis_server: RedisServer, redis_url: str, tmp_path: Path) -> Iterator[Site]:
    with FaultySmtp(ledger=Ledger(tmp_path / "ledger")) as sink:
        sink.pace = 0.05
        site = Site(pooler.url("pooled"), sink, redis_server)
        site.stack.environment["DATABASE_POOLED"] = "true"
        yield site
        site.close()


def left_behind(url: str) -> dict[str, list[str]]:
    """What clients have left in the pooler's sessions, all of which are held at once."""
    found: dict[str, set[str]] = {name: set() for name in LEFT}
    with ExitStack() as held:
        sessions = [held.enter_context(psycopg.connect(url, prepare_threshold=None)) for _ in range(SESSIONS)]
        keys = {session.execute("SELECT pg_backend_pid()").fetchone() for session in sessions}
        assert len(keys) == SESSIONS
        for session in sessions:
            for name, question in LEFT.items():
                rows = session.execute(question, [BY_THE_POOLER] if "%s" in question else None).fetchall()  # type: ignore[call-overload]
                found[name] |= {str(row[0]) for row in rows}
    return {name: sorted(names) for name, names in found.items() if names}


def test_behind_a_pooler_a_killed_worker_doubles_nothing_and_no_session_keeps_anything(
    pooled_site: Site, pooler: PgBouncer
) -> None:
    stack = pooled_site.stack
    stack.start("mail", "mail2")
    pooled_site.grow(PEOPLE)
    eventually(lambda: len(pooled_site.taken()) > PEOPLE // 10, 60, lambda: stack.log("mail"))
    stack.kill("mail")
    pooled_site.tick_until_all_has_ended()
    pooled_site.check()
    assert list(pooled_site.statuses().values()).count("uncertain") <= MAIL_CHILDREN
    assert "Traceback" not in stack.log("mail2")
    assert left_behind(pooler.url("pooled")) == {}


@pytest.mark.parametrize(
    ("said", "found"), [("false", "error A pooler stands before PostgreSQL, and"), ("true", "ok DATABASE_POOLED says")]
)
def test_the_doctor_notices_a_pooler_that_the_settings_do_not_know(pooler: PgBouncer, said: str, found: str) -> None:
    settings = PRODUCTION | {"EMAIL_URL": "smtp://127.0.0.1:9"}
    assert found in output(DOCTOR, **settings, DATABASE_URL=pooler.url("pooled"), DATABASE_POOLED=said)
