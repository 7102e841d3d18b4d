"""Hand one message to the mail provider over a connection that this process keeps open."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from subscriptions.transport import backends, outcomes, send_times
from subscriptions.transport.outcomes import Outcome

IDLE = 30.0  # seconds after which a connection that is kept open is no longer trusted


def send(message: EmailMultiAlternatives, connection: BaseEmailBackend, key: str) -> Outcome:
    """Send over an open connection, and return the outcome: ambiguous if an error leaves open whether it was taken.

    The key, a UUID, is the same for each attempt at the same mail; providers that look at it send no second copy.
    """
    message.connection = connection
    backends.mark(message, key)
    began = monotonic()
    try:
        backends.open_once(connection)
        message.send()
    except Exception as error:
        return outcomes.of_error(error, getattr(message, "anymail_status", None))
    finally:
        send_times.note(backends.name(), monotonic() - began)
    return outcomes.of_report(getattr(message, "anymail_status", None))


class KeptConnection:
    """The connection that this process keeps open from one batch to the next."""

    def __init__(self) -> None:
        self.backend: BaseEmailBackend = get_connection(backends.backend())
        self.made_from, self.used_at = _made_from(), monotonic()

    def is_good(self) -> bool:
        return self.made_from == _made_from() and monotonic() - self.used_at < IDLE


_kept: KeptConnection | None = None


@contextmanager
def connection() -> Iterator[BaseEmailBackend]:
    """Yield an open connection to the provider; kept for the next batch unless an error comes through here."""
    global _kept
    if _kept is not None and not _kept.is_good():
        hang_up()
    _kept = _kept or KeptConnection()
    try:
        yield _kept.backend
    except BaseException:
        hang_up()
        raise
    _kept.used_at = monotonic()
    send_times.write()


def hang_up() -> None:
    """Close the kept connection, if there is one."""
    global _kept
    kept, _kept = _kept, None
    if kept is not None:
        kept.backend.close()


def _made_from() -> tuple[str, ...]:
    names = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_TIMEOUT", "ANYMAIL")
    return tuple(repr(getattr(settings, name, "")) for name in names)
