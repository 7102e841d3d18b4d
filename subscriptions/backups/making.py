"""Make one backup of the database, while everything goes on: written beside its place, verified, and renamed."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from subscriptions.backups import files, programs
from subscriptions.backups.files import UNFINISHED, Backup
from subscriptions.backups.problems import Problem, is_full, no_room
from subscriptions.models import Control

# Rows that are worth nothing later, or too much to whoever finds the backup: who is signed in, and wrong passwords.
LEFT_OUT = ("django_session", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog")
# Made anew from the texts, in time; see docs/backups.md for what that costs.
VECTORS = "recommender_papervector"
OF_PEOPLE = re.compile(r"TABLE DATA \S+ subscriptions_subscriber ")
LONGEST_WAIT_FOR_LOCKS = "60s"


@dataclass(frozen=True, slots=True)
class Wanted:
    days: int = 7
    weeks: int = 5
    vectors: bool = True

    @property
    def left_out(self) -> tuple[str, ...]:
        return LEFT_OUT if self.vectors else (*LEFT_OUT, VECTORS)


def make(folder: Path, wanted: Wanted, now: datetime) -> Backup:
    """Make a backup in that folder, note it, and delete those that need not be kept; Problem if it cannot be made."""
    is_postgres = connection.vendor == "postgresql"
    ending = ("dump" if is_postgres else "sqlite3") + (".age" if settings.BACKUP_RECIPIENT else "")
    place = files.prepared(folder) / files.name(now, ending)
    with _unfinished(place) as whole:
        _dump(whole, wanted) if is_postgres else _copy(whole, wanted)
        files.settle(_encrypted(whole), place)
    Control.objects.update(backed_up_at=now)
    files.rotate(folder, wanted.days, wanted.weeks, now)
    return Backup(place, now)


@contextmanager
def _unfinished(place: Path) -> Iterator[Path]:
    """Yield a path beside the place; nothing stays there, and a full disk is told as such."""
    path = place.with_name(place.name + UNFINISHED)
    try:
        path.touch(mode=0o600)
        yield path
    except (OSError, sqlite3.Error, Problem) as error:
        said = getattr(error, "strerror", None) or str(error)
        if is_full(said):
            raise no_room(place.parent, said.strip(".") + ".") from error
        raise error if isinstance(error, Problem) else Problem(f"No backup was made: {said}.") from error
    finally:
        for left in place.parent.glob(f"{path.name}*"):
            left.unlink()


def _dump(path: Path, wanted: Wanted) -> None:
    """Dump PostgreSQL as of one moment, and read the list of what is in the file."""
    (*where, database), environment = programs.connection_of(connection.settings_dict)
    without = [f"--exclude-table-data={table}" for table in wanted.left_out]
    how = ["--format=custom", f"--lock-wait-timeout={LONGEST_WAIT_FOR_LOCKS}", f"--file={path}", "--no-password"]
    programs.run(["pg_dump", *how, *without, *where, database], environment)
    if not OF_PEOPLE.search(programs.run(["pg_restore", "--list", path])):
        raise Problem("The dump that was made holds no subscribers, so it is none: see whose DATABASE_URL this is.")


def _copy(path: Path, wanted: Wanted) -> None:
    """Copy SQLite as of one moment, and have the copy examine itself."""
    path.unlink()  # VACUUM INTO wants a new file; the umask closes it to others
    with closing(sqlite3.connect(f"file:{_file_of(connection.settings_dict)}?mode=ro", uri=True, timeout=20)) as origin:
        origin.execute("VACUUM INTO ?", [str(path)])
    with closing(sqlite3.connect(path)) as copy:
        copy.execute("PRAGMA secure_delete=ON")
        for table in wanted.left_out:
            copy.execute(f'DELETE FROM "{table}"')
        copy.commit()
        if not wanted.vectors:
            copy.execute("VACUUM")
        examine(copy)


def _file_of(database: dict[str, Any]) -> Path:
    return Path(database["NAME"]).absolute()


def examine(copy: sqlite3.Connection) -> None:
    """Raise Problem unless SQLite finds every page and index of the file in order."""
    try:
        [(found,)] = copy.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise Problem(f"The copy is damaged: {found}. Ask manage.py doctor about the disk, and try again.")


def _encrypted(path: Path) -> Path:
    """Return the file as only the holder of the other key can read it, where a recipient is set."""
    if not settings.BACKUP_RECIPIENT:
        return path
    closed = path.with_name(path.name + ".age")
    programs.run(["age", "--encrypt", "--recipient", settings.BACKUP_RECIPIENT, "--output", closed, path])
    return closed
