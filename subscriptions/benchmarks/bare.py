"""A Django site of one view that answers ten kilobytes: what the web server costs before a page does anything."""

import os

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

ANSWER = b"<!doctype html>" + b"ten kilobytes of a page " * 426


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ANSWER)


# The web server asks where the forms are to which it gives lanes of their own.
urlpatterns = [
    path("", bare),
    path("subscribe/", bare, name="subscribe"),
    path("subscribe/preview/", bare, name="subscribe_preview"),
]


def application() -> WSGIHandler:
    """Return the site for a web server: a process that calls this has these pages and no others."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    return get_wsgi_application()
