"""What a request says must be text that can be read and stored: refused here, once, for all pages.

Python and SQLite take a NUL for text and PostgreSQL does not; half of a surrogate pair is text to no database.
Everything is read as UTF-8, whatever a header claims: browsers send nothing else, and Python knows encodings that are
none.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import DataError, ProgrammingError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, UnreadablePostError
from django.utils.http import parse_header_parameters

from config.web.error_pages import Illegible, bad_request
from papers.storable import is_storable

HEAD_REFUSED = "paper_round.head_refused"
CHARSET = re.compile(r';\s*charset\*?(?:\d+\*?)?\s*=(?:\s*"[^"]*"|[^;"]*)', re.IGNORECASE)
LENGTH = re.compile(r"[0-9]{1,15}")
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
UNDECODABLE = "\N{REPLACEMENT CHARACTER}"  # what Django puts for it
# What comes of a question to a list of the admin that no column can answer; such questions stand in addresses.
UNANSWERABLE = (
    *(DataError, ProgrammingError, FieldDoesNotExist, FieldError),
    *(LookupError, OverflowError, TypeError, ValueError),
)
# Django looks up the field that a form names as its key, and shows a chosen row again, before it knows that either is.
UNANSWERABLE_BY_A_FORM = (FieldDoesNotExist, ValueError)
PUZZLED = (
    "This cannot be answered: a number, a date or a name in the address or in the form is none that is known here."
)
NOT_UTF8 = "Some of what was sent is not in UTF-8: send it in UTF-8, in which all browsers write."
logger = logging.getLogger(__name__)
View = Callable[[HttpRequest], HttpResponseBase]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Legible:
    """Middleware: a NUL in a path leads nowhere, one in a field is refused, and a cookie that holds one is none."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.META.get(HEAD_REFUSED):
            raise Illegible("The Content-Type or the Content-Length of this request cannot be read.")
        if not is_storable(request.path_info):
            raise Http404("No address holds such a character.")
        _refuse_undecodable(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
        _refuse_unstorable(request.GET)
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if is_storable(value)}
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, arguments: object, named: object) -> None:
        """Let reports of mail providers pass: their own views keep what cannot be stored as such."""
        match = request.resolver_match
        if match and "anymail" in match.namespaces:
            return
        try:
            _refuse_unstorable(request.POST)
        except UnreadablePostError as error:
            raise Illegible("This request ended before all of it was here: send it again.") from error
        if request.method == "POST" and request.content_type == FORM:
            _refuse_undecodable(request.body)
        if request.content_type == PARTS and any(UNDECODABLE in text for text in texts(request.POST)):
            raise Illegible(NOT_UTF8)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        match = request.resolver_match
        asked = match is not None and "admin" in match.namespaces
        known = UNANSWERABLE if request.GET else UNANSWERABLE_BY_A_FORM
        if not (asked and isinstance(error, known)):
            return None
        logger.warning("A question to %s cannot be answered.", request.path, exc_info=error)
        return bad_request(request, Illegible(PUZZLED))


def _refuse_undecodable(form: bytes) -> None:
    try:
        unquote_to_bytes(form).decode()
    except UnicodeDecodeError as error:
        raise Illegible(NOT_UTF8) from error


def _refuse_unstorable(fields: QueryDict) -> None:
    for text in texts(fields):
        if not is_storable(text):
            raise Illegible("A field holds a character that cannot be stored, such as NUL: go back and remove it.")


def texts(fields: QueryDict) -> Iterator[str]:
    for name, values in fields.lists():
        yield name
        yield from (value for value in values if isinstance(value, str))


def with_a_legible_head(application: Application) -> Application:
    """Take away, before Django reads it, what Django stumbles over in a head, which the middleware then refuses.

    An encoding that a Content-Type names is never heard: what is sent in another one is refused for what it holds.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        content_type, length = CHARSET.sub("", environ.get("CONTENT_TYPE") or ""), environ.get("CONTENT_LENGTH") or "0"
        legible = _is_legible(content_type) and LENGTH.fullmatch(length)
        refused = {} if legible else {"CONTENT_TYPE": "", "CONTENT_LENGTH": "0", HEAD_REFUSED: True}
        return application(environ | {"CONTENT_TYPE": content_type} | refused, start_response)

    return answer


def _is_legible(content_type: str) -> bool:
    """Tell whether it can be taken apart, and names no encoding."""
    try:
        return content_type.isascii() and "charset" not in parse_header_parameters(content_type)[1]
    except ValueError:
        return False
