"""A database for a measurement that is kept for the next one: what took minutes to make need not be made each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.utils.timezone import now

from recommender.index import choice, scratch

WHOLE = "benchmark"  # the account that is made last: a database without it was not finished
FRESH = timedelta(hours=20)  # pages look at today: what is older is made anew


@contextmanager
def database(name: str, grow: Callable[[datetime], None]) -> Iterator[str]:
    """Work within the block on a kept database of that name, grown where it is missing or old; yield its URL."""
    before = connection.settings_dict["NAME"]
    _turn_to(_where(name))
    try:
        if not _is_whole():
            _make_anew()
            grow(now())
            User.objects.create_superuser(WHOLE)
        call_command("migrate", verbosity=0)
        yield scratch.url()
    finally:
        _turn_to(before)


def _turn_to(name: str) -> None:
    """Use another database from here on, and forget what was remembered of the one before."""
    connection.close()
    connection.settings_dict["NAME"] = name
    choice.forget()
    ContentType.objects.clear_cache()


def _where(name: str) -> str:
    if connection.vendor != "sqlite":
        return name
    folder = Path(settings.VAR_DIR) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / f"{name}.sqlite3")


def _is_whole() -> bool:
    try:
        return User.objects.filter(username=WHOLE, date_joined__gt=now() - FRESH).exists()
    except DatabaseError:
        return False


def _make_anew() -> None:
    connection.close()
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        for ending in ("", "-wal", "-shm"):
            Path(name + ending).unlink(missing_ok=True)
    else:
        with connection._nodb_cursor() as cursor:  # as Django makes its test databases
            cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    call_command("migrate", verbosity=0)
