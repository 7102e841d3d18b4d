"""Which backend takes our mail, and those of Anymail's that are extended here.

A provider that takes a key with each message and drops a second one under the same key lets us send again where it
is unclear whether the first was taken. Anymail has no common word for it.
"""

from typing import Any

from anymail.backends import brevo, resend, sendinblue
from anymail.backends.base import BasePayload
from anymail.backends.base_requests import AnymailRequestsBackend
from anymail.exceptions import AnymailRequestsAPIError
from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from requests import Response

from subscriptions.providers import table
from subscriptions.providers.row import Key

RESEND_OVER_SMTP = "smtp.resend.com"
# Each backend that an operator may name, and ours that stands in for it.
STAND_INS = {
    "django.core.mail.backends.smtp.EmailBackend": "subscriptions.transport.smtp.EmailBackend",
    "anymail.backends.resend.EmailBackend": "subscriptions.transport.backends.ResendBackend",
    "anymail.backends.brevo.EmailBackend": "subscriptions.transport.backends.BrevoBackend",
    "anymail.backends.sendinblue.EmailBackend": "subscriptions.transport.backends.SendinblueBackend",
    "anymail.backends.amazon_ses.EmailBackend": "subscriptions.transport.amazon_ses.EmailBackend",
}


def backend() -> str:
    """Return the dotted path of the mail backend that is used."""
    return STAND_INS.get(settings.EMAIL_BACKEND, settings.EMAIL_BACKEND)


def name() -> str:
    """Return what breakers and rates call the taker of our mail: a backend, with the host where it is a mail server."""
    if settings.EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
        return f"smtp {settings.EMAIL_HOST}"[:64]
    return settings.EMAIL_BACKEND.removesuffix(".EmailBackend").rpartition(".")[2][:64]


def forgets_second_copies() -> bool:
    """Tell whether the provider in use delivers one message under one key, however often it is handed over."""
    return key() is not None


def key() -> Key | None:
    """Return how the provider in use knows a second copy, None if it does not."""
    row = table.ROWS["resend"] if settings.EMAIL_HOST == RESEND_OVER_SMTP else table.in_use()
    return row.key if row else None


def mark(message: EmailMessage, key: str) -> None:
    """Give a message the key that is the same for each attempt."""
    vars(message)["idempotency_key"] = key
    if settings.EMAIL_HOST == RESEND_OVER_SMTP:
        message.extra_headers["Resend-Idempotency-Key"] = key


def open_once(backend: BaseEmailBackend) -> None:
    """Open it, if it is not open; a session of HTTP reads the environment now, and not again for each mail.

    To look for proxies among all that stands in the environment takes requests longer than to send a mail. It also
    looks into ~/.netrc each time; no provider's key stands there.
    """
    if backend.open() and isinstance(backend, AnymailRequestsBackend):
        session = backend.session
        found = session.merge_environment_settings(backend.api_url, {}, None, None, None)
        session.proxies, session.verify, session.trust_env = found["proxies"], found["verify"], False


class ResendBackend(resend.EmailBackend):  # type: ignore[misc]
    """Sends the header Idempotency-Key, which holds for 24 hours."""

    def build_message_payload(self, message: EmailMessage, defaults: dict[str, Any]) -> BasePayload:
        payload = super().build_message_payload(message, defaults)
        payload.headers["Idempotency-Key"] = vars(message)["idempotency_key"]
        return payload


class BrevoBackend(brevo.EmailBackend):  # type: ignore[misc]
    """Sends the key among the headers of the message, where Brevo looks for it, and waits for an id."""

    def build_message_payload(self, message: EmailMessage, defaults: dict[str, Any]) -> BasePayload:
        payload = super().build_message_payload(message, defaults)
        payload.data["headers"]["idempotencyKey"] = vars(message)["idempotency_key"]
        return payload

    def parse_recipient_status(self, response: Response, payload: BasePayload, message: EmailMessage) -> dict[str, Any]:
        """Read the answer; one without a word, which Anymail takes for a yes, says nothing of the mail."""
        if not response.content:
            raise AnymailRequestsAPIError(email_message=message, payload=payload, response=response, backend=self)
        status: dict[str, Any] = super().parse_recipient_status(response, payload, message)
        return status


class SendinblueBackend(BrevoBackend, sendinblue.EmailBackend):  # type: ignore[misc]
    """The same service by its former name, under which its settings are looked for."""

    esp_name = sendinblue.EmailBackend.esp_name
