"""A database for a measurement, beside the operator's: made anew, and gone afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from recommender.index import choice, files

NAME = "paper_round_scratch"


@contextmanager
def database() -> Iterator[str]:
    """Within this block the process works on an empty migrated database, whose URL it gets."""
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    usual = test["NAME"]
    Path(settings.VAR_DIR).mkdir(parents=True, exist_ok=True)
    test["NAME"] = str(settings.VAR_DIR / f"{NAME}.sqlite3") if connection.vendor == "sqlite" else NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    choice.forget()
    try:
        yield url()
    finally:
        shutil.rmtree(files.home(), ignore_errors=True)
        connection.creation.destroy_test_db(before, verbosity=0)
        test["NAME"] = usual
        choice.forget()


def url() -> str:
    """For DATABASE_URL: the database that this process works on."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    user = ":".join(quote(str(database[part]), safe="") for part in ("USER", "PASSWORD") if database[part])
    host = quote(database["HOST"] or "localhost", safe="")
    return f"postgres://{user}@{host}:{database['PORT'] or 5432}/{database['NAME']}"
