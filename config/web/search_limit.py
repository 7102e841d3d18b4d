"""How often one network may search: each search reads all words and vectors, and costs more than any other page."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from subscriptions.limits.shared_counts import allowances

ROOT = "/search/"  # the page, what it answers to typing, its feeds and its files
View = Callable[[HttpRequest], HttpResponseBase]


def limit_searches(get_response: View) -> View:
    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ROOT) and any(request.GET.values()):
            seconds = allowances.wait("search", request, settings.SEARCHES_PER_MINUTE)
            if seconds:
                return _too_many(request, seconds)
        return get_response(request)

    return answer


def _too_many(request: HttpRequest, seconds: int) -> HttpResponseBase:
    context = {"seconds": seconds, "again": request.get_full_path(), "asked": request.GET.get("q", "")[:80]}
    page = render(None, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    page["Retry-After"] = str(seconds)
    page["Cache-Control"] = "no-store"
    return page
