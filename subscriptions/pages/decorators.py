"""Decorators that the pages of subscribers share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from papers.shared_clock import now
from subscriptions import lifecycle
from subscriptions.people import links
from subscriptions.people.tokens import Purpose

page = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponseBase]
# Whatever is posted by these links is the reader's own act: it shows that digests are read. To leave is none, and the
# link back to a former address is another person's.
SIGNS = {Purpose.DIGEST, Purpose.PREFERENCES, Purpose.ACCOUNT, Purpose.NEW_ADDRESS}
# A link that no longer opens its page, of an old mail or too late, leads to where a new one can be asked for.
SENT_ON = {
    Purpose.PREFERENCES: Purpose.OLD_PREFERENCES,
    Purpose.ACCOUNT: Purpose.ACCOUNT,
    Purpose.DIGEST: Purpose.DIGEST,
}


def secret(view: View, *, kept: bool = False) -> View:
    """Mark a page behind a token: no cache keeps it, no search engine lists it, no other site learns its address.

    kept: the view says itself which caches may keep it.

    Without a referrer a browser's POST has no origin either, which the check against forged requests refuses. It is
    not needed here: nothing is done by a cookie, and whoever could forge the request would have to know the token.
    Nor is a login, where a site is open to its own people only: mail programs unsubscribe without one.
    """

    @csrf_exempt
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return login_not_required(wrapped if kept else never_cache(wrapped))


def opened_by(
    *purposes: Purpose, late: bool = False, unknown_too: bool = False, kept: bool = False, answers: bool = False
) -> Callable[[View], View]:
    """Say which links open a page, in this one place; the view is given the row that the token stands for.

    late: a link opens it also after its time. unknown_too: the page has words of its own for a token that stands for
    nothing, and is given None; for all others a page says what to do next. kept: see secret. answers: what is posted is
    answered and changes nothing, so that it is no sign of life either.
    """

    is_sign = not answers and bool(SIGNS.intersection(purposes))

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, token: str) -> HttpResponseBase:
            rows = (links.find(purpose, token, now(), late=late) for purpose in purposes)
            row = next((row for row in rows if row), None)
            if row and request.method == "POST" and is_sign:
                lifecycle.sign_of_life(links.subscriber_of(row), now())
            if row or unknown_too:
                return view(request, row, token)
            return _sent_on(request, purposes, token)

        vars(wrapped)["purposes"] = frozenset(purposes)
        return secret(wrapped, kept=kept)

    return decorate


def _sent_on(request: HttpRequest, purposes: tuple[Purpose, ...], token: str) -> HttpResponseBase:
    others = {SENT_ON[purpose] for purpose in purposes if purpose in SENT_ON}
    if any(links.find(purpose, token, now(), late=True) for purpose in others):
        return redirect("send_link", token)
    context = {"web_copy_days": settings.WEB_COPY_DAYS}
    return render(request, "subscriptions/link_ended.html", context, status=404)
