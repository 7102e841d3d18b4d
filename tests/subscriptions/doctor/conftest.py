from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from pytest_django import Settings

from tests.subscriptions.doctor.dns_server import DnsServer
from tests.subscriptions.doctor.tls_server import write_certificate


@pytest.fixture(scope="session")
def signing_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="session")
def signing_pem(signing_key: rsa.RSAPrivateKey) -> bytes:
    return signing_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def dkim_record(key: rsa.RSAPrivateKey) -> str:
    """As a zone file has it: in strings of at most 255 characters."""
    public = b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    text = f"v=DKIM1; k=rsa; p={public}"
    return " ".join(f'"{text[start : start + 200]}"' for start in range(0, len(text), 200))


@pytest.fixture
def zone(settings: Settings, signing_key: rsa.RSAPrivateKey) -> Iterator[DnsServer]:
    """A domain with which nothing is wrong, and settings of a site that sends from it."""
    settings.DEFAULT_FROM_EMAIL = "Paper Round <digest@papers.example.org>"
    settings.ACCOUNT_FROM_EMAIL = "Paper Round <hello@papers.example.org>"
    settings.REPLY_TO = "people@example.org"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.DKIM_SELECTORS = ["s1"]
    with DnsServer() as server:
        settings.DOCTOR_NAMESERVER = server.address
        server.records = {
            "papers.example.org TXT": ['"v=spf1 ip4:192.0.2.9 include:spf.example.net -all"', '"some-verification=1"'],
            "spf.example.net TXT": ['"v=spf1 ip4:192.0.2.0/24 -all"'],
            "s1._domainkey.papers.example.org TXT": [dkim_record(signing_key)],
            "_dmarc.example.org TXT": ['"v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org"'],
            "papers.example.org MX": ["10 mail.example.org."],
            "example.org MX": ["10 mail.example.org."],
            "mail.example.org A": ["192.0.2.9"],
        }
        yield server


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def believed(tmp_path: Path, now: datetime, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Path]:
    """A certificate for so many days that this process believes."""

    def make(days: int) -> Path:
        path = write_certificate(tmp_path, now, days)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        return path

    return make
