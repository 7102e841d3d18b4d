"""One mail through a provider, as digests go there; nothing of it is stored."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from anymail.utils import merge_dicts_deep
from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from subscriptions.doctor.trial.example import example
from subscriptions.providers import answers, table
from subscriptions.providers.answers import Answer
from subscriptions.providers.row import Provider
from subscriptions.providers.trials import Trial
from subscriptions.providers.wrong_settings import missing
from subscriptions.transport import backends, send_times, sending
from subscriptions.transport.outcomes import Outcome

SAID = 300  # characters of an answer at most


class CannotTry(Exception):
    """There is no address or key for a trial; the text names the remedy."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was handed over, and what came of it."""

    taker: str  # in words
    row: Provider | None
    to: str
    through: str  # the provider's way to try a mail, in words; '' for a mail to a real address
    message: EmailMultiAlternatives
    outcome: Outcome
    answer: Answer
    said: str  # the answer in its own words, shortened


def attempt(backend: str, to: str, now: datetime) -> Attempt:
    """Hand an example over to a provider or mail server, at its sandbox unless an address is given.

    The backend is a path as in EMAIL_BACKEND; CannotTry says what is missing for it.
    """
    row = table.of_backend(backend)
    trial = None if to else _trial_of(row)
    given = _given_to_everybody(row, table.name_of(backend).upper(), trial)
    extra = settings.DIGEST_ESP_EXTRA if backend == settings.EMAIL_BACKEND else {}  # which is in that provider's words
    with _as_if(EMAIL_BACKEND=backend, ANYMAIL=settings.ANYMAIL | given, DIGEST_ESP_EXTRA=extra):
        message = example(trial.to if trial else to, now)
        if trial:
            _mark(message, trial)
        connection = _Overheard(get_connection(backends.backend()))
        try:
            outcome = sending.send(message, connection, str(uuid4()))
        finally:
            connection.close()
            send_times.forget()  # the time of a trial is none of a digest's
        return Attempt(
            taker=row.title if row else backends.name(),
            row=row,
            to=message.to[0],
            through=_way(trial, given),
            message=message,
            outcome=outcome,
            answer=_answer(message, connection.error),
            said=_said(message, connection.error),
        )


def _trial_of(row: Provider | None) -> Trial:
    if row and row.trial:
        return row.trial
    by_hand = f" ({row.trial_by_hand}.)" if row and row.trial_by_hand else ""
    raise CannotTry(f"Give an address of your own with --to: there is no other at which a mail can be tried.{by_hand}")


def _given_to_everybody(row: Provider | None, prefix: str, trial: Trial | None) -> dict[str, str]:
    """Return keys for who has no account, where all that ANYMAIL lacks is given to everybody; else CannotTry."""
    lacking = missing(row, prefix, settings.ANYMAIL) if row else []
    everybodys = {f"{prefix}_{name}": value for name, value in trial.without_account.items()} if trial else {}
    if row and set(lacking) - everybodys.keys():
        raise CannotTry(f"Put {' and '.join(lacking)} into ANYMAIL: {row.title} takes no mail without.")
    return {name: everybodys[name] for name in lacking}


def _way(trial: Trial | None, given: Mapping[str, str]) -> str:
    """Say how a mail is tried; '' for a mail to a real address."""
    if trial is None:
        return ""
    return f"with the key {' and '.join(given.values())}, which everybody has" if given else trial.what


def _mark(message: EmailMultiAlternatives, trial: Trial) -> None:
    """Add what tells the provider that no reader is to get it."""
    message.extra_headers |= trial.headers
    if trial.extra:
        words = vars(message)
        words["esp_extra"] = merge_dicts_deep(words.get("esp_extra", {}), dict(trial.extra))


@contextmanager
def _as_if(**changed: Any) -> Iterator[None]:
    """Let everything see other settings: a command tries one provider while its site uses another."""
    before = {name: getattr(settings, name) for name in changed}
    try:
        for name, value in changed.items():
            setattr(settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)


@dataclass(slots=True)
class _Overheard(BaseEmailBackend):
    """A connection that remembers the error it raised: its words are judged, and told to nobody but an operator."""

    connection: BaseEmailBackend
    error: Exception | None = field(default=None)

    def open(self) -> bool | None:
        return bool(self._remembering(self.connection.open))

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        return int(self._remembering(lambda: self.connection.send_messages(email_messages)) or 0)

    def close(self) -> None:
        self.connection.close()

    def _remembering(self, act: Any) -> Any:
        try:
            return act()
        except Exception as error:
            self.error = error
            raise


def _answer(message: EmailMessage, error: Exception | None) -> Answer:
    if error is not None:
        return answers.of_error(error)
    return answers.of_report(getattr(message, "anymail_status", None))


def _said(message: EmailMessage, error: Exception | None) -> str:
    """Return the provider's own words; where it gave none, those of the error."""
    response = getattr(error, "response", None)
    if error is None:
        response = getattr(getattr(message, "anymail_status", None), "esp_response", None)
    if isinstance(response, Mapping):  # of Amazon's own library
        response = response.get("Error", {}).get("Message", "")
    text = getattr(response, "text", response) or error or ""
    return " ".join(str(text).split())[:SAID]
