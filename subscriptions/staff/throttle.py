"""Limit how often a password or a code may be guessed; django-axes counts, and asks here by what.

Ten failures within a quarter of an hour shut out a network, and all strange browsers from an account, wherever they
are: guessing from many networks is slowed down too. That could shut out the owner as well; therefore a browser in
which the owner has signed in before has a count of its own, to which nobody else adds.
"""

import logging
import secrets
from datetime import timedelta
from http import HTTPStatus
from ipaddress import ip_network
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from subscriptions.limits import client_address

logger = logging.getLogger(__name__)
KNOWN_FOR = timedelta(days=180)
SALT = "known browser"
NO_ADDRESS = "0.0.0.0"


def network(request: HttpRequest) -> str:
    """Return the client's network by its first address, which is what the table of failures has room for."""
    name = client_address.network(request)
    return NO_ADDRESS if name == client_address.UNKNOWN else str(ip_network(name).network_address)


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name under which a failure counts: the account's, in a known browser with that browser's."""
    username = str((credentials or {}).get("username") or "")[:150]
    browser = _known_browser(request, username)
    return f"{username} in the known browser {browser}" if browser else username


def counted_by(request: HttpRequest, credentials: dict[str, Any] | None = None) -> list[str]:
    username = str((credentials or {}).get("username") or "")
    return ["username"] if _known_browser(request, username) else ["username", "ip_address"]


def nobody(*args: object) -> str:
    """Return the same name for every client: the library's own log holds no name that was typed, and no address."""
    return "a client"


def is_shut_out(request: HttpRequest, username: str) -> bool:
    return not AxesProxyHandler.is_allowed(request, {"username": username})


def count_wrong_code(request: HttpRequest, username: str) -> None:
    """Count a wrong code as a wrong password; after the last one the answer to the request becomes locked()."""
    user_login_failed.send(sender=__name__, credentials={"username": username}, request=request)


def locked(request: HttpRequest, *args: object) -> HttpResponse:
    logger.warning("Signing in to the admin is shut for a client, after %d failures.", settings.AXES_FAILURE_LIMIT)
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    page = render(request, "admin/locked.html", {"minutes": minutes}, status=HTTPStatus.TOO_MANY_REQUESTS)
    page["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return page


def remember_browser(request: HttpRequest, response: HttpResponse, username: str) -> None:
    browser = _known_browser(request, username) or secrets.token_hex(8)
    response.set_signed_cookie(
        settings.KNOWN_BROWSER_COOKIE,
        f"{_fingerprint(username)}.{browser}",
        salt=SALT,
        max_age=KNOWN_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_old(now: Any, kept: timedelta) -> int:
    """Delete failures that no longer count, and sign-ins that are older than kept; return their number."""
    failures, _ = AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME).delete()
    sign_ins, _ = AccessLog.objects.filter(attempt_time__lt=now - kept).delete()
    return int(failures + sign_ins)


def _known_browser(request: HttpRequest, username: str) -> str:
    """Return the id of a browser in which this name has signed in, '' for any other."""
    value = request.get_signed_cookie(settings.KNOWN_BROWSER_COOKIE, default="", salt=SALT, max_age=KNOWN_FOR)
    owner, _, browser = (value or "").partition(".")
    return browser if owner == _fingerprint(username) else ""


def _fingerprint(username: str) -> str:
    return salted_hmac(SALT, username, algorithm="sha256").hexdigest()[:16]
