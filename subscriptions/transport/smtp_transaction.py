"""One mail over an open connection to a mail server: MAIL, RCPT, DATA, the message, and the answer to it."""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from subscriptions.people.addresses import is_plain

READY_FOR_DATA = 354
# What smtplib raises for an answer of the server; all else is a connection that failed.
ANSWERED = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
Reply = tuple[int, bytes]


class TooLarge(smtplib.SMTPSenderRefused):
    """The server refused the sender of a mail that is larger than the SIZE it announces, by whatever code."""


@dataclass(frozen=True, slots=True)
class Envelope:
    sender: str
    recipients: Sequence[str]
    size: int  # of the message, in bytes


def begin(connection: Any, envelope: Envelope) -> None:
    """Bring a mail to where the server asks for the message: up to here nothing can have been taken.

    The word DATA waits for the answer to the recipient, though it could travel along: each refused recipient would be
    two errors to Postfix, which slows down after ten without a mail in between and hangs up after twenty.

    Raises:
        SMTPSenderRefused, SMTPRecipientsRefused, SMTPDataError: The server said no; the transaction is still open.
        OSError: The connection failed.
    """
    connection.ehlo_or_helo_if_needed()
    size = f" size={envelope.size}" if connection.has_extn("size") else ""
    commands = [f"mail FROM:{_in_brackets(envelope.sender)}{size}"]
    commands += [f"rcpt TO:{_in_brackets(recipient)}" for recipient in envelope.recipients]
    (code, answer), *others = _replies(connection, commands)
    if not _is_yes(code):
        refused = TooLarge if code >= 500 and envelope.size > _limit(connection) else smtplib.SMTPSenderRefused
        raise refused(code, answer, envelope.sender)
    answers = dict(zip(envelope.recipients, others, strict=False))  # one by one nobody is asked after the first no
    if unwanted := {recipient: reply for recipient, reply in answers.items() if not _is_yes(reply[0])}:
        raise smtplib.SMTPRecipientsRefused(unwanted)
    code, answer = connection.docmd("data")
    if code != READY_FOR_DATA:
        raise smtplib.SMTPDataError(code, answer)


def hand_over(connection: Any, data: bytes, patience: float) -> None:
    """Send the message: from its first byte on, only the server's answer tells whether it was taken.

    Args:
        connection: Where begin() ended well.
        data: The message, with CRLF at the end of each line.
        patience: Seconds for the final answer, before which the server may have a filter look at the whole mail.

    Raises:
        SMTPDataError: The server did not take it.
        OSError: Nobody knows; also for an answer that is neither yes nor no.
    """
    end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
    connection.send(_dots_doubled(data) + end)
    code, answer = _patiently(connection, patience)
    if 400 <= code <= 599:
        raise smtplib.SMTPDataError(code, answer)
    if not _is_yes(code):
        raise smtplib.SMTPServerDisconnected(f"The answer to the message cannot be read ({code}).")


def forget(connection: Any) -> bool:
    """End a transaction that was refused; return False if the connection had better be closed.

    A server may have said goodbye meanwhile, and then answers with that.
    """
    try:
        return _is_yes(connection.rset()[0])
    except OSError:
        return False


def _limit(connection: Any) -> float:
    """Return the size in bytes up to which the server says it takes mails; 0 and no number mean any (RFC 1870)."""
    announced = connection.esmtp_features.get("size", "")
    is_number = announced.isdecimal() and len(announced) <= 20  # digits, which the RFC allows
    return (int(announced) if is_number else 0) or float("inf")


def _in_brackets(address: str) -> str:
    """Write an address as smtplib does, which parses each as if a name could stand before it."""
    return f"<{address}>" if is_plain(address) else _quoted(address)


_quoted = lru_cache(maxsize=64)(smtplib.quoteaddr)  # the sender's, which has a name and is the same for all mails


def _replies(connection: Any, commands: Sequence[str]) -> list[Reply]:
    """Send the commands in one packet where the server allows that (RFC 2920), else one by one until it says no."""
    if connection.has_extn("pipelining"):
        connection.send("".join([f"{command}\r\n" for command in commands]))
        return [connection.getreply() for _ in commands]
    replies: list[Reply] = []
    for command in commands:
        replies.append(connection.docmd(command))
        if not _is_yes(replies[-1][0]):
            break
    return replies


def _patiently(connection: Any, patience: float) -> Reply:
    usual = connection.timeout
    connection.sock.settimeout(patience)
    reply: Reply = connection.getreply()
    connection.sock.settimeout(usual)
    return reply


def _is_yes(code: int) -> bool:
    return 200 <= code <= 299


def _dots_doubled(data: bytes) -> bytes:
    """Double dots at the beginning of lines, where a single one would end the message (RFC 5321, 4.5.2)."""
    return (b"." if data.startswith(b".") else b"") + data.replace(b"\n.", b"\n..")
