"""A folder of backups: which stay, what is told, and what nobody takes for a backup."""

import io
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.backups import files
from subscriptions.doctor import backups as examined
from subscriptions.doctor.findings import Level
from subscriptions.models import Control
from tests.processes import process_environment
from tests.services import ROOT, migrated_file, program

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def backup(folder: Path, *arguments: str) -> str:
    said = io.StringIO()
    call_command("backup", str(folder), *arguments, stdout=said)
    return said.getvalue()


def test_the_last_of_each_day_and_of_each_week_stays() -> None:
    hourly = [NOON - number * timedelta(hours=1) for number in range(24 * 60)]
    stay = files.kept(hourly, days=7, weeks=5)
    assert {NOON - number * DAY for number in range(1)} < stay
    assert len({moment.date() for moment in stay}) == len(stay) == 7 + 5 - 2  # the last two weeks are among the days
    assert min(stay) == datetime(2026, 6, 7, 23, tzinfo=UTC)  # the Sunday of the fifth week


def test_only_backups_are_deleted(tmp_path: Path) -> None:
    names = [files.name(NOON - number * DAY, "dump") for number in range(3)]
    for name in [*names, "notes.txt", "paper-round-of-old.dump"]:
        (tmp_path / name).touch()
    files.rotate(tmp_path, days=1, weeks=0, now=NOON)
    assert {path.name for path in tmp_path.iterdir()} == {names[0], "notes.txt", "paper-round-of-old.dump"}


def test_what_an_interrupted_backup_left_goes_a_day_later(tmp_path: Path) -> None:
    left = tmp_path / (files.name(NOON, "dump") + files.UNFINISHED)
    left.touch()
    assert files.of(tmp_path) == []
    files.rotate(tmp_path, days=1, weeks=0, now=now() + timedelta(hours=1))
    assert left.exists()
    files.rotate(tmp_path, days=1, weeks=0, now=now() + 2 * DAY)
    assert not left.exists()


def test_a_folder_without_room_for_another_one_is_refused(tmp_path: Path) -> None:
    huge = tmp_path / files.name(NOON, "dump")
    with huge.open("wb") as file:
        file.truncate(1 << 43)  # takes no room itself
    with pytest.raises(CommandError, match=r"is full: The last backup has 8,796,093,022,208 bytes, and .* are free"):
        backup(tmp_path)


def test_keeping_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--days 1 or more"):
        backup(tmp_path, "--days", "0")


def test_a_disk_that_fills_meanwhile_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """In a folder on a disk of 100 kB."""
    url, folder = migrated_file(tmp_path / "site.sqlite3"), tmp_path / "backups"
    folder.mkdir()
    on_a_small_disk = f"mount -t tmpfs -o size=100k tmpfs {folder} && python manage.py backup {folder}; ls -A {folder}"
    done = subprocess.run(
        [program("unshare", "util-linux"), "-rm", "sh", "-c", on_a_small_disk],
        cwd=ROOT,
        env=process_environment(DATABASE_URL=url),
        capture_output=True,
        text=True,
    )
    if "mount:" in done.stderr or "unshare:" in done.stderr:
        pytest.skip("this machine lets nobody mount a small disk")
    assert f"The disk of {folder} is full: " in done.stderr
    assert "Earlier backups are untouched" in done.stderr
    assert done.stdout == ""


@pytest.mark.django_db
def test_the_doctor_misses_todays_backup_only_where_they_are_made() -> None:
    [finding] = examined.check(NOON)
    assert finding.level == Level.OK
    Control.objects.update(backed_up_at=NOON - timedelta(hours=25))
    [finding] = examined.check(NOON)
    assert finding.level == Level.OK
    [finding] = examined.check(NOON + timedelta(hours=2))
    assert finding.level == Level.ERROR


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's is tried with its own server")
class TestOfSqlite:
    @pytest.fixture(autouse=True)
    def _real_rows(self, transactional_db: None) -> None:
        """A transaction that the test holds would keep the copy from being made."""

    def test_is_for_its_owner_alone_and_noted(self, tmp_path: Path) -> None:
        said = backup(tmp_path / "new")
        [made] = files.of(tmp_path / "new")
        assert f"{made.path}: {made.size:,} bytes." in said
        assert (made.path.stat().st_mode & 0o777, made.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
        assert Control.objects.get().backed_up_at == pytest.approx(now(), abs=timedelta(minutes=5))

    def test_holds_no_sessions(self, tmp_path: Path) -> None:
        from django.contrib.sessions.backends.db import SessionStore

        session = SessionStore()
        session["who"] = "an operator"
        session.save()
        backup(tmp_path)
        [made] = files.of(tmp_path)
        assert str(session.session_key).encode() not in made.path.read_bytes()

    def test_can_be_read_by_its_recipient_alone(self, tmp_path: Path, settings: Settings) -> None:
        keygen, age = program("age-keygen", "age"), program("age", "age")
        identity = tmp_path / "key"
        made = subprocess.run([keygen, "-o", identity], capture_output=True, text=True, check=True)
        settings.BACKUP_RECIPIENT = made.stderr.removeprefix("Public key:").strip()
        backup(tmp_path / "backups")
        [found] = (tmp_path / "backups").iterdir()
        assert found.read_bytes().startswith(b"age-encryption.org/v1")
        assert files.of(tmp_path / "backups")[0].path == found
        plain = subprocess.run([age, "-d", "-i", identity, found], capture_output=True, check=True).stdout
        assert plain.startswith(b"SQLite format 3")

    def test_a_recipient_that_is_none_is_told(self, tmp_path: Path, settings: Settings) -> None:
        program("age", "age")
        settings.BACKUP_RECIPIENT = "nobody"
        with pytest.raises(CommandError, match=r"age failed: .*nobody"):
            backup(tmp_path)
        assert list(tmp_path.iterdir()) == []


def test_a_program_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from subscriptions.backups import programs
    from subscriptions.backups.problems import Problem

    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    with pytest.raises(Problem, match="pg_dump is not here: install postgresql-client"):
        programs.run(["pg_dump"])
