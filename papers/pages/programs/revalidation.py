"""Answer whoever asks again: with nothing but that nothing changed, where nothing did."""

from datetime import datetime
from hashlib import sha256

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date


def answer(
    request: HttpRequest, body: bytes, content_type: str, *, changed: datetime | None, cache_control: str
) -> HttpResponseBase:
    """Return the body with what tells it apart later, or 304 to whoever has it already; changed is None if unknown."""
    etag, changed_at = f'"{sha256(body).hexdigest()[:32]}"', int(changed.timestamp()) if changed else None
    response = HttpResponse(body, content_type=content_type)
    response.headers["Cache-Control"] = cache_control
    response.headers["ETag"] = etag
    if changed_at is not None:
        response.headers["Last-Modified"] = http_date(changed_at)
    return get_conditional_response(request, etag, changed_at, response) or response
