"""Hand one message to the mail provider over a connection that this process keeps open."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from subscriptions import providers, verdicts
from subscriptions.verdicts import Outcome

logger = logging.getLogger(__name__)
IDLE = 30.0  # seconds after which a connection that is kept open is no longer trusted


def send(message: EmailMultiAlternatives, connection: BaseEmailBackend, key: str) -> Outcome:
    """Send over an open connection. Any error that leaves open whether the provider took it is ambiguous.

    The key is the same for each attempt at the same mail; providers that look at it send no second copy.
    """
    message.connection = connection
    providers.mark(message, key)
    try:
        connection.open()
        message.send()
    except Exception as error:
        logger.warning("A mail was not accepted: %s", type(error).__name__)
        return verdicts.judged(error)
    return verdicts.accepted(getattr(message, "anymail_status", None))


class Line:
    """The connection that this process keeps open from one batch to the next."""

    def __init__(self) -> None:
        self.backend: BaseEmailBackend = get_connection(providers.backend())
        self.made_from, self.used_at = _made_from(), monotonic()

    def is_good(self) -> bool:
        return self.made_from == _made_from() and monotonic() - self.used_at < IDLE


_line: Line | None = None


@contextmanager
def connection() -> Iterator[BaseEmailBackend]:
    """An open connection to the provider; kept for the next batch unless an error comes through here."""
    global _line
    if _line is not None and not _line.is_good():
        hang_up()
    _line = _line or Line()
    try:
        yield _line.backend
    except BaseException:
        hang_up()
        raise
    _line.used_at = monotonic()


def hang_up() -> None:
    """Close the kept connection, if there is one."""
    global _line
    line, _line = _line, None
    if line is not None:
        line.backend.close()


def _made_from() -> tuple[str, ...]:
    of = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_TIMEOUT", "ANYMAIL")
    return tuple(repr(getattr(settings, name, "")) for name in of)
