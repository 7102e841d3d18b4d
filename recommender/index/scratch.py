"""A database for a measurement, beside the operator's: made for it, and gone afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, connection, transaction

from recommender.index import choice, files, pgvector

NAME = "paper_round_scratch"


@contextmanager
def database() -> Iterator[str]:
    """Work on an empty migrated database within the block; yield its URL."""
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    usual = test["NAME"]
    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
    test["NAME"] = str(settings.VAR_DIR / f"{NAME}.sqlite3") if connection.vendor == "sqlite" else NAME
    with_pgvector = pgvector.is_installed()
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    if with_pgvector:
        _install_pgvector()
    choice.forget()
    try:
        yield url()
    finally:
        shutil.rmtree(files.home(), ignore_errors=True)
        connection.creation.destroy_test_db(before, verbosity=0)
        test["NAME"] = usual
        choice.forget()


def _install_pgvector() -> None:
    """Install the extension if this user may; else the index in memory is measured, which the result says."""
    with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")


def url() -> str:
    """Return a DATABASE_URL of the database that this process works on."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = ":".join(quote(str(database[part]), safe="") for part in ("USER", "PASSWORD") if database[part])
    host = quote(database["HOST"] or "localhost", safe="")
    return f"postgres://{user}@{host}:{database['PORT'] or 5432}/{database['NAME']}"
