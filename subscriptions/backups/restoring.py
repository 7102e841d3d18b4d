"""Restore a backup into an empty database, as one that nobody may send from until it is adopted."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from subscriptions import agreement
from subscriptions.backups import files, programs
from subscriptions.backups.making import examine
from subscriptions.backups.problems import Problem
from subscriptions.models import Control, HostRules, Subscriber
from subscriptions.people.addresses import address_hash

OWNER = "{} as of {}"
# Which a backup cannot hold, and whose change makes links useless or lets suppressed addresses be mailed.
KEYS = ("SECRET_KEY", "ADDRESS_KEY")


@dataclass(frozen=True, slots=True)
class Restored:
    owner: str  # whose the database was
    migrations: int  # that are not applied
    other_keys: list[str]  # settings that are not what they were


def restore(backup: Path, identity: Path | None = None) -> Restored:
    """Fill the empty database of DATABASE_URL from a backup; Problem if it is not empty, or the backup is damaged.

    Whatever INSTANCE_ID this instance has, it is not the database's afterwards: nothing leaves before it is adopted.
    """
    if not backup.is_file():
        raise Problem(f"{backup} is no file. Name a backup, such as paper-round-20260630T033000Z.dump.")
    with _readable(backup, identity) as plain:
        _fill_postgres(plain) if connection.vendor == "postgresql" else _fill_sqlite(plain)
    return Restored(_disown(backup), _unapplied(), _other_keys())


@contextmanager
def _readable(backup: Path, identity: Path | None) -> Iterator[Path]:
    """Yield the backup as PostgreSQL or SQLite wrote it; an encrypted one is readable for that long alone."""
    if backup.suffix != ".age":
        yield backup
        return
    if identity is None:
        raise Problem(f"{backup.name} is encrypted: name the file of the private key with --identity.")
    with TemporaryDirectory(dir=backup.parent, prefix=".restoring-") as folder:
        plain = Path(folder) / backup.stem
        programs.run(["age", "--decrypt", "--identity", identity, "--output", plain, backup])
        yield plain


def _fill_postgres(dump: Path) -> None:
    """Restore in one transaction: all of it, or nothing."""
    if tables := connection.introspection.table_names():
        raise Problem(
            f"This database has {len(tables)} tables already. Create an empty one beside it (createdb), and name that"
            " in DATABASE_URL."
        )
    connection.close()
    (*where, database), environment = programs.connection_of(connection.settings_dict)
    how = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", "--no-password"]
    programs.run(["pg_restore", *how, *where, f"--dbname={database}", dump], environment)


def _fill_sqlite(copy: Path) -> None:
    """Copy beside the place, examine, and rename: the database is there whole or not at all."""
    place = Path(connection.settings_dict["NAME"])
    if connection.introspection.table_names():
        raise Problem(f"{place} has tables already. Move it away first, with its -wal and -shm, or name another file.")
    connection.close()
    for left in ("", "-wal", "-shm"):
        place.with_name(place.name + left).unlink(missing_ok=True)
    unfinished = place.with_name(place.name + files.UNFINISHED)
    try:
        shutil.copyfile(copy, unfinished)
        with closing(sqlite3.connect(unfinished)) as database:
            examine(database)
        files.settle(unfinished, place)
    finally:
        unfinished.unlink(missing_ok=True)


def _disown(backup: Path) -> str:
    """Give the database to no instance, and return whose it was."""
    owner = str(Control.objects.values_list("instance_id", flat=True).first() or "")
    age = backup.name.removeprefix("paper-round-").partition(".")[0]
    Control.objects.update(instance_id=OWNER.format(owner[:36], age)[:64])
    return owner


def _unapplied() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _other_keys() -> list[str]:
    """Return which of the keys are not those that the database was used with, as far as it can tell."""
    noted = HostRules.objects.exclude(marks="").order_by("-noted_at").values_list("marks", flat=True).first()
    known = {"SECRET_KEY"} & set(agreement.different(agreement.marks(), noted or ""))
    person = Subscriber.objects.order_by("-pk").values_list("email", "address_hash").first()
    if person and bytes(person[1]) != address_hash(person[0]):
        known.add("ADDRESS_KEY")
    return [name for name in KEYS if name in known]
