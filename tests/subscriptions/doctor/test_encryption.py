"""Certificates of the site and of the mail server, as a stranger would see them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from pytest_django import Settings

from subscriptions.doctor import encryption
from subscriptions.doctor.findings import Finding, Level
from tests.services import free_port
from tests.subscriptions.doctor.tls_server import TlsServer, context_of, write_certificate

SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def site_is_away(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"


def of_site(certificate: Path, settings: Settings, now: datetime) -> Finding:
    with TlsServer(certificate) as server:
        settings.SITE_URL = f"https://127.0.0.1:{server.port}"
        [finding] = encryption.check(now)
    return finding


def test_a_certificate_that_is_good_for_long_is_in_order(
    believed: Callable[[int], Path], settings: Settings, now: datetime
) -> None:
    finding = of_site(believed(60), settings, now)
    assert (finding.level, finding.what) == (Level.OK, "It is valid for 59 days more.")


def test_a_certificate_that_ends_soon_is_warned_of(
    believed: Callable[[int], Path], settings: Settings, now: datetime
) -> None:
    finding = of_site(believed(5), settings, now)
    assert (finding.level, finding.what) == (Level.WARNING, "It ends in 4 days.")


def test_a_certificate_that_nobody_believes_is_an_error(tmp_path: Path, settings: Settings, now: datetime) -> None:
    finding = of_site(write_certificate(tmp_path, now, 60), settings, now)
    assert finding.level == Level.ERROR
    assert "self-signed" in finding.what


def test_a_site_that_cannot_be_reached_is_an_error(settings: Settings, now: datetime) -> None:
    settings.SITE_URL = f"https://127.0.0.1:{free_port()}"
    [finding] = encryption.check(now)
    assert finding.level == Level.ERROR
    assert "refused" in finding.what


def test_a_site_without_https_is_an_error(settings: Settings, now: datetime) -> None:
    settings.DEBUG, settings.SITE_URL = False, "http://papers.example.org"
    [finding] = encryption.check(now)
    assert finding.level == Level.ERROR


class Unused:
    """What a mail server does with mails, of which these tests send none."""


@pytest.fixture
def start_tls(believed: Callable[[int], Path]) -> Iterator[Controller]:
    controller = Controller(Unused(), hostname="127.0.0.1", port=free_port(), tls_context=context_of(believed(60)))
    controller.start()
    yield controller
    controller.stop()


def of_mail_server(settings: Settings, now: datetime, port: int, *, start_tls: bool, tls: bool) -> list[Finding]:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = start_tls, tls
    return list(encryption.of_mail_server(now))


def test_a_mail_server_that_encrypts_when_asked_is_in_order(
    start_tls: Controller, settings: Settings, now: datetime
) -> None:
    [finding] = of_mail_server(settings, now, start_tls.port, start_tls=True, tls=False)
    assert finding.level == Level.OK


def test_a_mail_server_that_encrypts_at_once_is_in_order(
    believed: Callable[[int], Path], settings: Settings, now: datetime
) -> None:
    with TlsServer(believed(60)) as server:
        [finding] = of_mail_server(settings, now, server.port, start_tls=False, tls=True)
    assert finding.level == Level.OK


def test_a_mail_server_that_cannot_encrypt_is_an_error(settings: Settings, now: datetime) -> None:
    controller = Controller(Unused(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        [finding] = of_mail_server(settings, now, controller.port, start_tls=True, tls=False)
    finally:
        controller.stop()
    assert finding.level == Level.ERROR
    assert "STARTTLS" in finding.what


def test_mail_to_another_machine_must_be_encrypted(settings: Settings, now: datetime) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = SMTP, "mail.example.org"
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    [finding] = encryption.of_mail_server(now)
    assert "submission://" in finding.remedy


def test_mail_to_this_machine_need_not(settings: Settings, now: datetime) -> None:
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = "127.0.0.1", False, False
    assert list(encryption.of_mail_server(now)) == []
