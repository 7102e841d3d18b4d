"""What a provider is told beside the mail never takes the place of what the mail says."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils.timezone import now
from pytest_django import Settings

from subscriptions.doctor.trial.example import example
from subscriptions.mails.headers import account_headers, digest_headers, headers_of_digests
from subscriptions.providers import table
from subscriptions.providers.extras import HEADERS, METADATA, replaced_by
from subscriptions.providers.row import Provider
from tests.fakes.taker import Taker

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings(
        "ignore::anymail.exceptions.AnymailNotSupportedWarning", "ignore:datetime.datetime.utcnow"
    ),
]
# Neither replaces what a reader sees nor what a report is known by: an operator may choose other ones.
FREE = {"Tag", "tag", "tags", "category", "categories", "o:tag", "campaign_id", "message.tags", "project_id", "key"} | {
    "Globals.CustomCampaign"
}
OTHER_LINK = {"List-Unsubscribe": "<https://elsewhere.example.org/>"}
# As an operator would write them, by the form that each provider's own documentation gives for headers.
REPLACING = [
    ("brevo", {"headers": OTHER_LINK}, "headers"),
    ("mailersend", {"headers": [{"name": "X-Mine", "value": "1"}]}, "headers"),
    ("mandrill", {"message": {"headers": {"X-Mine": "1"}}}, "message.headers"),
    ("postal", {"headers": {"X-Mine": "1"}}, "headers"),
    ("postmark", {"Headers": [{"Name": "X-Mine", "Value": "1"}]}, "Headers"),
    ("resend", {"headers": {"X-Mine": "1"}}, "headers"),
    ("scaleway", {"additional_headers": [{"key": "X-Mine", "value": "1"}]}, "additional_headers"),
    # In other letters, or with nothing in it.
    ("postmark", {"MessageStream": "broadcast", "headers": []}, "headers"),
    ("brevo", {"HEADERS": {}}, "HEADERS"),
    ("mandrill", {"Message": {"Headers": {}}}, "Message.Headers"),
    ("mandrill", {"message": None}, "message"),
    # Where both are merged, a header of ours is replaced by its name alone.
    ("mailtrap", {"headers": {"list-unsubscribe": "<https://elsewhere.example.org/>"}}, "headers.list-unsubscribe"),
    ("mailjet", {"Globals": {"Headers": OTHER_LINK}}, "Globals.Headers.List-Unsubscribe"),
    ("mailjet", {"Messages": []}, "Messages"),
    ("mailjet", {"Globals": []}, "Globals"),
    ("sendgrid", {"headers": {"Feedback-ID": "mine"}}, "headers.Feedback-ID"),
    ("sendgrid", {"personalizations": [{"to": []}]}, "personalizations"),
    ("sendgrid", {"personalizations": {"headers": OTHER_LINK}}, "personalizations.headers.List-Unsubscribe"),
    ("sparkpost", {"content": {"headers": OTHER_LINK}}, "content.headers.List-Unsubscribe"),
    ("unisender_go", {"headers": OTHER_LINK}, "headers.List-Unsubscribe"),
    ("mailgun", {"h:list-unsubscribe-post": ""}, "h:list-unsubscribe-post"),
    # And the same of what reports are known by, of who gets it, and of the wish not to be tracked.
    ("postmark", {"Metadata": {"kind": "digest"}}, "Metadata"),
    ("mailgun", {"v:digest": "1"}, "v:digest"),
    ("mailtrap", {"custom_variables": {"digest": "1"}}, "custom_variables.digest"),
    ("amazon_ses", {"Destination": {"BccAddresses": ["me@example.org"]}}, "Destination"),
    ("postmark", {"TrackOpens": True}, "TrackOpens"),
    ("sparkpost", {"options": {"open_tracking": True}}, "options.open_tracking"),
]
HARMLESS = [
    ("postmark", {"MessageStream": "broadcast"}),
    ("postmark", {}),
    ("amazon_ses", {"ConfigurationSetName": "digests"}),
    ("mailtrap", {"headers": {"X-Mine": "1"}, "category": "digest"}),
    ("mailjet", {"Globals": {"Headers": {"X-Mine": "1"}}, "SandboxMode": False}),
    ("mailgun", {"h:X-Mine": "1", "v:site": "1", "o:dkim": "yes", "sender_domain": "mail.example.org"}),
    ("mandrill", {"message": {"subaccount": "digests"}, "ip_pool": "Main Pool"}),
    ("sparkpost", {"options": {"ip_pool": "digests"}, "metadata": {"site": "1"}}),
    ("sendgrid", {"asm": {"group_id": 1}, "personalizations": {"send_at": 1}}),
    ("unisender_go", {"global_metadata": {"site": "1"}, "bypass_global": 1}),
]


@pytest.mark.parametrize(("name", "extra", "found"), REPLACING, ids=lambda value: str(value)[:50])
def test_an_extra_that_replaces_is_found(name: str, extra: dict[str, Any], found: str) -> None:
    assert replaced_by(table.ROWS[name], extra) == found


@pytest.mark.parametrize(("name", "extra"), HARMLESS, ids=lambda value: str(value)[:50])
def test_an_extra_that_only_adds_is_let_through(name: str, extra: dict[str, Any]) -> None:
    assert replaced_by(table.ROWS[name], extra) == ""


def test_our_own_names_are_known() -> None:
    written = {*digest_headers(b"h", "u", headers_of_digests()), *account_headers(1, "confirm")}
    assert written <= set(HEADERS)
    assert set(METADATA) == {"digest", "account_mail"}  # as mails/emails.py writes them


@pytest.fixture(params=list(table.ROWS))
def row(request: pytest.FixtureRequest, settings: Settings) -> Provider:
    settings.REPLY_TO, settings.SITE_URL = "Help <help@example.org>", "https://papers.example.org"
    settings.DEFAULT_FROM_EMAIL = "Paper Round <digest@example.org>"
    row = table.ROWS[str(request.param)]
    settings.EMAIL_BACKEND, settings.DIGEST_ESP_EXTRA = table.path_of(row.name), {}
    keys = {f"{row.name.upper()}_{key}": "https://api.example.org" for key in row.needs}
    taker = Taker(row.name)
    taker.server.server_close()
    settings.ANYMAIL = {"IGNORE_UNSUPPORTED_FEATURES": True} | taker.anymail | keys
    return row


def test_all_that_a_mail_says_is_in_its_row(row: Provider) -> None:
    """The row lists what Anymail writes into a request; a release that writes more, or elsewhere, is seen here."""
    written = set(_paths(_requested(example("reader@example.com", now()))))
    assert written
    unlisted = {path for path in written if not replaced_by(row, _nested(path)) and path not in FREE}
    assert not unlisted


def _requested(message: EmailMultiAlternatives) -> Mapping[str, Any]:
    """What the backend in use would be told of a message."""
    from django.conf import settings

    backend: Any = get_connection(settings.EMAIL_BACKEND)
    payload = backend.build_message_payload(message, backend.send_defaults)
    data: Mapping[str, Any] = getattr(payload, "data", None) or payload.params
    return data


def _paths(data: Mapping[str, Any], before: tuple[str, ...] = ()) -> Iterator[str]:
    for name, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _paths(value, (*before, name))
        elif value not in ({}, []):
            yield ".".join((*before, name))


def _nested(path: str) -> dict[str, Any]:
    head, _, rest = path.partition(".")
    return {head: _nested(rest) if rest else "replaced"}
