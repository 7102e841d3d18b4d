"""Fetching from a source: in turn with every other worker, bounded in time and size, never redirected, honest about
who asks, and from nowhere but the origins in the settings."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import requests
import urllib3
from django.conf import settings

from papers.fetching import host_locks, overload, validators
from papers.fetching.errors import SourceError

MAX_BYTES = 10_000_000
BLOCK = 65_536
# A body that trickles in never hits the time-out of a single read, so that the whole has a limit too.
WHOLE_TIMEOUTS = 6
# How many time-outs a source may take to begin its answer: OAI-PMH puts a page together while we wait.
SLOW = {"arxiv-oai": 6}
ATTEMPTS = 3
ARXIV = "arxiv"  # all of arXiv's addresses are one host: its limit counts over them together
ORIGINS = ("HUGGINGFACE_URL", "ARXIV_RSS_URL", "ARXIV_OAI_URL", "ARXIV_API_URL", "GITHUB_API_URL")
LATER = "It is asked again at the next ingest."
CHECK = "Check the source's address."
REMEDIES = {404: CHECK, 401: "Check its token.", 403: "Check its address and token."}
ABSENT = frozenset({404, 410, 451})

Strings = Mapping[str, str]


class NotFound(SourceError):
    """The source is there, and has nothing at this address: no longer, not yet, elsewhere, or not for everybody."""


class NotUnderstood(SourceError):
    """The source says that the question was wrong."""


@dataclass(frozen=True, slots=True)
class Page:
    """A body as served, decompressed, and what tells at the next request whether it has changed."""

    url: str
    body: bytes
    validators: validators.Validators


def get(source: str, url: str, query: Strings | None = None, *, host: str = "", headers: Strings | None = None) -> Page:
    """Return the page at url, at most MAX_BYTES; raise SourceError for anything but a whole answer with status 200.

    Requests to one host (by default the source is its own) are made in turn. An overloaded host rests for as long as
    it says, else for longer each time, and is then asked again.
    """
    page = fetch(source, address(source, url, query), host or source, headers or {})
    if page is None:
        raise SourceError(source, "answered 304 to a question without a condition", CHECK)
    return page


def get_if_changed(
    source: str, url: str, query: Strings | None = None, *, host: str = "", headers: Strings | None = None
) -> Page | None:
    """Return what get returns, or None if the source says that the page given to validators.remember is unchanged."""
    full = address(source, url, query)
    return fetch(source, full, host or source, {**(headers or {}), **validators.conditions(full)})


def address(source: str, url: str, query: Strings | None) -> str:
    """Return url with its query; raise SourceError unless its origin is one of those in the settings."""
    full = requests.Request("GET", url, params=dict(query or {})).prepare().url or url
    if origin(full) not in {origin(getattr(settings, name)) for name in ORIGINS}:
        raise SourceError(source, f"{full[:100]} is at none of the addresses in the settings", CHECK)
    return full


def origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port


def fetch(source: str, url: str, host: str, headers: Strings) -> Page | None:
    """Return the page, None for status 304; raise SourceError once the host was overloaded ATTEMPTS times."""
    for attempt in range(ATTEMPTS):
        with turn(source, host) as held, answer(source, url, headers) as response:
            if not overload.is_overloaded(response.status_code, response.headers):
                return page(source, url, response)
            asked_rest = overload.rest_asked(response.headers, datetime.now(UTC))
            held.rest = max(held.rest, held.rest * 2 ** (attempt + 1) if asked_rest is None else asked_rest)
    raise SourceError(source, f"answered {response.status_code} {ATTEMPTS} times: it allows no more for now", LATER)


@contextmanager
def turn(source: str, host: str) -> Iterator[host_locks.Held]:
    # Connecting and each read may take a whole time-out more than the limit that is looked at between them.
    longest = timedelta(seconds=(WHOLE_TIMEOUTS + 1) * settings.SOURCE_TIMEOUT + 2 * patience(source))
    try:
        with host_locks.turn(host, longest) as held:
            yield held
    except host_locks.Busy as busy:
        raise SourceError(source, f"is not to be asked for another {busy.wait.total_seconds():.0f} s", LATER) from busy


def patience(source: str) -> float:
    """Return the seconds without a byte after which an answer is given up."""
    return settings.SOURCE_TIMEOUT * SLOW.get(source, 1)


@contextmanager
def answer(source: str, url: str, headers: Strings) -> Iterator[requests.Response]:
    timeout = settings.SOURCE_TIMEOUT, patience(source)
    sent_headers = {"User-Agent": f"PaperRound/0.1 (+{settings.SITE_URL})", **headers}
    try:
        with requests.get(url, headers=sent_headers, timeout=timeout, stream=True, allow_redirects=False) as response:
            yield response
    except (requests.Timeout, urllib3.exceptions.ReadTimeoutError) as error:
        raise SourceError(source, f"did not answer within {timeout[1]:g} s", LATER) from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        problem = f"could not be reached ({type(error).__name__})"
        raise SourceError(source, problem, "Check the network and the source's address.") from error


def page(source: str, url: str, response: requests.Response) -> Page | None:
    """Return the body of an answer, None for status 304; raise SourceError."""
    if response.status_code == 304:
        return None
    _check_status(source, response)
    body = _read_body(source, response, time.monotonic() + WHOLE_TIMEOUTS * settings.SOURCE_TIMEOUT)
    return Page(url, body, validators.of(response.headers))


def _check_status(source: str, response: requests.Response) -> None:
    if response.status_code == 200:
        return
    if response.is_redirect:
        problem = f"redirects to {response.headers['Location'][:200]}"
        raise NotFound(source, problem, "Redirects are not followed; put the new address into the settings.")
    status = response.status_code
    raise _kind_of(status)(source, f"answered {status}", REMEDIES.get(status, LATER))


def _kind_of(status: int) -> type[SourceError]:
    if status in ABSENT:
        return NotFound
    return NotUnderstood if status == 400 else SourceError


def _read_body(source: str, response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    # What has come so far, and not a whole block: a block of an answer that trickles in would take hours.
    while block := response.raw.read1(BLOCK, decode_content=True):
        body += block
        if len(body) > MAX_BYTES:
            raise SourceError(source, f"sends more than {MAX_BYTES:,} bytes", CHECK)
        if time.monotonic() > deadline:
            raise SourceError(source, "sends its answer too slowly", LATER)
    return bytes(body)
