"""Encryption on the way to the mail server and to the site: both present a certificate that others believe."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.utils.module_loading import import_string

from subscriptions.doctor.findings import Finding, error, fine, warning

PATIENCE = 10.0  # seconds
RENEW_BEFORE = timedelta(days=14)


def check(now: datetime) -> Iterator[Finding]:
    yield from _of_site(now)
    if issubclass(import_string(settings.EMAIL_BACKEND), EmailBackend):
        yield from of_mail_server(now)


def _of_site(now: datetime) -> Iterator[Finding]:
    url = urlsplit(settings.SITE_URL)
    if url.scheme != "https":
        grade = warning if settings.DEBUG else error
        yield grade(
            "SITE_URL",
            f"{settings.SITE_URL} is not https.",
            why="Mail programs do not offer one-click unsubscribe then, and links can be read on their way.",
            remedy="Put a proxy with a certificate in front of the site and set SITE_URL to its https address.",
        )
        return
    yield from _connected(
        f"certificate of {url.hostname}", lambda: _site_certificate(url.hostname or "", url.port or 443), now
    )


def of_mail_server(now: datetime) -> Iterator[Finding]:
    host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
    if settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL:
        yield from _connected(f"certificate of {host}", lambda: _mail_certificate(host, port), now)
    elif host not in settings.LOOPBACK_HOSTS:
        yield error(
            f"mail server {host}",
            "The connection is not encrypted.",
            why="The password and every mail can be read on their way.",
            remedy="Write EMAIL_URL as submission://… (port 587, STARTTLS) or smtps://… (port 465).",
        )


def _connected(subject: str, fetch: Any, now: datetime) -> Iterator[Finding]:
    """Judge the certificate that fetch gets, or that it got none."""
    try:
        time_left = _expiry(fetch()) - now
    except ssl.SSLCertVerificationError as problem:
        why, remedy = "Others refuse it too.", "Renew it, for this very host name, with its whole chain."
        yield error(subject, f"It is not valid: {problem.verify_message}", why=why, remedy=remedy)
    except (OSError, smtplib.SMTPException) as problem:
        why = "If it cannot be reached from elsewhere either, mail or links do not work."
        remedy = "See whether the host name and port are right and whether a firewall stands between."
        yield error(subject, f"It could not be fetched: {problem}", why=why, remedy=remedy)
    else:
        yield from of_age(subject, time_left)


def of_age(subject: str, left: timedelta) -> Iterator[Finding]:
    if left < RENEW_BEFORE:
        why, remedy = "After that nobody connects any more.", "See why it was not renewed by itself, and renew it."
        yield warning(subject, f"It ends in {left.days} days.", why=why, remedy=remedy)
    else:
        yield fine(subject, f"It is valid for {left.days} days more.")


def _expiry(certificate: Any) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)


def _site_certificate(host: str, port: int) -> Any:
    """Return the verified certificate of a server that speaks TLS at once."""
    context = ssl.create_default_context()
    with (
        socket.create_connection((host, port), PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=host) as secured,
    ):
        return secured.getpeercert()


def _mail_certificate(host: str, port: int) -> Any:
    """Return that of a mail server, which may speak TLS at once or when it is asked to (STARTTLS)."""
    if settings.EMAIL_USE_SSL:
        return _site_certificate(host, port)
    with smtplib.SMTP(host, port, timeout=PATIENCE) as server:
        server.starttls(context=ssl.create_default_context())
        return server.sock.getpeercert()  # type: ignore[union-attr]
