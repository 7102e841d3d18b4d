"""The outcome of sending, sorted by what can be done about it; by types, codes and a provider's documented words."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta
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

from subscriptions.models import DeliveryStatus
from subscriptions.providers import answers, table
from subscriptions.providers.answers import Answer
from subscriptions.providers.results import SendResult
from subscriptions.transport import backends
from subscriptions.transport.reply_codes import first_code
from subscriptions.transport.smtp import NotBegun

STATUS = {
    SendResult.SENT: DeliveryStatus.SENT,
    SendResult.REFUSED_ADDRESS: DeliveryStatus.FAILED,
    SendResult.REFUSED_MESSAGE: DeliveryStatus.FAILED,
    SendResult.REFUSED: DeliveryStatus.PLANNED,
    SendResult.DEFERRED: DeliveryStatus.PLANNED,
    SendResult.NOT_ACCEPTED: DeliveryStatus.PLANNED,
    SendResult.THROTTLED: DeliveryStatus.PLANNED,
    SendResult.MISCONFIGURED: DeliveryStatus.PLANNED,
    SendResult.AMBIGUOUS: DeliveryStatus.UNCERTAIN,
}
SAID = {
    SendResult.REFUSED_ADDRESS: "The mail provider refused the address",
    SendResult.REFUSED_MESSAGE: "The mail provider refused the message",
    SendResult.REFUSED: "The mail provider refused it, and does not say why",
    SendResult.DEFERRED: "The mail provider did not accept it for now",
    SendResult.NOT_ACCEPTED: "The mail provider did not accept it",
    SendResult.THROTTLED: "The mail provider wants us to slow down",
    SendResult.MISCONFIGURED: "The mail provider does not let us send; check its key and the sender's address",
    SendResult.AMBIGUOUS: "The mail provider's answer was lost, it may have left",
}
ABOUT_THE_PROVIDER = {
    SendResult.REFUSED_MESSAGE,
    SendResult.REFUSED,
    SendResult.NOT_ACCEPTED,
    SendResult.MISCONFIGURED,
    SendResult.AMBIGUOUS,
}


@dataclass(frozen=True, slots=True)
class Outcome:
    result: SendResult
    reason: str = ""
    provider_id: str = ""
    wait: timedelta | None = None  # what the provider asked for
    code: str = ""  # RFC 3463's, such as 5.1.1, or the provider's word such as "rejected"; why an address was refused

    @property
    def status(self) -> DeliveryStatus:
        """Return the status of the mail after it; DeliveryStatus.PLANNED means that it goes again."""
        if self.result == SendResult.AMBIGUOUS and (
            settings.ON_UNCERTAIN == "resend" or backends.forgets_second_copies()
        ):
            return DeliveryStatus.PLANNED
        return STATUS[self.result]

    @property
    def is_about_the_provider(self) -> bool:
        """Tell whether the next message will probably fare no better."""
        return self.result in ABOUT_THE_PROVIDER


# Answers of a provider's API of which its row says nothing. Whatever else is in the 400s was read and refused.
BY_CODE = dict.fromkeys(range(400, 500), SendResult.REFUSED) | {
    401: SendResult.MISCONFIGURED,
    402: SendResult.MISCONFIGURED,  # the account has run out of credit
    403: SendResult.MISCONFIGURED,
    404: SendResult.MISCONFIGURED,  # no such domain or address of the API
    405: SendResult.MISCONFIGURED,
    408: SendResult.AMBIGUOUS,
    413: SendResult.REFUSED_MESSAGE,  # too large
    425: SendResult.AMBIGUOUS,
    429: SendResult.THROTTLED,
}
UNSUBSCRIBED = {"unsub", "unsubscribed"}
OF_AN_ANSWER = (AnymailAPIError, AnymailRecipientsRefused)
# By type and never by text; the first that fits an error, or what it came from, decides. Of TLS only a certificate that
# is not believed proves that nothing was said: any other error can also come while the answer is read.
BY_TYPE: list[tuple[tuple[type[BaseException], ...], SendResult]] = [
    ((AnymailInvalidAddress,), SendResult.REFUSED_ADDRESS),
    ((AnymailUnsupportedFeature, AnymailSerializationError, AnymailConfigurationError), SendResult.MISCONFIGURED),
    ((smtplib.SMTPNotSupportedError,), SendResult.MISCONFIGURED),
    (
        (NotBegun, ConnectTimeout, NewConnectionError, ssl.SSLCertVerificationError, ConnectionRefusedError),
        SendResult.NOT_ACCEPTED,
    ),
]
# A mail server's reply at each stage: (with 4xx, with 5xx).
BY_STAGE: dict[type[smtplib.SMTPException], tuple[SendResult, SendResult]] = {
    smtplib.SMTPConnectError: (SendResult.NOT_ACCEPTED, SendResult.NOT_ACCEPTED),
    smtplib.SMTPHeloError: (SendResult.NOT_ACCEPTED, SendResult.NOT_ACCEPTED),
    smtplib.SMTPAuthenticationError: (SendResult.NOT_ACCEPTED, SendResult.MISCONFIGURED),
    smtplib.SMTPSenderRefused: (SendResult.NOT_ACCEPTED, SendResult.MISCONFIGURED),
    smtplib.SMTPDataError: (SendResult.NOT_ACCEPTED, SendResult.REFUSED_MESSAGE),
}


def of_report(report: AnymailStatus | None) -> Outcome:
    """Judge a send without an error; the provider's report may still say that nobody got it, or say nothing clear."""
    if report is None or not report.status or report.status & {"sent", "queued"}:
        return Outcome(SendResult.SENT, provider_id=str(getattr(report, "message_id", "") or ""))
    answer = answers.of_report(report)
    if result := _by_row(answer):
        return Outcome(result, f"{SAID[result]} ({_in_brief(answer)}).", code=_refusal(_word(answer)))
    return Outcome(SendResult.AMBIGUOUS, f"The mail provider gave no clear answer: {', '.join(report.status)}")


def of_error(error: Exception) -> Outcome:
    """Judge an error: the result, a reason without the provider's words, the wait it asked for and its code."""
    result = _result(error)
    # What went before the error's own words is about the message: a provider's answer may quote the address.
    return Outcome(result, f"{SAID[result]} ({_told(error)}).", wait=_retry_after(error), code=_reason_code(error))


def _result(error: Exception) -> SendResult:
    if isinstance(error, OF_AN_ANSWER) and (result := _by_row(answers.of_error(error))):
        return result
    if isinstance(error, AnymailRecipientsRefused):
        return SendResult.REFUSED if _statuses(error) else SendResult.AMBIGUOUS  # of nobody at all Anymail says it too
    if isinstance(error, AnymailAPIError) and error.status_code is not None:
        return BY_CODE.get(error.status_code, SendResult.AMBIGUOUS)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        final = all(code >= 500 for code, _ in error.recipients.values())
        return SendResult.REFUSED_ADDRESS if final else SendResult.DEFERRED
    for stage, (for_now, for_good) in BY_STAGE.items():
        if isinstance(error, stage):
            return for_good if getattr(error, "smtp_code", 0) >= 500 else for_now
    chain = _causes(error)
    matches = (result for types, result in BY_TYPE if any(isinstance(cause, types) for cause in chain))
    return next(matches, SendResult.AMBIGUOUS)


def _by_row(answer: Answer) -> SendResult | None:
    row = table.in_use()
    return row.judge(answer) if row else None


def _word(answer: Answer) -> str:
    """Return the word by which the provider's row judged an answer, '' if it was none of its words."""
    row = table.in_use()
    return next((word for word in row.words(answer) if word in row.meanings), "") if row else ""


def _refusal(word: str) -> str:
    """Return Anymail's word for why an address is refused, whatever the provider's is; '' for none."""
    return "unsubscribed" if word in UNSUBSCRIBED else "rejected" if word else ""


def _in_brief(answer: Answer) -> str:
    return " ".join(filter(None, [str(answer.status or ""), _word(answer)]))


def _statuses(error: AnymailRecipientsRefused) -> set[str]:
    status = getattr(error.email_message, "anymail_status", None)
    return set(status.status or ()) if status else set()


def _told(error: Exception) -> str:
    """Return the kind of error and the provider's number; never its words, which may hold an address."""
    codes = [getattr(error, "status_code", None), getattr(error, "smtp_code", None), *_replies(error)]
    codes += [_word(answers.of_error(error))] if isinstance(error, OF_AN_ANSWER) else []
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])


def _replies(error: Exception) -> list[int]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return []


def _reason_code(error: Exception) -> str:
    """Return why an address was refused, in a word that does not name it."""
    if isinstance(error, OF_AN_ANSWER):
        return _refusal(_word(answers.of_error(error))) or next(iter(sorted(_statuses(error))), "")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        replies = "\n".join(_text(text) for _, text in error.recipients.values())
        return first_code(replies) or str(_replies(error)[0])
    return ""


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _retry_after(error: Exception) -> timedelta | None:
    """Return the seconds of a Retry-After header; its other form, a date, is ignored."""
    response: Any = getattr(error, "response", None)
    header = getattr(response, "headers", {}).get("Retry-After", "") if response is not None else ""
    return timedelta(seconds=int(header)) if header.isdigit() else None


def _causes(error: BaseException | None) -> list[BaseException]:
    """Return the error and everything that it is said to come from, the requests library's own nesting included.

    An error that was merely being handled meanwhile (__context__) proves nothing. Celery's main process may start a
    new child while it handles a lost broker; all errors of that child carry "connection refused" as long as it lives.
    """
    chain: list[BaseException] = []
    while error is not None and error not in chain:
        chain.append(error)
        inner = [arg for arg in error.args if isinstance(arg, BaseException)]
        reason = getattr(error, "reason", None)
        nested = reason if isinstance(reason, BaseException) else next(iter(inner), None)
        error = error.__cause__ or nested
    return chain
