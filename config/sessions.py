"""Tell PostgreSQL, in each session, how soon to end it if this machine is gone: else its locks would stay for hours."""

from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

# Its own default waits for two hours. A network that is cut is noticed after a minute, as it is from this side; behind
# a proxy, which keeps the connection, after five, unless the server or the role says otherwise.
LIMITS = """
SELECT set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', '60000', false),
    set_config('idle_in_transaction_session_timeout', CASE current_setting('idle_in_transaction_session_timeout')
        WHEN '0' THEN '5min' ELSE current_setting('idle_in_transaction_session_timeout') END, false)
"""


def limit(connection: Any, **kwargs: Any) -> None:
    """Set the limits of a new session; a pooler shares its sessions, and has limits of its own."""
    if connection.vendor == "postgresql" and not settings.DATABASE_POOLED:
        with connection.cursor() as cursor:
            cursor.execute(LIMITS)


def begin() -> None:
    connection_created.connect(limit)
