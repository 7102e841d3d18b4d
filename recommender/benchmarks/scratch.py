"""A database of its own for a benchmark, beside the operator's: made anew, and gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

NAME = "paper_round_benchmark"


@contextmanager
def database() -> Iterator[None]:
    """Within this block the process works on an empty migrated database."""
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    folder: Path = settings.VAR_DIR / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    test["NAME"] = str(folder / f"{NAME}.sqlite3") if connection.vendor == "sqlite" else NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(before, verbosity=0)
