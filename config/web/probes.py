"""Pages for machines: /livez, /readyz and /metrics, for whatever host they ask.

A health check names an IP address as its host and speaks plain http, so these pages come before the check of
ALLOWED_HOSTS and before the redirect to https. That is safe: none of them looks at the host or makes a link.
"""

import hmac
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseNotFound, JsonResponse

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Probes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        page = PAGES.get(request.path_info)
        if page is None:
            return self.get_response(request)
        response = page(request) if request.method in {"GET", "HEAD"} else HttpResponseNotAllowed(["GET", "HEAD"])
        response["Cache-Control"] = "no-store"
        # Django would log each 503 as an error: whoever asks is told, and nothing has failed here.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def live(request: HttpRequest) -> HttpResponse:
    """Say that this process answers; it asks nothing of anybody."""
    return HttpResponse("alive\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Say of each part whether it works; 503 when one does not."""
    from subscriptions.operations import health

    ok, data = health.ready_now()
    return JsonResponse(data, status=200 if ok else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Show the numbers to whoever brings the token; for others there is no such page."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not _same(given, f"Bearer {settings.METRICS_TOKEN}"):
        return HttpResponseNotFound("Not found.\n", content_type="text/plain")
    from subscriptions.operations import metrics

    try:
        return HttpResponse(metrics.page(), content_type=CONTENT_TYPE)
    finally:
        connection.close()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), wanted.encode())


PAGES = {"/livez": live, "/readyz": ready, "/metrics": metrics}
