"""What became of a message, sorted by what can be done about it; by the types of errors and never by their texts."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
    AnymailUnsupportedFeature,
)
from anymail.message import AnymailStatus
from django.conf import settings
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from subscriptions import providers
from subscriptions.models import DeliveryStatus
from subscriptions.smtp import NotBegun


class Verdict(StrEnum):
    SENT = "sent"
    REFUSED_ADDRESS = "address refused"  # for good, because of the address
    REFUSED_MESSAGE = "message refused"  # for good, because of what is in it
    DEFERRED = "deferred"  # not taken now, because of the address
    NOT_ACCEPTED = "not accepted"  # certainly not taken
    THROTTLED = "throttled"  # not taken, because too much was sent
    MISCONFIGURED = "misconfigured"  # nothing will be taken until somebody mends a setting
    AMBIGUOUS = "ambiguous"  # perhaps taken, perhaps not


STATUS = {
    Verdict.SENT: DeliveryStatus.SENT,
    Verdict.REFUSED_ADDRESS: DeliveryStatus.FAILED,
    Verdict.REFUSED_MESSAGE: DeliveryStatus.FAILED,
    Verdict.DEFERRED: DeliveryStatus.PLANNED,
    Verdict.NOT_ACCEPTED: DeliveryStatus.PLANNED,
    Verdict.THROTTLED: DeliveryStatus.PLANNED,
    Verdict.MISCONFIGURED: DeliveryStatus.PLANNED,
    Verdict.AMBIGUOUS: DeliveryStatus.UNCERTAIN,
}
SAID = {
    Verdict.REFUSED_ADDRESS: "The mail provider refused the address",
    Verdict.REFUSED_MESSAGE: "The mail provider refused the message",
    Verdict.DEFERRED: "The mail provider did not accept it for now",
    Verdict.NOT_ACCEPTED: "The mail provider did not accept it",
    Verdict.THROTTLED: "The mail provider wants us to slow down",
    Verdict.MISCONFIGURED: "The mail provider does not let us send; check its key and the sender's address",
    Verdict.AMBIGUOUS: "The mail provider's answer was lost, it may have left",
}
ABOUT_THE_PROVIDER = {Verdict.REFUSED_MESSAGE, Verdict.NOT_ACCEPTED, Verdict.MISCONFIGURED, Verdict.AMBIGUOUS}


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    reason: str = ""
    provider_id: str = ""
    wait: timedelta | None = None  # what the provider asked for
    code: str = ""  # RFC 3463's, such as 5.1.1, or the provider's word such as "rejected"; why an address was refused

    @property
    def status(self) -> DeliveryStatus:
        """An account or a digest becomes this; DeliveryStatus.PLANNED means that it goes again."""
        if self.verdict == Verdict.AMBIGUOUS and (
            settings.ON_UNCERTAIN == "resend" or providers.forgets_second_copies()
        ):
            return DeliveryStatus.PLANNED
        return STATUS[self.verdict]

    @property
    def is_about_the_provider(self) -> bool:
        """Whether the next message will probably fare no better."""
        return self.verdict in ABOUT_THE_PROVIDER


# Answers of a provider's API. Whatever else is in the 400s is final for this message: it was read and refused.
BY_CODE = dict.fromkeys(range(400, 500), Verdict.REFUSED_MESSAGE) | {
    401: Verdict.MISCONFIGURED,
    402: Verdict.MISCONFIGURED,  # the account has run out of credit
    403: Verdict.MISCONFIGURED,
    404: Verdict.MISCONFIGURED,  # no such domain or address of the API
    405: Verdict.MISCONFIGURED,
    408: Verdict.AMBIGUOUS,
    425: Verdict.AMBIGUOUS,
    429: Verdict.THROTTLED,
}
# By type and never by text; the first that fits an error, or what it came from, decides. Of TLS only a certificate that
# is not believed proves that nothing was said: any other error can also come while the answer is read.
BY_TYPE: list[tuple[tuple[type[BaseException], ...], Verdict]] = [
    ((AnymailRecipientsRefused, AnymailInvalidAddress), Verdict.REFUSED_ADDRESS),
    ((AnymailUnsupportedFeature, AnymailSerializationError, AnymailConfigurationError), Verdict.MISCONFIGURED),
    ((smtplib.SMTPNotSupportedError,), Verdict.MISCONFIGURED),
    (
        (NotBegun, ConnectTimeout, NewConnectionError, ssl.SSLCertVerificationError, ConnectionRefusedError),
        Verdict.NOT_ACCEPTED,
    ),
]
# A mail server's reply at each stage: (with 4xx, with 5xx).
BY_STAGE: dict[type[smtplib.SMTPException], tuple[Verdict, Verdict]] = {
    smtplib.SMTPConnectError: (Verdict.NOT_ACCEPTED, Verdict.NOT_ACCEPTED),
    smtplib.SMTPHeloError: (Verdict.NOT_ACCEPTED, Verdict.NOT_ACCEPTED),
    smtplib.SMTPAuthenticationError: (Verdict.NOT_ACCEPTED, Verdict.MISCONFIGURED),
    smtplib.SMTPSenderRefused: (Verdict.NOT_ACCEPTED, Verdict.MISCONFIGURED),
    smtplib.SMTPDataError: (Verdict.NOT_ACCEPTED, Verdict.REFUSED_MESSAGE),
}
ENHANCED = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def accepted(report: AnymailStatus | None) -> Outcome:
    """No error came back; but a provider's report may still say that nobody got it, or say nothing clear."""
    if report is None or not report.status or report.status & {"sent", "queued"}:
        return Outcome(Verdict.SENT, provider_id=str(getattr(report, "message_id", "") or ""))
    return Outcome(Verdict.AMBIGUOUS, f"The mail provider gave no clear answer: {', '.join(report.status)}")


def judged(error: Exception) -> Outcome:
    verdict = _verdict(error)
    # What went before the error's own words is about the message: a provider's answer may quote the address.
    return Outcome(verdict, f"{SAID[verdict]} ({_told(error)}).", wait=_retry_after(error), code=_reason_code(error))


def _verdict(error: Exception) -> Verdict:
    if isinstance(error, AnymailAPIError) and error.status_code is not None:
        return _by_code(error.status_code)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        final = all(code >= 500 for code, _ in error.recipients.values())
        return Verdict.REFUSED_ADDRESS if final else Verdict.DEFERRED
    for stage, (for_now, for_good) in BY_STAGE.items():
        if isinstance(error, stage):
            return for_good if getattr(error, "smtp_code", 0) >= 500 else for_now
    chain = causes(error)
    matches = (verdict for types, verdict in BY_TYPE if any(isinstance(cause, types) for cause in chain))
    return next(matches, Verdict.AMBIGUOUS)


def _by_code(code: int) -> Verdict:
    if code in providers.NOT_TAKEN_CODES.get(settings.EMAIL_BACKEND, ()):
        return Verdict.NOT_ACCEPTED
    return BY_CODE.get(code, Verdict.AMBIGUOUS)


def _told(error: Exception) -> str:
    """The kind of error and the provider's number; never its words, which may hold an address."""
    codes = [getattr(error, "status_code", None), getattr(error, "smtp_code", None), *_replies(error)]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])


def _replies(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return []


def _reason_code(error: Exception) -> str:
    """Why an address was refused, in a word that does not name it."""
    if isinstance(error, AnymailRecipientsRefused):
        status = getattr(error.email_message, "anymail_status", None)
        return next(iter(sorted(status.status or ())), "rejected") if status else "rejected"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = b" ".join(
            text if isinstance(text, bytes) else str(text).encode() for _, text in error.recipients.values()
        )
        found = ENHANCED.search(said.decode(errors="replace"))
        return found[0] if found else str(_replies(error)[0])
    return ""


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _retry_after(error: Exception) -> timedelta | None:
    """The seconds of a Retry-After header; its other form, a date, is read as no wish at all."""
    response: Any = getattr(error, "response", None)
    asked = getattr(response, "headers", {}).get("Retry-After", "") if response is not None else ""
    return timedelta(seconds=int(asked)) if asked.isdigit() else None


def causes(error: BaseException | None) -> list[BaseException]:
    """The error and everything that it is said to come from, the requests library's own nesting included.

    What was merely being handled meanwhile (__context__) proves nothing. Celery's main process starts a new child also
    while it handles a lost broker; all errors of such a child carry that "connection refused" for as long as it lives.
    """
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        inner = [arg for arg in error.args if isinstance(arg, BaseException)]
        reason = getattr(error, "reason", None)
        nested = reason if isinstance(reason, BaseException) else next(iter(inner), None)
        error = error.__cause__ or nested
    return chain
