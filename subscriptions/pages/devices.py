"""A device that a reader has told us to remember: there the link of a digest leads to the preferences at once.

The cookie opens nothing by itself. It only spares its reader the mail with a link, and it dies with all other links.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from subscriptions.models import Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose

REMEMBERED_FOR = timedelta(days=400)  # what browsers grant at most


def _name() -> str:
    return "__Host-reader" if _has_tls() else "reader"


def _has_tls() -> bool:
    return settings.SITE_URL.startswith("https://")


def remember(response: HttpResponse, subscriber: Subscriber) -> None:
    response.set_cookie(
        _name(),
        links.token(Purpose.DEVICE, subscriber),
        max_age=REMEMBERED_FOR,
        httponly=True,
        samesite="Lax",
        secure=_has_tls(),
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(_name(), samesite="Lax")


def is_remembered(request: HttpRequest, subscriber: Subscriber, now: datetime) -> bool:
    return links.find(Purpose.DEVICE, request.COOKIES.get(_name(), ""), now) == subscriber
