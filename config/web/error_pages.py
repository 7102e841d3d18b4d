"""Answers to what cannot be done: calm pages of the site, without scripts.

They ask the request for nothing, since what was wrong with it may be wrong with all of it. Django's own handlers read
the form of the request once more, and fail where it cannot be read.
"""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from config.log import context

View = Callable[[HttpRequest], HttpResponseBase]


class Illegible(BadRequest):
    """Answered with 400 and its text."""


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    reason = str(exception) if isinstance(exception, Illegible) else ""
    return render(None, "400.html", {"reason": reason}, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(None, "403.html", status=403)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that came without the cookie that it was shown with."""
    return render(None, "403.html", {"cookies": True}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Name the request, so that its line in the log is found."""
    return render(None, "500.html", {"request_id": context.current().get("request", "")}, status=500)


def with_words(get_response: View) -> View:
    """Show a page to whoever opens what is only a button's address, instead of Django's empty one."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if response.status_code != 405 or (isinstance(response, HttpResponse) and response.content):
            return response
        page = render(None, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return answer
