"""Give each request an id, which its lines in the log, its tasks and its answer bear, and log each answer once."""

import logging
import re
import secrets
from collections.abc import Callable
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from config.log import context

HEADER = "X-Request-ID"
SANE = re.compile(r"[A-Za-z0-9-]{8,64}")
log = logging.getLogger("access")


class RequestLog:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id, start = _request_id_of(request), perf_counter()
        with context.about(request=request_id):
            response = self.get_response(request)
            response[HEADER] = request_id
            # The path alone: what people search for, and whence they came, is nobody's business.
            log.info(
                "%s %s %s",
                request.method,
                request.path,
                response.status_code,
                extra={
                    "event": "request",
                    "status": response.status_code,
                    "milliseconds": round(1000 * (perf_counter() - start)),
                },
            )
        return response


def _request_id_of(request: HttpRequest) -> str:
    """Return the id that a trusted proxy gave, if it looks like one; else a new one."""
    given = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return given if SANE.fullmatch(given) else secrets.token_hex(8)
