"""What browsers are told about every response: what a page may use, who may hold it, and which caches may keep it."""

from collections.abc import Callable

from csp.constants import NONCE
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_vary_headers

# Powerful features that no page of ours uses, for itself or for a frame.
UNUSED = ["camera", "display-capture", "geolocation", "hid", "microphone", "midi", "payment", "serial", "usb"]
HEADERS = {
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Resource-Policy": "same-origin",
}


# Files of our own, nothing written into a page, nothing from elsewhere. The nonce is told with pages that use it: the
# widget of the sign-up form brings its styles along.
POLICY: dict[str, list[object]] = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", NONCE],
    "img-src": ["'self'"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "worker-src": ["'self'"],
    "frame-src": ["'self'"],
    "form-action": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}


class BrowserRules:
    """Stands before everything else, so that files and refusals carry the rules as well as pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response


class NothingPersonalIsKept:
    """No cache keeps a page that came with a cookie or left one. Files say themselves how long they hold."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.has_header("Cache-Control"):
            return response
        if request.COOKIES or response.cookies:
            add_never_cache_headers(response)
        patch_vary_headers(response, ["Cookie"])
        return response
