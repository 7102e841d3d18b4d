"""Requests for a target: mostly what a browser would send, with nonsense in one place or in several."""

import json
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes

from hypothesis import strategies as st

from tests.fuzz import nonsense
from tests.fuzz.targets import Target

CSRF = "a" * 32
FORM, PARTS, JSON = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/json"
Pairs = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Request:
    """As it comes over the wire: bytes, in which a path is not decoded yet."""

    method: str
    path: bytes
    query: bytes = b""
    body: bytes = b""
    content_type: str = FORM
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(f"  {name}: {repr(getattr(self, name))[:300]}" for name in self.__dataclass_fields__)


@st.composite
def requests(draw: st.DrawFn, target: Target, known: str, forms: list[tuple[str, str, Pairs]]) -> Request:
    """One request; known leads to the target's page, forms are those on it: method, path and what each would send."""
    oddly = draw(st.sampled_from(["path", "query", "form", "form", "body", "headers", "all"]))
    method, start, sent = draw(st.sampled_from(forms)) if forms and oddly == "form" else ("", "", [])
    method = method or draw(st.sampled_from(nonsense.METHODS if oddly in {"all", "headers"} else ["GET", "POST"]))
    fields = draw(pairs(target, sent))
    as_query = method == "GET" or oddly == "query"
    content_type, body = draw(bodies(fields)) if oddly in {"body", "all"} else (FORM, urlencoded(fields))
    return Request(
        method=method,
        path=quote(start).encode() or draw(paths(target, known, oddly in {"path", "all"})),
        query=draw(queries(fields)) if as_query else b"",
        body=b"" if as_query and oddly != "all" else body,
        content_type=content_type,
        headers=draw(nonsense.headers) if oddly in {"headers", "all"} else {},
        cookies=draw(nonsense.cookies) if oddly in {"headers", "all"} else {},
    )


@st.composite
def paths(draw: st.DrawFn, target: Target, known: str, oddly: bool) -> bytes:
    """The known path, or one with other words in its gaps and behind it; still encoded."""
    if not oddly:
        return quote(known).encode()
    path = quote(target.path, safe="/{}").encode()
    for gap in target.parameters:
        path = path.replace(f"{{{gap}}}".encode(), draw(nonsense.in_an_address), 1)
    return path + (b"" if target.parameters else draw(nonsense.in_an_address))


@st.composite
def pairs(draw: st.DrawFn, target: Target, sent: Pairs) -> Pairs:
    """What a form would send with a few of its values changed, or some of the fields that are read at the target."""
    if not sent:
        names = st.sampled_from(target.fields or ("q", "page", "next"))
        return draw(st.lists(st.tuples(names, nonsense.values), min_size=1, max_size=2 if target.is_in_admin else 4))
    changed = draw(st.dictionaries(st.integers(0, len(sent) - 1), nonsense.values, min_size=1, max_size=3))
    kept = [(name, changed.get(number, value)) for number, (name, value) in enumerate(sent)]
    twice = draw(st.booleans())
    return kept + kept[: 3 if twice else 0]


def urlencoded(fields: Pairs) -> bytes:
    given = [*fields, ("csrfmiddlewaretoken", CSRF.encode())]
    return b"&".join(quote(name).encode() + b"=" + quote_from_bytes(value, safe="").encode() for name, value in given)


@st.composite
def queries(draw: st.DrawFn, fields: Pairs) -> bytes:
    spoilt = draw(st.sampled_from([*[b""] * 12, b"&=", b"&q=%", b"&q=\xff", b"&%00=1", b"&" + b"a=1&" * 1200]))
    return urlencoded(fields)[: -len("&csrfmiddlewaretoken=") - len(CSRF)] + spoilt


@st.composite
def bodies(draw: st.DrawFn, fields: Pairs) -> tuple[str, bytes]:
    """A body of any kind, called by its own kind or by another one."""
    made = draw(st.sampled_from([multipart, as_json, deep, cut, urlencoded]))
    own = {multipart: PARTS, as_json: JSON, deep: JSON}.get(made, FORM)
    return draw(st.one_of(st.just(own), nonsense.content_types)), made(fields)


def multipart(fields: Pairs) -> bytes:
    given = [*fields, ("csrfmiddlewaretoken", CSRF.encode())]
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="' + name.encode() + b'"' + _extra(number) + value
        for number, (name, value) in enumerate(given)
    ]
    return b"\r\n".join([*parts, b"--b--\r\n"])


def _extra(number: int) -> bytes:
    """Some fields are files, or say that they are encoded otherwise."""
    kinds = [
        b"\r\n\r\n",
        b'; filename="a\0b.bib"\r\nContent-Type: text/plain; charset=rot13\r\n\r\n',
        b"\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        b"; filename*=rot13''%ff%00\r\n\r\n",
        b"\r\nContent-Type: text/plain; charset*=x''y\r\n\r\n",
    ]
    return kinds[0] if number % 3 else kinds[len(kinds) - 1 - number // 3 % len(kinds)]


def as_json(fields: Pairs) -> bytes:
    return json.dumps({name: value.decode("utf-8", "surrogateescape") for name, value in fields}).encode()


def deep(fields: Pairs) -> bytes:
    return b'{"a":' * 50_000 + b"1" + b"}" * 50_000


def cut(fields: Pairs) -> bytes:
    return multipart(fields)[:-20]


def as_pairs(found: list[tuple[str, str]]) -> Pairs:
    return [(name, value.encode()) for name, value in found]


def environ_of(request: Request, session: str = "") -> dict[str, Any]:
    """What a WSGI server makes of it."""
    cookies = {"csrftoken": CSRF, **({"sessionid": session} if session else {}), **request.cookies}
    return {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query.decode("latin-1"),
        "CONTENT_TYPE": request.content_type,
        "CONTENT_LENGTH": str(len(request.body)),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "HTTP_HOST": "testserver",
        "HTTP_X_CSRFTOKEN": CSRF,
        "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(request.body),
        "wsgi.errors": StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **request.headers,
    }
