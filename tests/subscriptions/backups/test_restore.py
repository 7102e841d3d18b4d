"""A backup that is made while mail flows, and restored: silent until it is adopted, and nobody gets anything twice."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from subscriptions.backups import files
from tests.processes import ROOT, process_environment
from tests.services import FaultySmtp, PostgresServer, RedisServer, fresh_database, migrated_file
from tests.subscriptions.pages.site import Site, owned

LONG = bool(os.environ.get("PAPER_ROUND_LONG"))
READERS = 2000 if LONG else 60
ACCOUNT_MAIL = """
from django.utils.timezone import now
from subscriptions.models import AccountMail, Subscriber
AccountMail.objects.create(subscriber=Subscriber.objects.first(), kind="link to preferences", next_attempt_at=now())
"""
OTHER_KEY = "another long and random secret of these tests, which is not the former one"


@pytest.fixture(params=["postgresql", "sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def site(
    kind: str, request: pytest.FixtureRequest, sink: FaultySmtp, redis_server: RedisServer, tmp_path: Path
) -> Iterator[Site]:
    """A site of which all digests of a morning are planned, and no worker runs yet."""
    if kind == "postgresql":
        redis_server.start()
        redis_server.client().flushall()
        postgres = request.getfixturevalue("postgres")
        site = Site(fresh_database(postgres, "original", like="production"), sink, redis_server)
    else:
        site = Site(owned(migrated_file(tmp_path / "original.sqlite3")), sink)
    with closing(site):
        site.grow(READERS, ACCOUNT_MAIL)
        yield site


@pytest.fixture
def copy(site: Site, kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """The same settings, the same name too, on an empty database."""
    if kind == "postgresql":
        url = fresh_database(request.getfixturevalue("postgres"), "restored")
    else:
        url = f"sqlite:///{tmp_path}/restored.sqlite3"
    copy = Site(url, site.sink)
    copy.stack.environment["REDIS_URL"] = site.stack.environment["REDIS_URL"]
    with closing(copy):
        yield copy


def run(site: Site, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command that may fail."""
    environment = process_environment(**site.stack.environment)
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def made(site: Site, folder: Path) -> str:
    site.stack.manage("backup", str(folder))
    return str(files.of(folder)[0].path)


def open_digests(site: Site) -> int:
    return len(site.rows("SELECT 1 FROM subscriptions_digest WHERE status IN ('planned', 'sending')"))


def test_nobody_gets_a_mail_twice_from_a_restored_site(site: Site, copy: Site, kind: str, tmp_path: Path) -> None:
    if kind == "sqlite" and not LONG:
        pytest.skip("by PostgreSQL in short; PAPER_ROUND_LONG=1 tries SQLite too")
    site.sink.pace = 1.0  # so that the backup is made in the middle
    site.stack.start("mail")
    site.tick_until_taken(READERS // 6)
    backup = made(site, tmp_path / "backups")
    site.sink.pace = 0.0
    site.tick_until_all_has_ended()
    site.check()
    had = sum(site.taken().values())
    site.stack.stop()

    said = copy.stack.manage("restore", backup)
    assert "It was the database of the instance 'site', and belongs to none now" in said
    waiting = open_digests(copy)
    copy.stack.start("mail")
    copy.tick()
    [finding] = [one for one in json.loads(run(copy, "doctor", "--json").stdout) if one["subject"] == "instance"]
    assert "sending adopt" in finding["remedy"]
    assert sum(copy.taken().values()) == had

    assert waiting
    copy.stack.manage("sending", "--skip-checks", "adopt", "--yes")
    for _ in range(3):
        copy.tick()
    assert open_digests(copy) == 0
    assert sum(copy.taken().values()) == had


def test_a_backup_is_rehearsed_and_restored_into_an_empty_database_alone(
    site: Site, copy: Site, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    backup = made(site, tmp_path / "backups")
    said = site.stack.manage("rehearse_restore", str(tmp_path / "backups"))
    assert "could be restored in " in said
    assert re.search(r"error    instance: This database belongs to the instance “\w+ as of ", said)
    assert "It would send nothing until it is adopted." in said
    assert not list(site.stack.folder.glob("rehearsal*"))
    if kind == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        with psycopg.connect(server.url("postgres")) as connection:
            assert not connection.execute("SELECT 1 FROM pg_database WHERE datname LIKE '%rehearsal%'").fetchall()

    assert "tables already" in run(site, "restore", backup).stderr

    copy.stack.environment["SECRET_KEY"] = OTHER_KEY
    said = run(copy, "restore", backup).stderr
    assert "ADDRESS_KEY is not the one that was used with this database" in said
    assert open_digests(copy) == open_digests(site) == READERS
