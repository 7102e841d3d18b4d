"""Restore a backup into a database of its own, look at it, and drop it: whether it could be restored, and how soon."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from subscriptions.backups.making import LEFT_OUT
from subscriptions.backups.problems import Problem

# What the doctor says of the machine, and not of the database.
OF_THE_DATABASE = {"instance", "migrations"}
MAY_SEND = "from subscriptions.limits import kill_switch; print(kill_switch.may_send())"
Rows = dict[str, int]  # by table


@dataclass(frozen=True, slots=True)
class Rehearsed:
    seconds: float  # that restoring took
    restored: Rows
    original: Rows
    said: list[dict[str, str]]  # by the doctor, of the database
    may_send: bool

    @property
    def rows(self) -> int:
        return sum(self.restored.values())

    @property
    def lost(self) -> list[str]:
        """Return tables that came back empty, and have rows in the original."""
        return sorted(table for table, rows in self.original.items() if rows and not self.restored.get(table))

    @property
    def is_good(self) -> bool:
        """Tell whether it is all there, in order, and silent."""
        bad = [one for one in self.said if one["level"] == "error" and one["subject"] != "instance"]
        return not (self.may_send or self.lost or bad)


def rehearse(backup: Path, identity: Path | None, *, vectors: bool = True) -> Rehearsed:
    """Restore a backup beside the original, by the same commands that an operator would use, and drop it again."""
    skipped = set(LEFT_OUT) | (set() if vectors else {"recommender_papervector"})
    original = {table: rows for table, rows in count(connection).items() if table not in skipped}
    with _scratch() as url:
        environment = {"DATABASE_URL": url, "INSTANCE_ID": "rehearsal"}
        begun = time.perf_counter()
        _manage(["restore", str(backup), *(["--identity", str(identity)] if identity else [])], environment)
        seconds = time.perf_counter() - begun
        restored = _count_at(url)
        _manage(["migrate", "-v0", "--skip-checks"], environment)
        said = json.loads(_manage(["doctor", "--json"], environment, fails=True))
        may_send = _manage(["shell", "-v0", "-c", MAY_SEND], environment).strip() != "False"
    about = [one for one in said if one["subject"] in OF_THE_DATABASE]
    return Rehearsed(seconds, restored, original, about, may_send)


def count(database: BaseDatabaseWrapper) -> Rows:
    """Count the rows of every table."""
    quote = database.ops.quote_name
    with database.cursor() as cursor:
        tables = database.introspection.table_names(cursor)
        return {table: _number(cursor, f"SELECT count(*) FROM {quote(table)}") for table in tables}


def _number(cursor: Any, question: str) -> int:
    cursor.execute(question)
    return int(cursor.fetchone()[0])


def _count_at(url: str) -> Rows:
    """Count in another database of the same kind."""
    connections.databases["scratch"] = {**connection.settings_dict, "NAME": _name_of(url)}
    try:
        return count(connections["scratch"])
    finally:
        connections["scratch"].close()
        del connections["scratch"], connections.databases["scratch"]


def _name_of(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


@contextmanager
def _scratch() -> Iterator[str]:
    """Yield the URL of an empty database beside the original, which goes afterwards, whatever happened."""
    if connection.vendor == "sqlite":
        with TemporaryDirectory(dir=settings.VAR_DIR, prefix="rehearsal-") as folder:
            yield f"sqlite:///{folder}/rehearsal.sqlite3"
        return
    name = f"paper_round_rehearsal_{secrets.token_hex(4)}"
    _on_the_server(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield urlunsplit(urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}"))
    finally:
        _on_the_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _on_the_server(statement: str) -> None:
    try:
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)
    except Error as error:
        raise Problem(
            f"No database could be made to rehearse in: {str(error).strip()} Give the role of DATABASE_URL the right:"
            " ALTER ROLE … CREATEDB."
        ) from error


def _manage(arguments: list[str], environment: Mapping[str, str], *, fails: bool = False) -> str:
    """Run one of our commands on another database, and return what it printed; Problem where it fails and may not."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, cwd=settings.BASE_DIR)
    if done.returncode and not fails:
        raise Problem(f"manage.py {arguments[0]} failed: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout
