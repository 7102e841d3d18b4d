"""Real services for tests: each has a port and a folder of its own, is started here and is ended by its process id."""

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import redis

from tests.fakes.mail_servers import FaultySmtp, SmtpSink
from tests.fakes.provider import Provider
from tests.processes import (
    PATIENCE,
    ROOT,
    Service,
    environment_of,
    eventually,
    free_port,
    is_listening,
    missing,
    process_environment,
    processes_of,
    program,
    shared_data_folder,
)

__all__ = [
    "PATIENCE",
    "ROOT",
    "FaultySmtp",
    "PgvectorServer",
    "PostgresServer",
    "Provider",
    "RedisServer",
    "Service",
    "SmtpSink",
    "database_url",
    "environment_of",
    "eventually",
    "free_port",
    "fresh_database",
    "is_listening",
    "launch_chromium",
    "made_once",
    "migrate",
    "migrated_database",
    "migrated_file",
    "missing",
    "process_environment",
    "processes_of",
    "program",
    "shared_data_folder",
]


class RedisServer(Service):
    """Redis that forgets everything when it is killed."""

    host = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"redis://{self.host}:{self.port}/0"

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def command(self) -> list[str]:
        server = program("redis-server", "redis-server")
        return [
            server,
            "--port",
            str(self.port),
            "--bind",
            self.host,
            "--protected-mode",
            "no",
            "--save",
            "",
            "--appendonly",
            "no",
        ]

    def is_ready(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


class PostgresServer(Service):
    """A cluster of its own, run by the user postgres where the tests run as root; crash-safe only if durable."""

    stop_signal = signal.SIGINT  # ends the sessions of clients too
    host = "127.0.0.1"

    def __init__(self, durable: bool = False, data: Path | None = None) -> None:
        super().__init__()
        self.data = data or self.folder / "data"
        self.fsync = "on" if durable else "off"
        if os.geteuid() == 0:
            self.user = "postgres"

    def url(self, database: str) -> str:
        return f"postgres://postgres@{self.host}:{self.port}/{database}"

    def program(self, name: str) -> str:
        return program(name, "postgresql", "postgresql/*/bin")

    def start(self) -> None:
        if not self.data.exists():
            self._create()
        super().start()

    def _create(self) -> None:
        """From one that was made before; in a place of the caller's choice anew, and no larger than it must be."""
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        if self.data.parent != self.folder:
            self._initialise()
            return
        made = made_once(f"{type(self._another()).__name__}.data", self._make_with_tables)
        subprocess.run(["cp", "-a", made, self.data], check=True)

    def _make_with_tables(self, place: Path) -> None:
        """A stopped cluster with a migrated database, "tables", to copy."""
        server = self._another()
        server.data = server.folder / "made"
        if server.user:
            shutil.chown(server.folder, server.user, server.user)
        server._initialise()
        server.start()
        migrate(fresh_database(server, "tables"))
        server.stop()
        shutil.move(server.data, place)
        server.remove()

    def _another(self) -> "PostgresServer":
        return PostgresServer()

    def _initialise(self) -> None:
        initdb = self.program("initdb")
        command = [initdb, "-D", self.data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **self._as_user())

    def command(self) -> list[str]:
        server = self.program("postgres")
        options = {"listen_addresses": self.host, "port": self.port, "unix_socket_directories": self.folder}
        options |= {"fsync": self.fsync, "max_connections": 60}
        return [server, "-D", str(self.data), *(f"--{name}={value}" for name, value in options.items())]

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]


class PgvectorServer(PostgresServer):
    """PostgreSQL with pgvector, from a wheel that carries both."""

    def program(self, name: str) -> str:
        wheel = find_spec("pgserver") or missing("pgserver", "pip install -r requirements-dev.lock")
        return str(Path(wheel.origin).parent / "pginstall" / "bin" / name)

    def _another(self) -> PostgresServer:
        return PgvectorServer()


def fresh_database(server: PostgresServer, name: str, like: str = "template1") -> str:
    """Create a database, in place of one with that name, and return its URL.

    It is empty, and the caller migrates it, unless it is to be like one that nobody is connected to.
    """
    server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
    return server.url(name)


def migrated_database(server: PostgresServer, name: str) -> str:
    """As fresh_database, with all tables."""
    return fresh_database(server, name, like="tables")


def migrated_file(path: Path) -> str:
    """The URL of a new SQLite database with all tables."""
    shutil.copyfile(made_once("migrated.sqlite3", lambda place: migrate(f"sqlite:///{place}")), path)
    return f"sqlite:///{path}"


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """What takes long to make: by whichever of the test processes side by side needs it first, for all of them."""
    folder = _shared_folder()
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / name).exists():
            make(folder / f"making.{name}")
            (folder / f"making.{name}").rename(folder / name)
    return folder / name


@cache
def _shared_folder() -> Path:
    """That of the whole run of the tests, if tests/conftest.py has made one."""
    if folder := os.environ.get("SHARED_BY_TESTS"):
        return Path(folder)
    own = Path(tempfile.mkdtemp(prefix="pr"))
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def migrate(url: str) -> None:
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=process_environment(DATABASE_URL=url), check=True)


def database_url(database: dict[str, Any]) -> str:
    """For DATABASE_URL: an entry of Django's DATABASES."""
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{database['NAME']}"
    user = ":".join(quote(database[part], safe="") for part in ("USER", "PASSWORD") if database[part])
    return f"postgres://{user}@{quote(database['HOST'], safe='')}:{database['PORT']}/{database['NAME']}"


@contextmanager
def launch_chromium() -> Iterator[Any]:
    """The system's Chromium, driven by Playwright; it opens no connection of its own accord.

    Where Debian's build without windows is installed it is taken: it shows the same pages in less than half the time.
    """
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=5_000 * PATIENCE)  # milliseconds
    installed = filter(None, map(shutil.which, ("chromium-headless-shell", "chromium")))
    path = next(installed, None) or program("chromium-browser", "chromium fonts-dejavu-core")
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*quiet, *sandbox])
        yield browser
        browser.close()
