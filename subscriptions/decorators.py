"""What the pages of subscribers have in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

page = require_http_methods(["GET", "HEAD", "POST"])
View = Callable[..., HttpResponseBase]


def secret(view: View) -> View:
    """A page behind a token: no cache keeps it, no search engine lists it, and no other site learns its address.

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

    return login_not_required(never_cache(wrapped))
