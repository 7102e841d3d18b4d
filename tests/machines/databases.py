"""PostgreSQL and Redis at addresses of a network, as machines of their own would have them, and a standby of one."""

import shutil
import signal
import subprocess

import psycopg

from tests.services import PostgresServer, RedisServer, eventually

TRUSTED = "host all all 10.77.0.0/16 trust\nhost replication all 10.77.0.0/16 trust\n"


class Primary(PostgresServer):
    def __init__(self, host: str) -> None:
        super().__init__()
        self.host = host

    def _create(self) -> None:
        super()._create()
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write(TRUSTED)

    def wait_for_standby(self, *, synchronous: bool) -> None:
        """Let each commit wait for the standby, or not, as an operator sets it."""
        self.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{'*' if synchronous else ''}'")
        self.execute("SELECT pg_reload_conf()")

    def kill_at_once(self) -> None:
        """End it without a last word to its standby."""
        self.stop(signal.SIGQUIT)


class Standby(Primary):
    """A copy that follows its primary, at the same port of another address."""

    def __init__(self, host: str, primary: Primary) -> None:
        super().__init__(host)
        self.primary, self.port = primary, primary.port

    def _create(self) -> None:
        if self.user:
            shutil.chown(self.folder, self.user, self.user)
        source = ["-h", self.primary.host, "-p", str(self.port), "-U", "postgres"]
        command = [self.program("pg_basebackup"), *source, "-D", str(self.data), "-R", "-X", "stream", "-c", "fast"]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **self._as_user())

    def promote(self) -> None:
        command = [self.program("pg_ctl"), "promote", "-D", str(self.data)]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True, **self._as_user())

    def hold(self) -> None:
        """Receive nothing more, as when the way between both is cut."""
        self.execute("ALTER SYSTEM SET primary_conninfo = ''")
        self.execute("SELECT pg_reload_conf()")
        with psycopg.connect(self.url("postgres"), autocommit=True) as session:
            eventually(lambda: not session.execute("SELECT 1 FROM pg_stat_wal_receiver").fetchall())


class RedisAt(RedisServer):
    """Redis at an address of the network."""

    def __init__(self, host: str, port: int = 0) -> None:
        super().__init__()
        self.host, self.port = host, port or self.port
