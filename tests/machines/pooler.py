"""PgBouncer before PostgreSQL, by transactions, with fewer sessions than there are clients."""

import os

import psycopg

from tests.services import PostgresServer, Service, program

CONFIGURATION = """
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
unix_socket_dir =
"""


class PgBouncer(Service):
    def __init__(self, server: PostgresServer, sessions: int) -> None:
        super().__init__()
        self.path = program("pgbouncer", "pgbouncer", "../sbin")
        self.user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        self.file = self.folder / "pgbouncer.ini"
        self.file.write_text(
            CONFIGURATION.format(host=server.host, port=server.port, listen=self.port, sessions=sessions)
        )
        for path in (self.folder, self.file):
            path.chmod(0o755)

    def url(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def command(self) -> list[str]:
        return [self.path, str(self.file)]

    def is_ready(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
