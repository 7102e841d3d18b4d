"""What the library below Amazon's backend does with our settings and with errors that are no answers."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import get_connection
from pytest_django import Settings

from subscriptions.models import Digest
from subscriptions.transport import backends, circuit_breakers
from tests.fakes.mail_api import MailApi
from tests.services import free_port
from tests.subscriptions.conftest import MORNING
from tests.subscriptions.doctor.tls_server import TlsServer, write_certificate
from tests.subscriptions.providers.conftest import deliver

Through = Callable[[str], MailApi]


@pytest.fixture
def anymail(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Settings that work but for a server; nothing of the machine's own counts."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    settings.ANYMAIL = {
        "REQUESTS_TIMEOUT": (0.5, 0.5),
        "IGNORE_UNSUPPORTED_FEATURES": True,
        "AMAZON_SES_SESSION_PARAMS": {"aws_access_key_id": "AKIA", "aws_secret_access_key": "secret"},
        "AMAZON_SES_CLIENT_PARAMS": {"endpoint_url": f"http://127.0.0.1:{free_port()}/", "region_name": "eu-west-1"},
    }
    return settings.ANYMAIL


def config_of_client() -> Any:
    backend = get_connection(backends.backend())
    backend.open()
    try:
        return backend.client.meta.config
    finally:
        backend.close()


def test_amazon_gets_our_time_limits_and_one_attempt(anymail: dict[str, Any]) -> None:
    anymail["REQUESTS_TIMEOUT"] = (3, 15)
    config = config_of_client()
    assert (config.connect_timeout, config.read_timeout) == (3, 15)
    assert config.retries["total_max_attempts"] == 1


def test_limits_of_its_own_come_first_and_more_attempts_never(
    anymail: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "5")
    anymail["AMAZON_SES_CLIENT_PARAMS"]["config"] = {"read_timeout": 40, "retries": {"max_attempts": 4}}
    config = config_of_client()
    assert (config.connect_timeout, config.read_timeout) == (0.5, 40)
    assert config.retries["total_max_attempts"] == 1


def test_nobody_listens(digest: Digest, anymail: dict[str, Any]) -> None:
    assert deliver(MORNING).status == "planned"
    assert not circuit_breakers.open_until(backends.name())


@pytest.mark.parametrize(("missing", "name"), [("SESSION", "aws_access_key_id"), ("CLIENT", "region_name")])
def test_what_is_missing_in_the_settings_opens_the_breaker(
    digest: Digest, anymail: dict[str, Any], missing: str, name: str
) -> None:
    params = anymail[f"AMAZON_SES_{missing}_PARAMS"]
    del params[name]
    params.pop("aws_secret_access_key", None)
    assert deliver(MORNING).status == "planned"
    assert circuit_breakers.open_until(backends.name())


def test_an_unknown_parameter_of_ours_opens_the_breaker(digest: Digest, through: Through, settings: Settings) -> None:
    api = through("amazon_ses")
    settings.DIGEST_ESP_EXTRA = {"NoSuchParameter": "x"}
    assert deliver(MORNING).status == "planned"
    assert circuit_breakers.open_until(backends.name())
    assert api.asked == 0


class Silent(TlsServer):
    """Takes a request and hangs up."""

    def serve(self, client: ssl.SSLSocket, beside: object) -> None:
        client.recv(65_536)
        client.close()


@pytest.mark.parametrize(("is_believed", "status"), [(False, "planned"), (True, "uncertain")])
def test_a_certificate_that_is_not_believed_proves_that_nothing_was_said(
    digest: Digest,
    anymail: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_believed: bool,
    status: str,
) -> None:
    certificate = write_certificate(tmp_path, datetime.now(UTC), days=90)
    if is_believed:
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate))
    with Silent(certificate) as server:
        anymail["AMAZON_SES_CLIENT_PARAMS"]["endpoint_url"] = f"https://127.0.0.1:{server.port}/"
        assert deliver(MORNING).status == status
