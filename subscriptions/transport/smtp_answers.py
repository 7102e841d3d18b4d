"""What a mail server's answer means, by the stage at which it came (RFC 5321) and its enhanced code (RFC 3463)."""

import smtplib
from collections.abc import Callable
from typing import NamedTuple

from subscriptions.providers.results import SendResult
from subscriptions.transport.reply_codes import codes_in
from subscriptions.transport.smtp_transaction import TooLarge

GOODBYE, OUT_OF_STEP, TOO_LARGE = 421, 503, 552
ABOUT_SENDER = {"1.7", "1.8"}  # among the codes of addresses
ABOUT_SIZE = {"2.3", "3.4"}
# The system takes no messages now. Postfix' postscreen says it of the connection on which it tests a client.
NOT_NOW = "3.2"


class Reply(NamedTuple):
    code: int
    text: str

    @property
    def detail(self) -> str:
        """Return the first enhanced code without its class, such as "1.1" of 5.1.1; '' if there is none."""
        return next((f"{subject}.{detail}" for _, subject, detail in codes_in(self.text)), "")


def replies(error: BaseException) -> list[Reply]:
    """Return the answers that smtplib raised an error for, one for each recipient; none where no answer had come."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [Reply(code, _text(said)) for code, said in error.recipients.values()]
    if isinstance(error, smtplib.SMTPResponseException):
        return [Reply(error.smtp_code, _text(error.smtp_error))]
    return []


def is_about_the_connection(error: BaseException, *, carried: int) -> bool:
    """Tell whether the same mail may be taken over a new connection.

    Servers have rations of mails or of errors a connection. When one is used up they refuse the next sender for now and
    leave the connection open (OpenSMTPD, Exim), or say goodbye at any command (Postfix). And postscreen refuses every
    recipient of the connection on which it finds out that the client is a good one.

    Args:
        error: Of MAIL, RCPT or DATA.
        carried: How many mails that connection had seen before.
    """
    said = replies(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused) and any(reply.detail == NOT_NOW for reply in said):
        return True
    is_sender = isinstance(error, smtplib.SMTPSenderRefused)
    used_up = any(reply.code in {GOODBYE, OUT_OF_STEP} or (is_sender and reply.code < 500) for reply in said)
    return carried > 0 and used_up


def meaning(error: BaseException) -> SendResult | None:
    """Return what an answer means for the mail, None for an error that is none of a known stage."""
    stages = (judge for stage, judge in BY_STAGE.items() if isinstance(error, stage))
    judge, said = next(stages, None), replies(error)
    return judge(said) if judge and said else None


def _of_recipients(said: list[Reply]) -> SendResult:
    """Judge a refused recipient: for good because of the address only where the server says so.

    "Relay access denied" and "rejected by policy" come here too, to every reader, and a bare 550 may be one of them.
    """
    if any(reply.code == GOODBYE for reply in said):
        return SendResult.NOT_ACCEPTED
    if any(reply.code < 500 for reply in said):
        return SendResult.DEFERRED
    return SendResult.REFUSED_ADDRESS if all(map(_is_about_the_address, said)) else SendResult.REFUSED


def _of_sender(said: list[Reply]) -> SendResult:
    """Judge a refused sender, which is the operator's to mend; but a size is told there too (RFC 1870)."""
    if _is_too_large(said[0]):
        return SendResult.REFUSED_MESSAGE
    return _later_or(SendResult.MISCONFIGURED)(said)


def _of_message(said: list[Reply]) -> SendResult:
    """Judge a refused message: for good where its size or form is named; all else may be refused to everybody."""
    reply = said[0]
    if reply.code >= 500 and (_is_too_large(reply) or reply.detail.startswith("6.")):
        return SendResult.REFUSED_MESSAGE
    return _later_or(SendResult.REFUSED)(said)


def _later_or(for_good: SendResult) -> Callable[[list[Reply]], SendResult]:
    def judge(said: list[Reply]) -> SendResult:
        return for_good if said[0].code >= 500 else SendResult.NOT_ACCEPTED

    return judge


def _is_about_the_address(reply: Reply) -> bool:
    """Tell whether the code is of the recipient's address (X.1) or mailbox (X.2)."""
    return reply.detail[:2] in {"1.", "2."} and reply.detail not in ABOUT_SENDER | ABOUT_SIZE


def _is_too_large(reply: Reply) -> bool:
    return reply.detail in ABOUT_SIZE if reply.detail else reply.code == TOO_LARGE


BY_STAGE: dict[type[smtplib.SMTPException], Callable[[list[Reply]], SendResult]] = {
    smtplib.SMTPConnectError: _later_or(SendResult.NOT_ACCEPTED),
    smtplib.SMTPHeloError: _later_or(SendResult.NOT_ACCEPTED),
    smtplib.SMTPAuthenticationError: _later_or(SendResult.MISCONFIGURED),
    TooLarge: lambda said: SendResult.REFUSED_MESSAGE,
    smtplib.SMTPSenderRefused: _of_sender,
    smtplib.SMTPRecipientsRefused: _of_recipients,
    smtplib.SMTPDataError: _of_message,
}


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said
