"""Every process goes by the newest rules of time zones on its machine, and all in it by the same."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import tzdata
from django.conf import settings

from papers import zone_rules
from subscriptions.models.people import zone_names
from subscriptions.people.calendar import due_instant
from tests.old_zones import compiled
from tests.services import ROOT, process_environment

NOVEMBER = date(2026, 11, 30)
# What 8:00 on 30 November 2026 is in UTC by the release of 2026f, an hour before or after what that of 2025b has.
CHANGED = {
    "Africa/Casablanca": 8,
    "Africa/El_Aaiun": 8,
    "America/Edmonton": 14,
    "America/Havana": 12,
    "America/Inuvik": 14,
    "America/Rainy_River": 13,
    "America/Vancouver": 15,
    "America/Winnipeg": 13,
    "America/Yellowknife": 14,
    "Canada/Central": 13,
    "Canada/Mountain": 14,
    "Canada/Pacific": 15,
    "Cuba": 12,
}
# Of these the clocks differed for one night and a day in October.
FOR_A_NIGHT = ["Europe/Chisinau", "Europe/Tiraspol"]
SAY = """
import sys
from datetime import date
{start}
from subscriptions.people.calendar import due_instant
from papers.arxiv import announcements
from papers import zone_rules
print(zone_rules.in_use().version, f"{{due_instant(date(2026, 11, 30), 8, 'America/Vancouver'):%H:%M}}")
"""
STARTS = {
    "web": "import config.wsgi",
    "worker": "from config.celery import app; app.loader.import_default_modules(); app.finalize()",
    "a module alone": "import papers.arxiv.announcements, os\n"
    "os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\n"
    "import django; django.setup()",
}


@pytest.fixture
def _as_before() -> Iterator[None]:
    yield
    zone_rules.use_newest()


@pytest.fixture
def older(tmp_path: Path, _as_before: None) -> str:
    return str(compiled(tmp_path / "older", "2025b"))


@pytest.mark.parametrize(("zone", "hour"), CHANGED.items())
def test_where_the_law_was_changed_in_2026_the_hour_is_that_of_the_new_law(zone: str, hour: int) -> None:
    assert zone_rules.in_use().version >= "2026f"
    assert due_instant(NOVEMBER, 8, zone) == datetime(2026, 11, 30, hour, tzinfo=UTC)


@pytest.mark.parametrize("zone", FOR_A_NIGHT)
def test_and_the_clocks_are_put_back_in_the_night_of_the_new_law(zone: str) -> None:
    assert datetime(2026, 10, 25, 0, 30, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() == timedelta(hours=3)


def test_older_files_of_the_system_are_passed_over(older: str) -> None:
    rules = zone_rules.use_newest([older])
    assert (rules.version, rules.source) == (tzdata.IANA_VERSION, "the package tzdata")
    assert due_instant(NOVEMBER, 8, "America/Vancouver") == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert "Mars/Olympus" not in zone_rules.names()


def test_newer_files_of_the_system_are_used_with_what_they_lack_from_the_package(older: str, tmp_path: Path) -> None:
    newer = str(compiled(tmp_path / "newer", "2999a"))
    rules = zone_rules.use_newest([older, newer, "/no/such/folder"])
    assert (rules.version, rules.source) == ("2999a", f"the files in {newer}")
    assert due_instant(NOVEMBER, 8, "America/Vancouver") == datetime(2026, 11, 30, 16, tzinfo=UTC)
    assert {"Mars/Olympus", "Asia/Calcutta"} <= zone_rules.names()
    assert ZoneInfo("Asia/Calcutta").utcoffset(datetime(2026, 1, 1)) == timedelta(hours=5, minutes=30)  # noqa: DTZ001


def test_the_choice_is_the_same_when_it_is_made_again(older: str) -> None:
    assert zone_rules.use_newest() == zone_rules.use_newest()


@pytest.mark.parametrize("text", ["", "nonsense\n", "\xff\xfe"])
def test_files_that_do_not_say_their_version_are_passed_over(older: str, text: str) -> None:
    (Path(older) / "tzdata.zi").write_text(text)
    assert zone_rules.use_newest([older]).source == "the package tzdata"


def test_a_version_may_stand_in_a_file_of_its_own(older: str) -> None:
    (Path(older) / "+VERSION").write_text("2999b\n")
    assert zone_rules.version_in(Path(older)) == "2999b"


@pytest.mark.parametrize("start", STARTS)
def test_every_kind_of_process_goes_by_the_newest_whatever_its_machine_has(start: str, older: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SAY.format(start=STARTS[start])],
        cwd=ROOT,
        env=process_environment(PYTHONTZPATH=older, DJANGO_SETTINGS_MODULE="config.settings"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [tzdata.IANA_VERSION, "15:00"], done.stderr


def test_so_does_a_command(older: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", SAY.format(start="")],
        cwd=ROOT,
        env=process_environment(PYTHONTZPATH=older),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == [tzdata.IANA_VERSION, "15:00"], done.stderr
    assert os.environ.get("PYTHONTZPATH") is None


@pytest.mark.parametrize(
    ("version", "today", "is_old"),
    [
        ("2026f", date(2026, 11, 30), False),
        ("2026f", date(2027, 3, 31), False),
        ("2026f", date(2027, 4, 1), True),
        ("2025b", date(2026, 11, 30), True),
    ],
)
def test_rules_are_old_when_the_year_must_have_had_others(version: str, today: date, is_old: bool) -> None:
    assert zone_rules.Rules(version, "somewhere").is_old(today) == is_old


def test_what_is_no_place_is_not_offered_and_old_names_work() -> None:
    assert not zone_rules.places() & zone_rules.NO_PLACES
    assert not zone_names() & {"localtime", "posixrules"}
    assert {"Asia/Calcutta", "Asia/Kolkata", "US/Pacific", "Europe/Kiev", "UTC"} <= zone_rules.places()
    assert all(ZoneInfo(name) for name in zone_names())


def test_a_database_is_asked_for_no_rules_of_its_own() -> None:
    assert settings.TIME_ZONE == settings.CELERY_TIMEZONE == "UTC"
    sources = [
        path for app in ("papers", "recommender", "subscriptions", "config") for path in (ROOT / app).rglob("*.py")
    ]
    asking = re.compile(r"AT TIME ZONE|SET TIME ZONE|\bTrunc(?!ator)\w*\(|\bExtract[A-Z]?\w*\(")
    assert not [path for path in sources if asking.search(path.read_text())]
