"""Who may report on our mail: checks that stand before Anymail's own, which leaves some of them to us.

A provider is heard only if a secret or a key of its own proves that it is the one. Nothing that is refused here
changes anything.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from anymail.exceptions import AnymailAPIError
from anymail.signals import AnymailTrackingEvent, tracking
from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt

from subscriptions.models import DeliveryEvent
from subscriptions.nudges import nudge
from subscriptions.reports import UNREADABLE

logger = logging.getLogger(__name__)
MOST_BYTES = 1_000_000  # of a batch; what providers send stays below, and a report is no place for more
# The providers that sign, and the setting in ANYMAIL with which Anymail verifies it. All others need WEBHOOK_SECRET.
SIGNED_WITH = {
    "mailersend": "MAILERSEND_SIGNING_SECRET",
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "mailtrap": "MAILTRAP_TRACKING_SECRET",
    "mandrill": "MANDRILL_WEBHOOK_KEY",
    "postal": "POSTAL_WEBHOOK_KEY",
    "resend": "RESEND_SIGNING_SECRET",
    "sendgrid": "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY",
    "unisender_go": "UNISENDER_GO_API_KEY",
}
A_SECRET_WILL_DO = {"mailtrap", "resend", "sendgrid"}
READING = (AssertionError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
View = Callable[..., HttpResponse]


class Refused(SuspiciousOperation):
    """Answered with 400."""


def provider_of(esp_name: str) -> str:
    """Anymail's name for a provider as it stands in settings and addresses: "Amazon SES" is amazon_ses."""
    return esp_name.lower().replace(" ", "_")


def missing_proof(provider: str) -> str:
    """The setting without which anyone could report in this provider's name; empty if there is none."""
    secret, key = settings.ANYMAIL.get("WEBHOOK_SECRET"), SIGNED_WITH.get(provider, "")
    if settings.ANYMAIL.get(key) or (secret and provider in A_SECRET_WILL_DO):
        return ""
    if key or not secret:
        return f'"{key or "WEBHOOK_SECRET"}" in ANYMAIL'
    return "SES_TOPIC_ARNS" if provider == "amazon_ses" and not settings.SES_TOPIC_ARNS else ""


class OneByOne(AnymailCoreWebhookView):  # type: ignore[misc]
    """Before a view of Anymail: an event that it cannot read is kept as such, and the rest of its batch is read."""

    signal: Any

    def run_validators(self, request: HttpRequest) -> None:
        with _refusing():
            super().run_validators(request)

    def parse_events(self, request: HttpRequest) -> Any:
        with _refusing():
            return super().parse_events(request)

    def unwrap_event(self, raw_event: Any) -> Any:
        """SparkPost's: what holds no single event goes on, to be found unreadable on its own."""
        try:
            return super().unwrap_event(raw_event)
        except READING:
            return UNREADABLE, raw_event, raw_event

    def esp_to_anymail_event(self, esp_event: Any, *arguments: Any) -> AnymailTrackingEvent:
        try:
            return super().esp_to_anymail_event(esp_event, *arguments)
        except READING as error:
            self.signal = self.signal or tracking
            return _unreadable([esp_event, *arguments], error)

    def esp_to_anymail_events(self, ses_event: Any, sns_message: Any) -> list[AnymailTrackingEvent]:
        """As above; that of Amazon SES."""
        try:
            return list(super().esp_to_anymail_events(ses_event, sns_message))
        except READING as error:
            return [_unreadable([ses_event, sns_message], error)]


@contextmanager
def _refusing() -> Iterator[None]:
    """What is no report at all is the sender's mistake and not ours."""
    try:
        yield
    except (AnymailAPIError, *READING) as error:
        raise Refused("A report cannot be read.") from error


def _unreadable(esp_event: Any, error: Exception) -> AnymailTrackingEvent:
    said = f"{type(error).__name__}: {error}"
    return AnymailTrackingEvent(event_type=UNREADABLE, esp_event=esp_event, description=said)


def guarded(view_class: type[AnymailCoreWebhookView]) -> View:
    """A view of Anymail's that is asked only about reports that pass our own checks."""
    guarded_class: Any = type(view_class.__name__, (OneByOne, view_class), {})
    view = guarded_class.as_view()
    provider = provider_of(str(view_class.esp_name))

    def receive(request: HttpRequest, **arguments: Any) -> HttpResponse:
        _check(provider, request)
        with transaction.atomic():
            answer: HttpResponse = view(request, **arguments)
            if request.method == "POST" and answer.status_code == 200:
                nudge("process_events")
        return answer

    return csrf_exempt(receive)


def _check(provider: str, request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Refused(f"A report of {provider} is too long.")
    if missing := missing_proof(provider):
        raise Refused(f"Nothing proves that {provider} reports: set {missing}.")
    if request.method == "POST" and provider in CHECKS:
        CHECKS[provider](request)


def _is_from_our_topic(request: HttpRequest) -> None:
    """Anymail does not verify the signature of Amazon SNS, so the secret alone would let any topic through."""
    if _json(request).get("TopicArn") not in settings.SES_TOPIC_ARNS:
        raise Refused("A report of Amazon SES comes from a topic that is not in SES_TOPIC_ARNS.")


def _is_new(request: HttpRequest) -> None:
    """Mailgun signs a time and a token but not the report itself: who saw one could send another with the same."""
    signed = _json(request).get("signature") if request.content_type == "application/json" else request.POST
    if not isinstance(signed, dict):
        raise Refused("A report of Mailgun is not signed.")
    token, signed_at = str(signed.get("token", "")), _time(str(signed.get("timestamp", "")))
    if abs(now() - signed_at) > timedelta(seconds=settings.WEBHOOK_MAX_AGE_SECONDS):
        raise Refused("A report of Mailgun is too old, or the clock of this machine is wrong.")
    if DeliveryEvent.objects.filter(provider="Mailgun", event_id=token).exists():
        raise Refused("A report of Mailgun came with a token that was used before.")


CHECKS: dict[str, Callable[[HttpRequest], None]] = {"amazon_ses": _is_from_our_topic, "mailgun": _is_new}


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        body = json.loads(request.body)
    except ValueError as error:
        raise Refused("A report is not JSON.") from error
    if not isinstance(body, dict):
        raise Refused("A report is not a JSON object.")
    return body


def _time(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(seconds), tz=now().tzinfo)
    except (ArithmeticError, ValueError, OSError) as error:
        raise Refused("A report has no time.") from error
