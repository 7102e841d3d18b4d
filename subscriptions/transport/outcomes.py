"""The outcome of sending, sorted by what can be done about it; by types, codes and a provider's documented words."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import timedelta

from anymail.exceptions import (
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
from subscriptions.providers import answers, retry_after, table
from subscriptions.providers.answers import Answer
from subscriptions.providers.results import SendResult
from subscriptions.transport import backends, smtp_answers
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
    SendResult.TAKEN_BEFORE: DeliveryStatus.SENT,
    SendResult.RUNNING: DeliveryStatus.PLANNED,
    SendResult.LOST: DeliveryStatus.UNCERTAIN,
}
SAID = {
    SendResult.SENT: "The mail provider took it",
    SendResult.REFUSED_ADDRESS: "The mail provider refused the address",
    SendResult.REFUSED_MESSAGE: "The mail provider refused the message",
    SendResult.REFUSED: "The mail provider refused it, and does not say why",
    SendResult.DEFERRED: "The mail provider did not accept it for now",
    SendResult.NOT_ACCEPTED: "The mail provider did not accept it",
    SendResult.THROTTLED: "The mail provider wants us to slow down",
    SendResult.MISCONFIGURED: "The mail provider does not let us send; check its key and the sender's address",
    SendResult.AMBIGUOUS: "The mail provider's answer was lost, it may have left",
    SendResult.TAKEN_BEFORE: "The mail provider had taken it at an earlier attempt",
    SendResult.RUNNING: "The mail provider is still working on an earlier attempt",
    SendResult.LOST: "It may have left at an earlier attempt, and another one could bring a second copy",
}
MAY_HAVE_LEFT = {SendResult.AMBIGUOUS, SendResult.RUNNING, SendResult.LOST}
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
    at_recipient: bool = False  # a mail server refused the recipient, and neither the sender nor the message

    @property
    def status(self) -> DeliveryStatus:
        """Return the status of the mail after it; DeliveryStatus.PLANNED means that it goes again."""
        status = STATUS[self.result]
        if status == DeliveryStatus.UNCERTAIN and settings.ON_UNCERTAIN == "resend":
            return DeliveryStatus.PLANNED
        if self.result == SendResult.AMBIGUOUS and backends.forgets_second_copies():
            return DeliveryStatus.PLANNED
        return status

    @property
    def may_have_left(self) -> bool:
        """Tell whether the reader may have the mail though it goes again."""
        return self.result in MAY_HAVE_LEFT

    @property
    def goes_again_the_same(self) -> bool:
        """Tell whether the next attempt must have the same bytes, or the provider takes it for another mail."""
        return self.may_have_left and self.status == DeliveryStatus.PLANNED

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


def of_report(report: AnymailStatus | None) -> Outcome:
    """Judge a send without an error; the provider's report may still say that nobody got it, or say nothing clear."""
    if report is None:  # a mail server, which says all that it has to say by errors
        return Outcome(SendResult.SENT)
    answer, statuses = answers.of_report(report), report.status or set()
    result = _judged(answer) or (SendResult.SENT if statuses & {"sent", "queued"} else None)
    if result == SendResult.SENT:
        return Outcome(result, provider_id=_id_in(report))
    if result:
        return Outcome(
            result,
            f"{SAID[result]} ({_in_brief(answer)}).",
            wait=retry_after.asked_for(answer),
            code=_refusal(_word(answer)),
        )
    return Outcome(SendResult.AMBIGUOUS, f"The mail provider gave no clear answer: {', '.join(statuses)}")


def of_error(error: Exception, report: AnymailStatus | None = None) -> Outcome:
    """Judge an error: the result, a reason without the provider's words, the wait it asked for and its code.

    An answer that Anymail stumbled over is not in its error; it stands in the report that was begun.
    """
    answer = answers.of_error(error) if getattr(error, "response", None) is not None else answers.of_report(report)
    result = _result(error, answer)
    # What went before the error's own words is about the message: a provider's answer may quote the address.
    return Outcome(
        result,
        f"{SAID[result]} ({_told(error, answer)}).",
        wait=retry_after.asked_for(answer),
        code=_reason_code(error, answer),
        at_recipient=isinstance(error, smtplib.SMTPRecipientsRefused),
    )


def _id_in(report: AnymailStatus) -> str:
    """Return the provider's id; Anymail gives several where the provider writes the address in another way than we."""
    found = report.message_id
    ids = sorted(str(each) for each in found if each) if isinstance(found, set) else [found]
    return str(ids[0] or "") if ids else ""


def _result(error: Exception, answer: Answer) -> SendResult:
    if result := _judged(answer):
        return result
    if isinstance(error, AnymailRecipientsRefused):
        return SendResult.REFUSED if _statuses(error) else SendResult.AMBIGUOUS  # of nobody at all Anymail says it too
    if result := smtp_answers.meaning(error):
        return result
    chain = _causes(error)
    matches = (result for types, result in BY_TYPE if any(isinstance(cause, types) for cause in chain))
    return next(matches, SendResult.AMBIGUOUS)


def _judged(answer: Answer) -> SendResult | None:
    """Return what an answer means: by its words, else by its code of HTTP; None if neither says anything."""
    by_row = _by_row(answer)
    if by_row not in (None, SendResult.REFUSED) or answer.status is None:
        return by_row
    return BY_CODE.get(answer.status, by_row)


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


def _told(error: Exception, answer: Answer) -> str:
    """Return the kind of error and the provider's number; never its words, which may hold an address."""
    said: list[object] = [reply.code for reply in smtp_answers.replies(error)] or [getattr(error, "smtp_code", None)]
    codes = [getattr(error, "status_code", None), *said, _word(answer)]
    return " ".join([type(error).__name__, *(str(code) for code in codes if code)])


def _reason_code(error: Exception, answer: Answer) -> str:
    """Return why an address was refused, in a word that does not name it."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = smtp_answers.replies(error)
        return first_code("\n".join(reply.text for reply in said)) or str(said[0].code)
    if isinstance(error, AnymailRecipientsRefused):
        return _refusal(_word(answer)) or next(iter(sorted(_statuses(error))), "")
    return _refusal(_word(answer))


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
