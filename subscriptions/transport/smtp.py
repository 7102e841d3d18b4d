"""Django's backend for a mail server, which also tells a mail that certainly did not leave from one that may have."""

import smtplib
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from subscriptions.people.addresses import is_plain
from subscriptions.transport import smtp_answers, smtp_transaction
from subscriptions.transport.smtp_transaction import ANSWERED, Envelope

REFUSED_IN_A_ROW = 8  # Postfix slows down after ten errors with no mail in between, and Exim hangs up after ten RSETs
# Answers to the greeting, the hello and the login, each of which is judged by itself.
JUDGED = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)


class NotBegun(Exception):
    """The server could not be reached, would not encrypt, or went away before the message: it was not taken."""

    def __init__(self, what: str, smtp_code: int = 0) -> None:
        super().__init__(what)
        self.smtp_code = smtp_code


class EmailBackend(smtp.EmailBackend):
    """Hands over one message after another on one connection, and calls again where only the connection is at fault."""

    connection: Any
    _partial_connection: Any
    _carried = 0  # transactions that this connection has seen to their end
    _refused = 0  # the last so many of them

    def open(self) -> bool | None:
        """Connect, encrypt and log in, if there is no connection; nothing is left of one that got half way."""
        try:
            opened = super().open()
        except JUDGED:
            self._hang_up()
            raise
        except OSError as error:  # also smtplib's own, for a server that is silent, hangs up or refuses TLS
            self._hang_up()
            code = getattr(error, "smtp_code", 0)
            raise NotBegun(f"{self.host}:{self.port} cannot be reached: {error}", code) from error
        if opened:
            self._carried = self._refused = 0
        return opened

    def _send(self, email_message: EmailMessage) -> bool:
        encoding = email_message.encoding or "utf-8"
        sender = _on_the_envelope(email_message.from_email, encoding)
        recipients = [_on_the_envelope(recipient, encoding) for recipient in email_message.recipients()]
        if not recipients:
            return False
        data = email_message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        if self._carried >= settings.SMTP_MESSAGES_PER_CONNECTION:
            self._call_again(politely=True)
        try:
            self._begin(Envelope(sender, recipients, len(data)))
            patience = max(self.timeout or 0, settings.SMTP_ANSWER_SECONDS)
            smtp_transaction.hand_over(self.connection, data, patience)
        except ANSWERED as error:
            self._end_refused(error)
            raise
        except BaseException:  # an answer may still be on its way, which the next message would take for its own
            self._hang_up()
            raise
        self._carried, self._refused = self._carried + 1, 0
        return True

    def _begin(self, envelope: Envelope) -> None:
        """Begin a mail, once more on a new connection if it was the old one's fault."""
        try:
            smtp_transaction.begin(self.connection, envelope)
        except ANSWERED as error:
            if not smtp_answers.is_about_the_connection(error, carried=self._carried):
                raise
            self._call_again(politely=True)
        except OSError:
            self._call_again(politely=False)
        else:
            return
        self._begin_anew(envelope)

    def _begin_anew(self, envelope: Envelope) -> None:
        try:
            smtp_transaction.begin(self.connection, envelope)
        except ANSWERED:
            raise
        except OSError as error:
            raise NotBegun(f"{self.host} hung up before it took the message: {error}") from error

    def _end_refused(self, error: Exception) -> None:
        """Leave no transaction open: the next sender would be refused for it."""
        if self.connection is None:  # it was the login that was refused
            return
        self._carried += not isinstance(error, smtplib.SMTPSenderRefused)
        self._refused += 1
        if not smtp_transaction.forget(self.connection):
            self._hang_up()
        elif self._refused >= REFUSED_IN_A_ROW:
            self._say_goodbye()

    def _call_again(self, *, politely: bool) -> None:
        if politely:
            self._say_goodbye()
        self._hang_up()
        self.open()

    def _say_goodbye(self) -> None:
        try:
            self.close()
        except OSError:  # whatever became of the old connection, the new one counts
            self._hang_up()

    def _hang_up(self) -> None:
        """Close the connection without a word: the other end does not answer."""
        connections = (self.connection, self._partial_connection)
        self.connection = self._partial_connection = None
        for connection in connections:
            if connection is not None:
                connection.close()


def _on_the_envelope(address: str, encoding: str) -> str:
    """Write an address as Django does, whose parser takes longer for most of them than all else in a mail."""
    return address if is_plain(address) else _parsed(address, encoding)


@lru_cache(maxsize=64)
def _parsed(address: str, encoding: str) -> str:
    return sanitize_address(address, encoding)
