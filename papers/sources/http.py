"""Fetching from a source: bounded in time and size, never redirected, and honest about who asks."""

import time
from collections.abc import Mapping

import requests
from django.conf import settings

from papers.sources.errors import SourceError

MAX_BYTES = 30_000_000
BLOCK = 65_536
# A body that trickles in never hits the time-out of a single read, so that the whole has a limit too.
WHOLE_TIMEOUTS = 6
LATER = "It is asked again at the next ingest."
REMEDIES = {429: "It allows no more requests for now; the next ingest asks again.", 404: "Check the source's address."}


def get(source: str, url: str, query: Mapping[str, str] | None = None) -> bytes:
    """The body at url, decompressed, at most MAX_BYTES; SourceError for anything but a whole answer with status 200."""
    headers = {"User-Agent": f"PaperRound/0.1 (+{settings.SITE_URL})"}
    timeout = settings.SOURCE_TIMEOUT
    try:
        with requests.get(
            url, params=query, headers=headers, timeout=timeout, stream=True, allow_redirects=False
        ) as response:
            check_status(source, response)
            return read_body(source, response, time.monotonic() + WHOLE_TIMEOUTS * timeout)
    except requests.Timeout as error:
        raise SourceError(source, f"did not answer within {timeout:g} s", LATER) from error
    except requests.RequestException as error:
        problem = f"could not be reached ({type(error).__name__})"
        raise SourceError(source, problem, "Check the network and the source's address.") from error


def check_status(source: str, response: requests.Response) -> None:
    if response.status_code == 200:
        return
    if response.is_redirect:
        problem = f"redirects to {response.headers['Location'][:200]}"
        raise SourceError(source, problem, "Redirects are not followed; put the new address into the settings.")
    raise SourceError(source, f"answered {response.status_code}", REMEDIES.get(response.status_code, LATER))


def read_body(source: str, response: requests.Response, deadline: float) -> bytes:
    body = bytearray()
    for block in response.iter_content(BLOCK):
        body += block
        if len(body) > MAX_BYTES:
            raise SourceError(source, f"sends more than {MAX_BYTES:,} bytes", "Check the source's address.")
        if time.monotonic() > deadline:
            raise SourceError(source, "sends its answer too slowly", LATER)
    return bytes(body)
