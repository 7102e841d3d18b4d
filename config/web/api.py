"""What all answers below /api/v1/ have in common: a limit, one shape of errors, validators, and that any site may read.

This stands before the pages' own middleware, so that a refusal of theirs is told to programs in JSON too.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, set_response_etag

from recommender.api.addresses import PROBLEM
from subscriptions.limits.shared_counts import allowances

ROOT = "/api/v1/"
METHODS = "GET, HEAD, OPTIONS"
FRESH = 60  # seconds for which a cache need not ask again
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, X-Request-ID",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
PREFLIGHT = {
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "If-None-Match",
    "Access-Control-Max-Age": "86400",
}
WORDS = {
    HTTPStatus.BAD_REQUEST: "This request cannot be read: send UTF-8 without characters that no text has, such as NUL.",
    HTTPStatus.NOT_FOUND: "There is no such address here: /api/ describes those that there are.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address is only read: use GET.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "This is longer than anything that this address takes: send no body.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "A compressed request cannot be read here: send no body.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Something failed here. Try again later; X-Request-ID names this request.",
}
BUSY = "More than {} requests in a minute came from your network. Wait {} seconds, and ask for more on a page."


def for_programs(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(ROOT):
            return get_response(request)
        response = _answer(request, get_response)
        for name, value in OPEN.items():
            response[name] = value
        return response

    return answer


def _answer(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": METHODS} | PREFLIGHT)
    if seconds := allowances.wait("api", request, settings.API_PER_MINUTE):
        return _too_many(seconds)
    response = _read(request, get_response)
    if response.status_code == HTTPStatus.OK:
        return _validated(request, response)
    return _told(response)


def _read(request: HttpRequest, get_response: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Answer HEAD as GET; the server leaves out the body."""
    asked = request.method
    request.method = "GET" if asked == "HEAD" else asked
    try:
        return get_response(request)
    finally:
        request.method = asked


def _validated(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give an answer its ETag; 304 where the caller has the same already."""
    response["Cache-Control"] = f"public, max-age={FRESH}"
    set_response_etag(response)
    conditional = get_conditional_response(request, etag=response["ETag"], response=response)
    assert isinstance(conditional, HttpResponse)
    return conditional


def _problem(status: int, detail: str) -> HttpResponse:
    from recommender.api import problems  # see recommender.api.addresses

    return problems.answer(status, detail)


def _told(response: HttpResponse) -> HttpResponse:
    """Put what is no JSON of the API's into its shape of errors; redirects stay."""
    status = response.status_code
    if status < HTTPStatus.BAD_REQUEST or response["Content-Type"] == PROBLEM:
        return response
    told = _problem(status, WORDS.get(HTTPStatus(status), "This cannot be answered."))
    response.content, response["Content-Type"] = told.content, PROBLEM
    response["Content-Length"] = str(len(told.content))
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response["Allow"] = METHODS
    return response


def _too_many(wait: int) -> HttpResponse:
    told = _problem(HTTPStatus.TOO_MANY_REQUESTS, BUSY.format(settings.API_PER_MINUTE, wait))
    told["Retry-After"] = str(wait)
    return told
