"""Pages that say the same to everybody, kept for some seconds: many people look at the same few at the same time.

Each process of the web server has its own. What somebody sees who is signed in is never kept, nor shown from there: a
curator sees what they have just changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from papers.pages.scripted import wants_part
from papers.remembered import KeptAWhile

MOST = 256  # pages of 10 to 40 kB
LONGEST = 200  # characters of an address whose page is kept
Parameters = ParamSpec("Parameters")
View = Callable[Concatenate[HttpRequest, Parameters], HttpResponse]


class _NotKept(Exception):
    """Carries an answer that is for whoever asked alone."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class _Page:
    content: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page, what goes into its head, and the day that stands above it."""

    html: SafeString
    head: SafeString
    day: date | None


_pages: KeptAWhile[_Page] = KeptAWhile(MOST)
_parts: KeptAWhile[Part] = KeptAWhile(MOST)


def kept(view: View[Parameters]) -> View[Parameters]:
    """Keep what a view answers for PAGES_KEPT_SECONDS; it must look at nothing of the request but its address.

    What it answers with a cookie or a form, or with another status than 200, is not kept.
    """

    @wraps(view)
    def answer(request: HttpRequest, /, *arguments: Parameters.args, **named: Parameters.kwargs) -> HttpResponse:
        def make() -> _Page:
            response = view(request, *arguments, **named)
            is_personal = response.cookies or "CSRF_COOKIE_NEEDS_UPDATE" in request.META
            if response.status_code != 200 or is_personal:
                raise _NotKept(response)
            return _Page(response.content, dict(response.items()))

        try:
            key = request.method, request.get_full_path(), wants_part(request)
            page = _pages.get(key, seconds(request), make)
        except _NotKept as error:
            return error.response
        return HttpResponse(page.content, headers=page.headers)

    return answer


def kept_part(request: HttpRequest, key: tuple[Any, ...], make: Callable[[], Part]) -> Part:
    """Keep a part of a page that says the same to everybody."""
    return _parts.get(key, seconds(request), make)


def seconds(request: HttpRequest) -> float:
    """Return for how long an answer to this request may be kept, 0 for not at all."""
    personal = {settings.SESSION_COOKIE_NAME, f"{settings.COOKIE_PREFIX}messages"}
    is_kept = personal.isdisjoint(request.COOKIES) and len(request.get_full_path()) <= LONGEST
    return settings.PAGES_KEPT_SECONDS if is_kept else 0


def forget() -> None:
    _pages.forget()
    _parts.forget()
