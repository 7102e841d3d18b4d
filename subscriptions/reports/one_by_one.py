"""Anymail's views, event by event: one that cannot be read is stored as such, and the rest of its batch is read."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailConfigurationError
from anymail.signals import AnymailTrackingEvent, tracking
from anymail.webhooks.base import AnymailCoreWebhookView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from papers.sources.shallow_json import shallow
from subscriptions.reports import ties
from subscriptions.reports.classification import UNREADABLE

READING = (
    *(AssertionError, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError),
    *(AnymailAPIError, AnymailConfigurationError),
)
# Providers that send a list where the operator asks for it, of which Anymail knows nothing.
SOMETIMES_LISTS = ("Brevo", "SendinBlue")
MAIL_OF_UNISENDER_GO = "transactional_email_status"
# Where Amazon SES names the recipients of what it reports.
RECIPIENTS = ("bouncedRecipients", "complainedRecipients", "recipients")


class Refused(SuspiciousOperation):
    """A report that is answered with 400."""


class OneByOne(AnymailCoreWebhookView):  # type: ignore[misc]
    """Mixed into a view of Anymail: it stores an event that it cannot read as such, and reads the rest of its batch."""

    signal: Any = tracking  # incoming mail is not served

    def run_validators(self, request: HttpRequest) -> None:
        with _refusing():
            super().run_validators(request)

    def parse_events(self, request: HttpRequest) -> Any:
        """Read the events, and look up at once which digests they are about."""
        events = self._read(request)
        ties.look_up(events)
        return events

    def _read(self, request: HttpRequest) -> Any:
        """Read the events; a proven report is never asked for again, so that an unreadable one is stored as such."""
        flatten(request)
        if self.esp_name in SOMETIMES_LISTS and isinstance(batch := sent(request), list):
            return [self.esp_to_anymail_event(one) for one in batch]
        try:
            return super().parse_events(request)
        except READING as error:
            return [_unreadable(sent(request), error)]

    def parse_json_body(self, request: HttpRequest) -> Any:
        """Read the body of Unisender Go, which takes each event apart before it reads the first one."""
        return _with_whole_events(json.loads(shallow(request.body.decode())))

    def unwrap_event(self, raw_event: Any) -> Any:
        """Unwrap an event of SparkPost; what holds no single event goes on, to be found unreadable on its own."""
        try:
            return super().unwrap_event(raw_event)
        except READING:
            return UNREADABLE, raw_event, raw_event

    def esp_to_anymail_event(self, esp_event: Any, *arguments: Any) -> AnymailTrackingEvent:
        """Read an event; of SparkPost the first of three arguments is its class, and the last one all of it."""
        if isinstance(esp_event, dict) and esp_event.get("Metadata", {}) is None:
            esp_event = esp_event | {"Metadata": {}}  # as Postmark may write "none"
        try:
            return super().esp_to_anymail_event(esp_event, *arguments)
        except READING as error:
            whole = arguments[-1] if len(arguments) == 2 else esp_event
            return _unreadable(whole, error, _token(esp_event))

    def esp_to_anymail_events(self, ses_event: Any, sns_message: Any) -> list[AnymailTrackingEvent]:
        """Read an event of Amazon SES, which may be about several recipients."""
        try:
            return list(super().esp_to_anymail_events(ses_event, sns_message))
        except READING as error:
            parts = _one_recipient_each(ses_event)
            if len(parts) < 2:
                return [_unreadable([ses_event, sns_message], error)]
        return [event for part in parts for event in self.esp_to_anymail_events(part, sns_message)]

    def auto_confirm_sns_subscription(self, sns_message: Any) -> None:
        """Confirm a subscription; Amazon asks again until this is done."""
        try:
            super().auto_confirm_sns_subscription(sns_message)
        except Exception as error:  # whatever Amazon's own library makes of what was sent
            raise Refused("A subscription of Amazon SNS could not be confirmed.") from error


def flatten(request: HttpRequest) -> None:
    """Cut from a report what Python's reader of JSON would fail at."""
    if request.POST:
        request.POST = form = request.POST.copy()  # type: ignore[assignment]
        if "mandrill_events" in form:
            form["mandrill_events"] = shallow(str(form["mandrill_events"]))
        return
    request._body = shallow(request.body.decode("latin-1")).encode("latin-1")
    message = getattr(request, "_sns_message", None)
    if isinstance(message, dict) and isinstance(message.get("Message"), str):
        message["Message"] = shallow(message["Message"])


def sent(request: HttpRequest) -> Any:
    """Return all that a report says; raise Refused where it is neither JSON nor a form."""
    if request.POST and "mandrill_events" not in request.POST:
        return dict(request.POST.lists())
    try:
        return json.loads(request.POST.get("mandrill_events") or request.body)
    except ValueError as error:
        raise Refused("A report cannot be read.") from error


def _with_whole_events(report: Any) -> Any:
    """Return a report of Unisender Go in which every event can be taken apart, whosever it is and whatever it tells."""
    if not isinstance(report, dict):
        return report
    if "events_by_user" not in report:
        return report if report.get("event_name") == MAIL_OF_UNISENDER_GO else _of_one_user(report, {}, [report])
    users = report["events_by_user"]
    if not isinstance(users, list) or not all(isinstance(user, dict) for user in users):
        return report
    if not all(isinstance(user.get("events"), list) for user in users):
        return report
    return _of_one_user(report, users[0] if users else {}, [event for user in users for event in user["events"]])


def _of_one_user(report: dict[str, Any], user: dict[str, Any], events: list[Any]) -> dict[str, Any]:
    """Return it with these events as one user's: Anymail reads no other, and drops all that is not about a mail."""
    return report | {"events_by_user": [user | {"events": [_whole(event) for event in events]}]}


def _whole(event: Any) -> Any:
    if isinstance(event, dict) and event.get("event_name") == MAIL_OF_UNISENDER_GO and "event_data" in event:
        return event
    return {"event_name": MAIL_OF_UNISENDER_GO, "event_data": event}


def _one_recipient_each(ses_event: Any) -> list[Any]:
    """Take a notification of Amazon SES apart, so that one unreadable recipient loses no other."""
    for key, about in ses_event.items() if isinstance(ses_event, dict) else ():
        for name in RECIPIENTS if isinstance(about, dict) else ():
            if isinstance(about.get(name), list):
                return [ses_event | {key: about | {name: [recipient]}} for recipient in about[name]]
    return []


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise Refused for what is no report at all: that is the sender's mistake and not ours."""
    try:
        yield
    except READING as error:
        raise Refused("A report cannot be read.") from error


def _unreadable(esp_event: Any, error: Exception, event_id: str | None = None) -> AnymailTrackingEvent:
    message = f"{type(error).__name__}: {error}"
    # Of Mandrill's Anymail only asserts that it is none, without a word.
    if isinstance(esp_event, dict) and esp_event.get("event") == "inbound":
        message = (
            "AnymailConfigurationError: You seem to have set Mandrill's *inbound* webhook to the address of reports."
        )
    return AnymailTrackingEvent(event_type=UNREADABLE, esp_event=esp_event, description=message, event_id=event_id)


def _token(report: Any) -> str | None:
    """Return Mailgun's token, which may be used once, whatever it comes with."""
    signature = report.get("signature") if isinstance(report, dict) else None
    token = signature.get("token") if isinstance(signature, dict) else None
    return token if isinstance(token, str) else None
