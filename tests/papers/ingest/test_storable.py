"""What no column can hold is found nowhere, on both databases alike."""

import subprocess
import sys

import pytest

from papers.ingest.identity import find
from papers.models import Paper, Topic
from tests.services import ROOT, PostgresServer, migrated_database, process_environment

LARGE = 2**70
ODD = ["\0", "a\0b", "\ud800"]


def check() -> None:
    """Look for what cannot be there; an error of the database is one of the test."""
    topic = Topic.objects.create(slug="whales", name="Whales", field="cs", description="…")
    assert list(Topic.objects.filter(pk__in=[LARGE, -LARGE, str(LARGE), topic.pk])) == [topic]
    assert list(Topic.objects.exclude(pk__in=[LARGE])) == [topic]
    assert list(Topic.objects.filter(slug__in=[*ODD, "whales"])) == [topic]
    assert not Paper.objects.filter(entries__pk__in=[LARGE]).exists()
    for text in ODD:
        assert not Topic.objects.filter(slug=text).exists()
        assert list(Topic.objects.exclude(slug=text)) == [topic]
        assert find(text) is None


@pytest.mark.django_db
def test_what_cannot_be_stored_is_not_found() -> None:
    check()


def test_nor_on_postgresql(postgres_server: PostgresServer) -> None:
    url = migrated_database(postgres_server, "storable")
    environment = process_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="config.settings")
    code = "import django; django.setup(); from tests.papers.ingest import test_storable; test_storable.check()"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
