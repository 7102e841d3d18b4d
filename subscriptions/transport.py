"""Hand one message to the mail provider, and say what became of it."""

import smtplib
from dataclasses import dataclass

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from anymail.message import AnymailStatus
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from requests.exceptions import ConnectTimeout

from subscriptions.models import DeliveryStatus


@dataclass(frozen=True, slots=True)
class Outcome:
    status: DeliveryStatus  # sent, failed (refused for good), planned (not accepted, go again) or uncertain
    reason: str = ""
    provider_id: str = ""


# What can be done about an error decides its class, by type and never by its text.
NOT_ACCEPTED = (
    ConnectionRefusedError,
    ConnectTimeout,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    # With a reply of 4xx; 5xx is a refusal.
    smtplib.SMTPDataError,
    smtplib.SMTPRecipientsRefused,
)
# Answers of a provider's API: a key that is wrong or a limit that is reached can be mended, other 4xx are final, and
# 408 and 425 leave open whether the message was read.
NOT_ACCEPTED_CODES = frozenset({401, 403, 429})
REFUSED_CODES = frozenset(range(400, 500)) - NOT_ACCEPTED_CODES - {408, 425}


def send(message: EmailMultiAlternatives, connection: BaseEmailBackend) -> Outcome:
    """Send over an open connection. Any error that leaves open whether the provider took it makes it uncertain."""
    message.connection = connection
    try:
        message.send()
    except (AnymailError, smtplib.SMTPException, OSError) as error:
        return _sort(error)
    return _accepted(getattr(message, "anymail_status", None))


def _accepted(report: AnymailStatus | None) -> Outcome:
    """No error came back; but a provider's report may still say that nobody got it, or say nothing clear."""
    if report is None or not report.status or report.status & {"sent", "queued"}:
        return Outcome(DeliveryStatus.SENT, provider_id=str(getattr(report, "message_id", "") or ""))
    return Outcome(DeliveryStatus.UNCERTAIN, f"The mail provider gave no clear answer: {', '.join(report.status)}")


def _sort(error: Exception) -> Outcome:
    if _is_refusal(error):
        return Outcome(DeliveryStatus.FAILED, f"The mail provider refused it: {error}")
    if _code(error) in NOT_ACCEPTED_CODES or any(isinstance(cause, NOT_ACCEPTED) for cause in causes(error)):
        return Outcome(DeliveryStatus.PLANNED, f"The mail provider did not accept it: {error}")
    return Outcome(DeliveryStatus.UNCERTAIN, f"The mail provider's answer was lost, it may have left: {error}")


def _is_refusal(error: Exception) -> bool:
    """A "no" for good: the error says so by its type, or carries the provider's answer."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, AnymailRecipientsRefused) or _code(error) in REFUSED_CODES


def _code(error: Exception) -> int | None:
    return error.status_code if isinstance(error, AnymailAPIError) else None


def causes(error: BaseException | None) -> list[BaseException]:
    """The error and everything it came from, the requests library's own nesting included."""
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        inner = [arg for arg in error.args if isinstance(arg, BaseException)]
        reason = getattr(error, "reason", None)
        nested = reason if isinstance(reason, BaseException) else next(iter(inner), None)
        error = error.__cause__ or error.__context__ or nested
    return chain
