"""How many bytes a request may bring, for each address; what is longer is refused before any of it is parsed.

The web server asks `limit_of` as soon as it has a request's head, and stores nothing of what is over it. The middleware
says the same where another server runs the site.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

KB = 1000
NOTHING = 1 * KB  # pages that are only read: a body is of no use to them, but some clients send a short one
BUTTON = 16 * KB  # a form of a few short fields
INTERESTS = 600 * KB  # all texts, names and ids at their longest, each letter written as twelve characters
ENVELOPE = 50 * KB  # what a browser puts around a file, and a little so that a file just too long is told in the page
# By the name of a route, or the namespace that it belongs to; a test asks that every route stands here.
LIMITS = {
    "admin": 1000 * KB,
    "anymail": 2000 * KB,
    "api": NOTHING,
    "home": NOTHING,
    "feed": NOTHING,
    "list_file": NOTHING,
    "unapi": NOTHING,
    "field": NOTHING,
    "field_feed": NOTHING,
    "field_file": NOTHING,
    "paper": NOTHING,
    "citation": NOTHING,
    "share_card": NOTHING,
    "topics": NOTHING,
    "topic": NOTHING,
    "topic_feed": NOTHING,
    "topic_file": NOTHING,
    "about": NOTHING,
    "about_trending": NOTHING,
    "robots": NOTHING,
    "sitemap": NOTHING,
    "sitemap_lists": NOTHING,
    "sitemap_papers": NOTHING,
    "search": NOTHING,
    "search_feed": NOTHING,
    "search_file": NOTHING,
    "reference": NOTHING,
    "subscribe": INTERESTS,
    "subscribe_preview": INTERESTS,
    "subscribe_library": 5000 * KB + ENVELOPE + INTERESTS,
    "subscribed": NOTHING,
    "confirm": BUTTON,
    "preferences": INTERESTS,
    "preferences_preview": INTERESTS,
    "pause": BUTTON,
    "resume": BUTTON,
    "taught": NOTHING,
    "past_digests": NOTHING,
    "leave": NOTHING,
    "saved": BUTTON,
    "saved_file": NOTHING,
    "private_feed": BUTTON,
    "feed_of_digests": NOTHING,
    "feed_of_digests_json": NOTHING,
    "feed_of_saved": NOTHING,
    "feed_of_saved_json": NOTHING,
    "forget": BUTTON,
    "mute": BUTTON,
    "keep_rhythm": BUTTON,
    "terms": 32 * KB,
    "library": 5000 * KB + ENVELOPE,
    "library_state": NOTHING,
    "device": BUTTON,
    "account_link": BUTTON,
    "send_link": BUTTON,
    "account": BUTTON,
    "move_back": BUTTON,
    "livez": NOTHING,
    "readyz": NOTHING,
    "metrics": NOTHING,
    "change_address": BUTTON,
    "export": BUTTON,
    "erase": BUTTON,
    "erased": NOTHING,
    "new_address": BUTTON,
    "digest": BUTTON,
    "unsubscribe": 4 * KB,
    "send_now": BUTTON,
    "mailbox": NOTHING,
    "mailbox_mail": NOTHING,
    "mailbox_html": NOTHING,
}
LARGE = 64 * KB  # what many connections together may hold; only a few may bring more at the same time
TOO_LONG = "This is longer than the {:,} bytes that this address takes. Please go back and send less."
ENCODED = "A compressed request cannot be read here. Please send it as it is, without Content-Encoding."
View = Callable[[HttpRequest], HttpResponseBase]


def limit_of(path: str) -> int:
    """Return the bytes that a request's body may have; an address that leads nowhere takes next to none."""
    try:
        return declared(resolve(path)) or NOTHING
    except Resolver404:
        return NOTHING


def declared(match: ResolverMatch) -> int | None:
    """Return the limit that a route declares, None where it declares none."""
    return LIMITS.get(match.namespaces[0] if match.namespaces else str(match.url_name))


def limit_bodies(get_response: View) -> View:
    """Answer 413 to what is too long, and 415 to what is compressed: neither is read."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.META.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
            return HttpResponse(ENCODED, status=415, content_type="text/plain")
        limit = limit_of(request.path_info)
        if _length(request) > limit:
            return HttpResponse(TOO_LONG.format(limit), status=413, content_type="text/plain")
        return get_response(request)

    return answer


def _length(request: HttpRequest) -> int:
    """Return the length as Django reads it: what is no number is an empty body."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0
