"""Settings with which a provider could not take our mail, or not all of it, stop the start with one line."""

import json
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.mail import get_connection
from pytest_django import Settings

from subscriptions.providers import table
from subscriptions.providers.wrong_settings import problems
from tests.config.house.test_settings import PRODUCTION, refusal

NO_EXTRAS = {"DIGEST_ESP_EXTRA": {}, "ACCOUNT_ESP_EXTRA": {}}
ANYMAIL = {"POSTMARK_SERVER_TOKEN": "token", "WEBHOOK_SECRET": "name:password"}
HEADERS = {"Headers": [{"Name": "X-Mine", "Value": "1"}]}
ignore_sendgrid = pytest.mark.filterwarnings(
    "ignore::anymail.exceptions.AnymailNotSupportedWarning", "ignore::anymail.exceptions.AnymailDeprecationWarning"
)


def complete(name: str) -> dict[str, Any]:
    row = table.of_name(name)
    assert row
    return {f"{name.upper()}_{key}": "https://api.example.org" for key in row.needs}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIGEST_ESP_EXTRA", HEADERS),
        ("ACCOUNT_ESP_EXTRA", HEADERS),
        ("ANYMAIL", ANYMAIL | {"SEND_DEFAULTS": {"esp_extra": HEADERS}}),
        ("ANYMAIL", ANYMAIL | {"POSTMARK_SEND_DEFAULTS": {"esp_extra": {"headers": []}}}),
        ("DIGEST_ESP_EXTRA", ["MessageStream", "broadcast"]),
        ("ACCOUNT_ESP_EXTRA", "MessageStream"),
        ("ANYMAIL", {"WEBHOOK_SECRET": "name:password"}),
        ("ANYMAIL", ANYMAIL | {"POSTMARK_SERVER_TOKEN": ""}),
        ("ANYMAIL", ANYMAIL | {"POSTMARK_API_URL": "postmark.example.org"}),
    ],
)
def test_the_site_does_not_start_with_it(name: str, value: Any) -> None:
    mail = {"EMAIL_URL": "", "EMAIL_BACKEND": table.path_of("postmark"), "ANYMAIL": json.dumps(ANYMAIL)}
    line = refusal(**PRODUCTION | mail | {name: json.dumps(value)})
    assert name in line


@ignore_sendgrid
@pytest.mark.parametrize("name", [*table.ROWS, "sendinblue"])
def test_each_provider_needs_what_anymail_asks_for_and_no_more(name: str, settings: Settings) -> None:
    """Anymail makes a backend with all of them; with one left out the start says which."""
    settings.ANYMAIL = complete(name) | {"AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"}}
    assert get_connection(table.path_of(name))
    assert list(problems(table.path_of(name), settings.ANYMAIL, NO_EXTRAS)) == []
    for left_out in complete(name):
        some = {key: value for key, value in settings.ANYMAIL.items() if key != left_out}
        [problem] = problems(table.path_of(name), some, NO_EXTRAS)
        assert f'"{left_out}": "…"' in problem


@ignore_sendgrid
@pytest.mark.parametrize("name", table.ROWS)
def test_nothing_is_missing_that_anymail_would_complain_of(name: str, settings: Settings) -> None:
    from anymail.exceptions import AnymailConfigurationError

    for left_out in complete(name):
        settings.ANYMAIL = {key: value for key, value in complete(name).items() if key != left_out}
        with pytest.raises(AnymailConfigurationError, match=left_out):
            get_connection(table.path_of(name))


def test_a_mail_server_needs_none_of_it() -> None:
    assert (
        list(problems("django.core.mail.backends.smtp.EmailBackend", {}, NO_EXTRAS | {"DIGEST_ESP_EXTRA": HEADERS}))
        == []
    )


def test_a_check_of_a_running_configuration_says_the_same(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = table.path_of("postmark"), ANYMAIL
    settings.DIGEST_ESP_EXTRA = HEADERS
    [found] = [message for message in run_checks() if message.id == "subscriptions.E010"]
    assert "DIGEST_ESP_EXTRA holds Headers" in found.msg
    settings.DIGEST_ESP_EXTRA = {"MessageStream": "broadcast"}
    assert "subscriptions.E010" not in {message.id for message in run_checks()}
