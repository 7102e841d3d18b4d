"""Run PostgreSQL's programs and age; a password reaches them by the environment, never by the command line."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.client import DatabaseClient

from subscriptions.backups.problems import Problem

COMES_WITH = {"age": "age"}
OF_POSTGRESQL = "postgresql-client, of the server's version or a newer one"
NEWER = ("server version mismatch", "unsupported version", "unrecognized configuration parameter")


def run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    """Run a program and return what it printed; Problem with what it said if it fails, or is not there."""
    name = str(command[0])
    try:
        done = subprocess.run(
            list(map(str, command)),
            env=os.environ | (environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise Problem(f"{name} is not here: install {COMES_WITH.get(name, OF_POSTGRESQL)}.") from error
    if done.returncode:
        raise Problem(_failed(name, done.stderr.strip()))
    return done.stdout


def _failed(name: str, said: str) -> str:
    remedy = f" Install {OF_POSTGRESQL}." if any(words in said for words in NEWER) else ""
    return f"{name} failed: {said[-600:] or 'it said nothing'}{remedy}"


def connection_of(database: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Return arguments that lead PostgreSQL's programs to a database, its name last, and their environment."""
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(dict(database), [])
    return arguments[1:], environment or {}
