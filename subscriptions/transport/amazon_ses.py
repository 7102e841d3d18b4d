"""Anymail's backend for Amazon SES, with one attempt a mail and our time limits; imported only where it is used.

The library below it sends a mail up to three times by itself when an answer is lost, and SES delivers each of them.
"""

from typing import Any

from anymail.backends import amazon_ses
from anymail.backends.base import BasePayload
from anymail.exceptions import AnymailAPIError, AnymailConfigurationError
from botocore import exceptions
from botocore.client import Config
from django.conf import settings
from django.core.mail import EmailMessage

from subscriptions.transport.smtp import NotBegun

ANYMAILS_OWN = 30  # seconds
ONE_ATTEMPT = Config(retries={"mode": "standard", "total_max_attempts": 1})
NOT_REACHED = (
    exceptions.EndpointConnectionError,
    exceptions.ConnectTimeoutError,
    exceptions.ProxyConnectionError,
)
# All of these come before anything is sent.
UNUSABLE = (
    exceptions.NoCredentialsError,
    exceptions.PartialCredentialsError,
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.SSOError,
    exceptions.BaseEndpointResolverError,
    exceptions.ProfileNotFound,
    exceptions.ConfigParseError,
    exceptions.ConfigNotFound,
    exceptions.ValidationError,
    exceptions.ParamValidationError,
    exceptions.InvalidConfigError,
)


class EmailBackend(amazon_ses.EmailBackend):  # type: ignore[misc]
    """Raises NotBegun where SES was not reached, AnymailConfigurationError where a setting does not let us begin."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        theirs = self.client_params["config"]
        self.client_params["config"] = _time_limits().merge(theirs).merge(ONE_ATTEMPT)

    def open(self) -> bool | None:
        try:
            opened: bool | None = super().open()
        except UNUSABLE as error:
            raise AnymailConfigurationError(str(error)) from error
        return opened

    def post_to_esp(self, payload: BasePayload, message: EmailMessage) -> Any:
        try:
            return super().post_to_esp(payload, message)
        except AnymailAPIError as error:
            cause = error.__cause__
            if isinstance(cause, NOT_REACHED):
                raise NotBegun(str(cause)) from error
            if isinstance(cause, UNUSABLE):
                raise AnymailConfigurationError(str(cause)) from error
            if isinstance(cause, exceptions.SSLError):
                raise AnymailAPIError(str(cause), email_message=message) from cause.kwargs.get("error")
            raise


def _time_limits() -> Config:
    """Return the limits that Anymail's other backends have: seconds to connect and to answer, or one for both."""
    limits = settings.ANYMAIL.get("REQUESTS_TIMEOUT", ANYMAILS_OWN)
    connect, read = limits if isinstance(limits, tuple | list) else (limits, limits)
    return Config(connect_timeout=connect, read_timeout=read)
