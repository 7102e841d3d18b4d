"""Django's backend for a mail server, which also tells a mail that certainly did not leave from one that may have."""

import smtplib
from functools import lru_cache
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.message import sanitize_address

from subscriptions.people.addresses import is_plain

READY_FOR_DATA, TAKEN, FORWARDED = 354, 250, 251


class NotBegun(Exception):
    """The server could not be reached, or went away, before the message itself was handed over: it was not taken."""


class EmailBackend(smtp.EmailBackend):
    """Hands over messages one after another on one connection; a server that closed it in between is called again."""

    connection: Any

    def open(self) -> bool | None:
        try:
            return super().open()
        except smtplib.SMTPResponseException:
            raise
        except OSError as error:  # also smtplib's own, for a server that is silent, speaks no TLS or hangs up
            raise NotBegun(f"{self.host}:{self.port} cannot be reached: {error}") from error

    def _send(self, email_message: EmailMessage) -> bool:
        encoding = email_message.encoding or "utf-8"
        sender = _on_the_envelope(email_message.from_email, encoding)
        recipients = [_on_the_envelope(recipient, encoding) for recipient in email_message.recipients()]
        if not recipients:
            return False
        data = email_message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
        try:
            self._begin_or_call_again(sender, recipients, len(data))
            self._hand_over(data)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused):
            raise
        except BaseException:  # an answer may still be on its way, which the next message would take for its own
            self._hang_up()
            raise
        return True

    def _begin_or_call_again(self, sender: str, recipients: list[str], size: int) -> None:
        try:
            self._begin(sender, recipients, size)
        except OSError as error:
            if isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected):
                self._forget_the_transaction()
                raise
            self._hang_up()
            self.open()
            self._begin_once(sender, recipients, size)

    def _begin_once(self, sender: str, recipients: list[str], size: int) -> None:
        try:
            self._begin(sender, recipients, size)
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError) as error:
            self._hang_up()
            raise NotBegun(f"{self.host} hung up before it took the message: {error}") from error

    def _begin(self, sender: str, recipients: list[str], size: int) -> None:
        """Send MAIL, RCPT and the word DATA: up to here nothing can have been taken."""
        self.connection.ehlo_or_helo_if_needed()
        options = [f"size={size}"] if self.connection.has_extn("size") else []
        if self.connection.has_extn("pipelining"):
            self._begin_at_once(sender, recipients, options)
            return
        code, answer = self.connection.mail(sender, options)
        if code != TAKEN:
            raise smtplib.SMTPSenderRefused(code, answer, sender)
        for recipient in recipients:
            code, answer = self.connection.rcpt(recipient)
            if code not in {TAKEN, FORWARDED}:
                raise smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
        code, answer = self.connection.docmd("data")
        if code != READY_FOR_DATA:
            raise smtplib.SMTPDataError(code, answer)

    def _begin_at_once(self, sender: str, recipients: list[str], options: list[str]) -> None:
        """Send all of it in one packet, where the server allows that (RFC 2920): one round trip instead of three."""
        words = [" ".join([f"mail FROM:{smtplib.quoteaddr(sender)}", *options])]
        words += [f"rcpt TO:{smtplib.quoteaddr(recipient)}" for recipient in recipients]
        self.connection.send("".join(f"{line}\r\n" for line in [*words, "data"]))
        first, *others, data = [self.connection.getreply() for _ in [*words, "data"]]
        refused = {
            to: reply for to, reply in zip(recipients, others, strict=True) if reply[0] not in {TAKEN, FORWARDED}
        }
        if data[0] == READY_FOR_DATA and (first[0] != TAKEN or refused):
            self._take_back()
        if first[0] != TAKEN:
            raise smtplib.SMTPSenderRefused(first[0], first[1], sender)
        if refused:
            raise smtplib.SMTPRecipientsRefused(refused)
        if data[0] != READY_FOR_DATA:
            raise smtplib.SMTPDataError(data[0], data[1])

    def _take_back(self) -> None:
        """Give the server no message at all: it waits for one that it will not deliver to all."""
        self._hang_up()

    def _hand_over(self, data: bytes) -> None:
        """Send the message: from its first byte on, only the server's answer tells whether it was taken."""
        end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
        self.connection.send(_dots_doubled(data) + end)
        code, answer = self.connection.getreply()
        if code != TAKEN:
            raise smtplib.SMTPDataError(code, answer)

    def _forget_the_transaction(self) -> None:
        if self.connection is None:
            return
        try:
            self.connection.rset()
        except OSError:
            self._hang_up()

    def _hang_up(self) -> None:
        """Close the connection without a word: the other end does not answer."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


def _on_the_envelope(address: str, encoding: str) -> str:
    """Write an address as Django does, whose parser takes longer for most of them than all else in a mail."""
    return address if is_plain(address) else _parsed(address, encoding)


@lru_cache(maxsize=64)
def _parsed(address: str, encoding: str) -> str:
    return sanitize_address(address, encoding)


def _dots_doubled(data: bytes) -> bytes:
    """Double dots at the beginning of lines, where a single one would end the message (RFC 5321, 4.5.2)."""
    return (b"." if data.startswith(b".") else b"") + data.replace(b"\n.", b"\n..")
