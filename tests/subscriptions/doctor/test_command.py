"""`manage.py doctor` on a site with which nothing is wrong, and on one with which much is."""

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from papers.models import Edition, Paper
from recommender.cosines import AS_MEASURED
from recommender.models import EmbeddingModel
from subscriptions.limits import kill_switch
from subscriptions.models import StopReason
from tests.services import ROOT, PostgresServer, fresh_database, process_environment
from tests.subscriptions.doctor.dns_server import DnsServer
from tests.subscriptions.doctor.tls_server import TlsServer


@pytest.fixture
def healthy(
    zone: DnsServer, believed: Callable[[int], Path], settings: Settings, some_papers: list[Paper], now: datetime
) -> Iterator[None]:
    """Right names, a right certificate, a mail server that is this machine, a measured model, and papers of today."""
    Edition.objects.update(date=now.date())
    EmbeddingModel.objects.update(name=settings.EMBEDDING_MODEL, calibration=AS_MEASURED.as_data())
    kill_switch.note_tick(now)
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", False, False
    with TlsServer(believed(60)) as server:
        settings.SITE_URL = f"https://127.0.0.1:{server.port}"
        settings.DEBUG, settings.ADDRESS_KEY = True, "another"  # in production Django would ask for its cookies' flags
        yield


def doctor(*arguments: str) -> tuple[int, str]:
    said = io.StringIO()
    try:
        call_command("doctor", *arguments, stdout=said)
    except SystemExit as ended:
        return int(str(ended.code)), said.getvalue()
    return 0, said.getvalue()


def test_a_site_with_which_nothing_is_wrong_ends_it_with_zero(healthy: None) -> None:
    code, said = doctor()
    errors = int(connection.vendor == "postgresql")  # the tests' own server does without fsync
    assert code == errors, said
    assert f"Errors: {errors}, warnings: 1," in said  # that it is a development site


def test_an_error_ends_it_with_one_and_names_its_remedy(healthy: None) -> None:
    kill_switch.stop(StopReason.OPERATOR, "trying things", datetime.fromisoformat("2026-06-30T08:00:00+00:00"))
    code, said = doctor()
    assert code == 1
    assert "trying things" in said
    assert "manage.py sending resume" in said


def test_the_findings_can_be_had_as_json(healthy: None) -> None:
    _, said = doctor("--json")
    first = {"level": "ok", "subject": "sending", "what": "Mail may leave.", "why": "", "remedy": ""}
    assert json.loads(said)[0] == first


def test_an_empty_postgres_that_may_forget_is_told_so_instead_of_a_traceback(
    postgres_server: PostgresServer,
) -> None:
    """Nothing is migrated, and the server of the tests runs without fsync."""
    settings = {"DATABASE_URL": fresh_database(postgres_server, "doctor"), "DIGEST_FROM": "a@localhost"}
    environment = process_environment(**settings)
    command = [sys.executable, "manage.py", "doctor", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    found = {finding["subject"]: finding for finding in json.loads(done.stdout)}
    assert "manage.py migrate" in found["migrations"]["remedy"]
    assert "fsync=off" in found["PostgreSQL"]["what"]
    assert found["clock"]["level"] == "ok"
    assert "could not be examined" in found["freshness"]["what"]
