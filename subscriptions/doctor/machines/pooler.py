"""Whether a pooler such as PgBouncer stands before PostgreSQL, and whether the settings say so."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import connection

from subscriptions.doctor.findings import Finding, error, fine

SUBJECT = "pooler"


def check(now: datetime) -> Iterator[Finding]:
    if connection.vendor == "postgresql":
        yield from of_sessions(*_sessions(), said=settings.DATABASE_POOLED)


def _sessions() -> tuple[int, int]:
    """Return the session that the connection says it has, and the one that answers: a pooler makes the first one up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [answering] = cursor.fetchone()
    return connection.connection.info.backend_pid, answering


def of_sessions(named: int, answering: int, *, said: bool) -> Iterator[Finding]:
    if named == answering or said:
        what = "DATABASE_POOLED says that there is one." if said else "There is none before PostgreSQL."
        yield fine(SUBJECT, what)
        return
    yield error(
        SUBJECT,
        "A pooler stands before PostgreSQL, and DATABASE_POOLED is not set.",
        why="Prepared statements and cursors live in a session, and a pooler may give the next statement another one: a"
        " claim or an export fails then.",
        remedy="Set DATABASE_POOLED=true on every machine, or let DATABASE_URL lead to PostgreSQL itself.",
    )
