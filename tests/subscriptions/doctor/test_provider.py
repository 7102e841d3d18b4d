"""What the doctor says of the mail provider in use, all of it from the provider's row."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from pytest_django import Settings

from subscriptions.doctor import provider
from subscriptions.doctor.findings import Finding, Level
from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, Subscriber
from subscriptions.providers import table
from tests.subscriptions.conftest import MORNING

# Anymail warns of SendGrid and of a former name, as the doctor does, and Amazon's library of Python's clock.
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings(
        "ignore::anymail.exceptions.AnymailNotSupportedWarning",
        "ignore::anymail.exceptions.AnymailDeprecationWarning",
        "ignore:datetime.datetime.utcnow",
    ),
]
DAY = timedelta(days=1)
MUTED = {"DIGEST_ESP_EXTRA": {"MessageStream": "broadcast"}}


def findings(settings: Settings, name: str, **changed: Any) -> list[Finding]:
    settings.EMAIL_BACKEND, row = table.path_of(name), table.of_name(name)
    assert row
    account = {f"{name.upper()}_{key}": "https://api.example.org" for key in row.needs}
    settings.ANYMAIL = account | {"AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"}}
    changed |= {"ANYMAIL": settings.ANYMAIL | changed.get("ANYMAIL", {})}
    for setting, value in (MUTED | changed).items():
        setattr(settings, setting, value)
    return list(provider.check(MORNING))


def wrong(found: Iterator[Finding] | list[Finding]) -> dict[str, Finding]:
    """Those that are not fine, by their subject."""
    bad = [finding for finding in found if finding.level != Level.OK]
    assert all(finding.why and finding.remedy for finding in bad)
    assert len({finding.subject for finding in bad}) == len(bad)
    return {finding.subject: finding for finding in bad}


def said(found: list[Finding], subject: str) -> str:
    return " ".join(finding.what for finding in found if finding.subject == subject)


@pytest.fixture
def many_sent(make_subscriber: Callable[..., Subscriber]) -> list[Digest]:
    """As many as a provider that is set up must have reported on, all sent on the day before."""
    reader = make_subscriber(follows=())
    days = [date(2026, 5, 1) + number * DAY for number in range(provider.ENOUGH)]
    moments = dict.fromkeys(("due_at", "next_attempt_at", "claimed_at", "finished_at"), MORNING - DAY)
    rows = [Digest(subscriber=reader, local_date=day, status=DeliveryStatus.SENT, **moments) for day in days]
    return Digest.objects.bulk_create(rows)


def report(digest: Digest | None = None) -> None:
    moment = {"happened_at": MORNING - DAY, "received_at": MORNING - DAY}
    DeliveryEvent.objects.create(provider="any", event_id="1", event_type="delivered", digest=digest, **moment)


@pytest.mark.parametrize("row", table.ROWS.values(), ids=lambda row: row.name)
def test_what_no_message_can_switch_off_is_warned_of_and_nothing_else(settings: Settings, row: table.Provider) -> None:
    found = findings(settings, row.name)
    assert ("readers" in wrong(found)["tracking"].why) if row.tracking else ("tracking" not in wrong(found))
    assert said(found, "tracking")


@pytest.mark.parametrize("name", ["amazon_ses", "brevo", "mailtrap", "postal", "resend", "scaleway", "sendinblue"])
def test_these_track_by_account_as_anymail_says(settings: Settings, name: str) -> None:
    """Anymail refuses the wish at each of these, where it is not told to ignore what a provider cannot do."""
    assert "tracking" in wrong(findings(settings, name))


@pytest.mark.parametrize("row", table.ROWS.values(), ids=lambda row: row.name)
def test_a_row_tells_truly_whether_a_message_can_ask(settings: Settings, row: table.Provider) -> None:
    from anymail.exceptions import AnymailUnsupportedFeature

    keys = {f"{row.name.upper()}_{key}": "https://api.example.org" for key in row.needs}
    settings.ANYMAIL = keys | {"AMAZON_SES_CLIENT_PARAMS": {"region_name": "eu-west-1"}}
    message = EmailMultiAlternatives("Subject", "Body", "digest@example.org", ["ada@example.org"])
    vars(message).update(track_opens=False, track_clicks=False)
    backend: Any = get_connection(table.path_of(row.name))
    try:
        backend.build_message_payload(message, backend.send_defaults)
    except AnymailUnsupportedFeature:
        assert row.tracking
    else:
        assert not row.tracking


def test_what_a_library_lacks_is_told_before_a_mail_needs_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    found = wrong(findings(settings, "amazon_ses", ANYMAIL={"AMAZON_SES_CLIENT_PARAMS": {}}))["settings"]
    assert "region" in found.what
    assert "AWS_DEFAULT_REGION" in found.remedy


def test_digests_on_postmark_want_a_broadcast_stream(settings: Settings) -> None:
    assert "broadcast" in wrong(findings(settings, "postmark", DIGEST_ESP_EXTRA={}))["streams"].remedy
    assert wrong(findings(settings, "postmark")) == {}


def test_a_provider_without_reports_is_named_with_what_that_costs(settings: Settings, many_sent: list[Digest]) -> None:
    found = wrong(findings(settings, "scaleway"))["reports"]
    assert found.level == Level.WARNING
    assert "mailed on" in found.why


def test_a_provider_that_ought_to_report_and_does_not_is_an_error(settings: Settings, many_sent: list[Digest]) -> None:
    found = wrong(findings(settings, "mailgun"))["reports"]
    assert found.level == Level.ERROR
    assert "/anymail/mailgun/tracking/" in found.remedy
    report()
    assert "reports" not in wrong(findings(settings, "mailgun"))


def test_a_site_that_has_sent_little_is_not_blamed_for_silence(settings: Settings, many_sent: list[Digest]) -> None:
    many_sent[0].delete()
    assert wrong(findings(settings, "mailgun")) == {}


def test_reports_that_name_no_mail_are_told_where_the_account_can_change_that(
    settings: Settings, many_sent: list[Digest]
) -> None:
    report()
    assert "original headers" in wrong(findings(settings, "amazon_ses"))["reports"].remedy
    DeliveryEvent.objects.all().delete()
    report(many_sent[0])
    assert "reports" not in wrong(findings(settings, "amazon_ses"))


@pytest.mark.parametrize(
    ("name", "words"),
    [("resend", "for 24 hours"), ("brevo", "for 30 minutes"), ("sendinblue", "for 30 minutes"), ("mailgun", "none")],
)
def test_it_says_whether_second_copies_are_known(settings: Settings, name: str, words: str) -> None:
    assert words in said(findings(settings, name), "second copies")


def test_providers_that_are_better_avoided_say_why(settings: Settings) -> None:
    assert "Anymail supports it no longer" in wrong(findings(settings, "sendgrid"))["choice"].what
    assert "larger plans" in wrong(findings(settings, "mailersend"))["choice"].what


def test_a_former_name_is_told_with_the_one_of_today(settings: Settings) -> None:
    remedy = wrong(findings(settings, "sendinblue"))["choice"].remedy
    assert "EMAIL_BACKEND=anymail.backends.brevo.EmailBackend" in remedy
    assert "BREVO_" in remedy


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("mailtrap", "ANYMAIL", {"MAILTRAP_SANDBOX_ID": 12345}),
        ("postmark", "ANYMAIL", {"POSTMARK_SERVER_TOKEN": "POSTMARK_API_TEST"}),
        ("mailgun", "DIGEST_ESP_EXTRA", {"o:testmode": "yes", "o:dkim": "yes"}),
        ("mailjet", "DIGEST_ESP_EXTRA", {"SandboxMode": True}),
        ("sendgrid", "DIGEST_ESP_EXTRA", {"mail_settings": {"sandbox_mode": {"enable": True}}}),
    ],
)
def test_a_sandbox_that_was_left_on_is_an_error(settings: Settings, name: str, setting: str, value: Any) -> None:
    found = wrong(findings(settings, name, **{setting: value}))["sandbox"]
    assert found.level == Level.ERROR
    assert next(iter(value)) in found.what or setting in found.what


def test_a_sandbox_that_is_off_is_none(settings: Settings) -> None:
    assert "sandbox" not in wrong(findings(settings, "mailjet", DIGEST_ESP_EXTRA={"SandboxMode": False}))


@pytest.mark.parametrize(
    "backend", ["django.core.mail.backends.smtp.EmailBackend", "anymail.backends.test.EmailBackend"]
)
def test_who_has_no_row_has_nothing_to_switch(settings: Settings, backend: str) -> None:
    settings.EMAIL_BACKEND = backend
    assert list(provider.check(MORNING)) == []
