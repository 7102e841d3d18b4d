"""System checks speak up where settings would double mail, trust strangers or break links."""

import sys

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from papers.tasks import LIMIT
from tests.racing import output

PROVIDER = "anymail.backends.postmark.EmailBackend"


def ids(deploy: bool = False) -> set[str]:
    found = run_checks(include_deployment_checks=deploy)
    return {message.id for message in found if message.id.startswith("subscriptions.")}


@pytest.mark.parametrize(("limit", "complains"), [(4000, False), (4001, True)])
def test_a_task_must_end_within_half_of_the_visibility_timeout(settings: Settings, limit: int, complains: bool) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 8000}
    settings.CELERY_TASK_TIME_LIMIT = limit
    assert ("subscriptions.E001" in ids()) is complains


def test_a_task_with_a_limit_of_its_own_is_counted_too(settings: Settings) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 2 * LIMIT - 1}
    [found] = [message for message in run_checks() if message.id == "subscriptions.E001"]
    assert "papers.tasks." in found.msg
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": settings.LONGEST_TASK_TWICE}
    assert "subscriptions.E001" not in ids()


BY_MANAGE = """
import django; django.setup()
from django.conf import settings
from django.core.checks import run_checks
settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": settings.LONGEST_TASK_TWICE // 2}
print([message.msg for message in run_checks() if message.id == "subscriptions.E001"])
"""


def test_a_process_that_has_loaded_no_task_counts_them_all() -> None:
    assert "papers.tasks." in output(BY_MANAGE)


def test_a_folder_of_messages_gives_nothing_out_twice_so_any_limit_will_do(settings: Settings) -> None:
    settings.CELERY_TASK_TIME_LIMIT = 100_000
    assert "subscriptions.E001" not in ids()


@pytest.mark.parametrize(
    ("anymail", "complains"),
    [
        ({}, True),
        ({"WEBHOOK_SECRET": ""}, True),
        ({"POSTMARK_SERVER_TOKEN": "token"}, True),
        ({"WEBHOOK_SECRET": "name:password"}, False),
        ({"MAILGUN_WEBHOOK_SIGNING_KEY": "key"}, True),
    ],
)
def test_a_provider_needs_a_secret_for_its_webhook(
    settings: Settings, anymail: dict[str, str], complains: bool
) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND, settings.ANYMAIL = False, PROVIDER, anymail
    assert ("subscriptions.E002" in ids()) is complains


NEEDED = {
    "brevo": "WEBHOOK_SECRET",
    "mailersend": "MAILERSEND_SIGNING_SECRET",
    "mailgun": "MAILGUN_WEBHOOK_SIGNING_KEY",
    "mailjet": "WEBHOOK_SECRET",
    "mandrill": "MANDRILL_WEBHOOK_KEY",
    "postal": "POSTAL_WEBHOOK_KEY",
    "postmark": "WEBHOOK_SECRET",
    "resend": "RESEND_SIGNING_SECRET",
    "sparkpost": "WEBHOOK_SECRET",
    "unisender_go": "UNISENDER_GO_API_KEY",
}


@pytest.mark.parametrize(("provider", "needed"), NEEDED.items())
def test_each_provider_needs_the_proof_that_it_can_give(settings: Settings, provider: str, needed: str) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND = False, f"anymail.backends.{provider}.EmailBackend"
    settings.ANYMAIL = {f"{provider.upper()}_API_KEY": "key"} if "API_KEY" not in needed else {}
    assert [found.hint for found in run_checks() if found.id == "subscriptions.E002" and needed in str(found.hint)]
    settings.ANYMAIL = {needed: "name:password"}
    assert "subscriptions.E002" not in ids()


@pytest.mark.parametrize(("provider", "package"), [("amazon_ses", "boto3"), ("resend", "svix")])
def test_a_package_that_is_not_installed_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, provider: str, package: str
) -> None:
    settings.EMAIL_BACKEND = f"anymail.backends.{provider}.EmailBackend"
    assert "subscriptions.E007" not in ids()
    monkeypatch.setitem(sys.modules, package, None)  # as Python marks what cannot be imported
    [found] = [message for message in run_checks() if message.id == "subscriptions.E007"]
    assert package in found.msg
    assert "requirements.lock" in str(found.hint)


def test_amazon_needs_a_secret_and_the_names_of_its_topics(settings: Settings) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND = False, "anymail.backends.amazon_ses.EmailBackend"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "name:password"}
    assert "subscriptions.E002" in ids()
    settings.SES_TOPIC_ARNS = ["arn:aws:sns:eu-west-1:123456789012:reports"]
    assert "subscriptions.E002" not in ids()


def test_smtp_needs_no_secret_since_nothing_reports(settings: Settings) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND = False, "django.core.mail.backends.smtp.EmailBackend"
    assert "subscriptions.E002" not in ids()


@pytest.mark.parametrize(("secret", "complains"), [("password", True), (["a:b", "c"], True), ("name:password", False)])
def test_a_secret_has_a_name_and_a_password(settings: Settings, secret: object, complains: bool) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": secret}
    assert ("subscriptions.E006" in ids()) is complains


def test_development_needs_no_secret_for_the_webhook(settings: Settings) -> None:
    settings.DEBUG, settings.EMAIL_BACKEND, settings.ANYMAIL = True, PROVIDER, {}
    assert "subscriptions.E002" not in ids()


@pytest.mark.parametrize("backend", ["no.such.Backend", "anymail.backends.postmark.Nothing", "nonsense"])
def test_a_mail_backend_that_does_not_exist_is_named(settings: Settings, backend: str) -> None:
    settings.EMAIL_BACKEND = backend
    assert "subscriptions.E003" in ids()


@pytest.mark.parametrize(("url", "complains"), [("http://papers.example.org", True), ("https://p.example.org", False)])
def test_links_in_mail_must_be_https(settings: Settings, url: str, complains: bool) -> None:
    settings.SITE_URL = url
    assert ("subscriptions.W001" in ids(deploy=True)) is complains


@pytest.mark.parametrize(
    ("values", "complains"),
    [
        ({}, False),
        ({"UNCERTAIN_AFTER_SECONDS": 600}, True),  # as long as a lease
        ({"UNCERTAIN_AFTER_SECONDS": 376, "LEASE_SECONDS": 60}, False),
        ({"UNCERTAIN_AFTER_SECONDS": 375, "LEASE_SECONDS": 60}, True),  # 17 stages of SMTP, 15 seconds each, and 120
        ({"SMTP_ANSWER_SECONDS": 600}, False),
        ({"SMTP_ANSWER_SECONDS": 600, "EMAIL_TIMEOUT": 20}, True),
        ({"UNCERTAIN_AFTER_SECONDS": 30, "LEASE_SECONDS": 5, "EMAIL_BACKEND": PROVIDER}, False),
        ({"UNCERTAIN_AFTER_SECONDS": 18, "LEASE_SECONDS": 5, "EMAIL_BACKEND": PROVIDER}, True),
        (
            {
                "UNCERTAIN_AFTER_SECONDS": 110,
                "LEASE_SECONDS": 5,
                "EMAIL_BACKEND": PROVIDER,
                "ANYMAIL": {"REQUESTS_TIMEOUT": 60},
            },
            True,
        ),
    ],
)
def test_a_mail_that_may_still_be_on_its_way_is_not_called_uncertain(
    settings: Settings, values: dict[str, object], complains: bool
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    for name, value in values.items():
        setattr(settings, name, value)
    assert ("subscriptions.E008" in ids()) is complains


@pytest.mark.parametrize(("debug", "complains"), [(False, True), (True, False)])
def test_production_does_not_log_what_the_provider_is_told(settings: Settings, debug: bool, complains: bool) -> None:
    settings.DEBUG, settings.ANYMAIL = debug, {"DEBUG_API_REQUESTS": True}
    assert ("subscriptions.E009" in ids()) is complains
