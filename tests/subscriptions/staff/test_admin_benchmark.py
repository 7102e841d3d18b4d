"""The benchmark of the admin's pages, on few people and days: what it makes adds up, and is kept for the next time."""

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count
from django.utils.timezone import now
from pytest_django import DjangoDbBlocker, Settings

from subscriptions.benchmarks import crowd
from subscriptions.benchmarks.staff_pages import addresses, kept
from subscriptions.models import Consent, DeliveryEvent, Digest, DigestItem, Run, Subscriber
from tests.subscriptions.staff.walk import every_page

FEW = ("--subscribers", "60", "--papers", "1500", "--days", "2", "--rounds", "1")


@pytest.fixture
def _small(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker
) -> object:
    settings.VAR_DIR = tmp_path
    monkeypatch.setattr(crowd, "LIBRARIES", 3)
    with django_db_blocker.unblock():
        yield


@pytest.mark.usefixtures("_small")
def test_pages_are_measured_on_a_site_that_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    before = connection.settings_dict["NAME"]
    call_command("bench", "admin", "--json", *FEW, "--only", "subscriptions/run/")
    figures = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"run: list", "run: change"} <= {figure["bench"] for figure in figures}
    assert figures[-1]["bench"] == "admin: pages beyond the bar"
    assert all(figure["status"] in (200, 403) and figure["queries"] for figure in figures[:-1])
    assert connection.settings_dict["NAME"] == before
    with kept.database("paper_round_admin_60_1500_2", lambda moment: pytest.fail("it is there already")):
        assert Subscriber.objects.count() == Consent.objects.count() == 60
        counted = Run.objects.annotate(made=Count("digests"))
        assert [run.eligible for run in counted] == [run.made for run in counted]
        assert DeliveryEvent.objects.count() == Digest.objects.filter(status="sent", run__isnull=False).count() > 50
        assert DigestItem.objects.exclude(digest__run=None).count() > 300


def test_too_few_to_measure_are_refused_in_one_line() -> None:
    with pytest.raises(CommandError, match="200 papers"):
        call_command("bench", "admin", "--papers", "3")


@pytest.mark.django_db
def test_it_finds_all_that_can_be_read(reader: Subscriber) -> None:
    found = {without_keys(page.path) for page in addresses.all_pages(now().date())}
    pages = {without_keys(path) for path in every_page() if "?" not in path and "/r/" not in path}
    assert {path for path in pages - found if not addresses.NOT_MEASURED.search(path.replace("/", "_"))} == set()
    assert len(found) > 150


def without_keys(path: str) -> str:
    return re.sub(r"\d+", "N", path.partition("?")[0])
