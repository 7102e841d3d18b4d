"""Where a query encoder listens and is asked on a network: read from the settings, and refused where that is not safe.

Read while the settings are: nothing here needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

PATH, ALIVE = "/vectors", "/livez"
SHORTEST_KEY = 32  # characters
NAMES_OF_HERE = {"localhost"}
MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'."


def listening(address: str) -> tuple[str, int]:
    """Return host and port of 10.0.0.5:8100 or [fd00::5]:8100; raise ValueError."""
    parts = urlsplit(f"//{address}")
    if not parts.hostname or not parts.port or parts.path or parts.query or parts.username:
        raise ValueError(address)
    return parts.hostname, parts.port


def problems(url: str, listen: str, key: str) -> Iterator[str]:
    """Tell what is wrong with QUERY_ENCODER_URL, QUERY_ENCODER_LISTEN and QUERY_ENCODER_KEY, each with its remedy."""
    if key and len(key) < SHORTEST_KEY:
        yield f"QUERY_ENCODER_KEY must have {SHORTEST_KEY} characters or more; {MAKE_ONE}"
    yield from _of_listening(listen, key) if listen else ()
    yield from _of_asking(url, key) if url else ()


def _of_listening(listen: str, key: str) -> Iterator[str]:
    try:
        host, _ = listening(listen)
    except ValueError:
        yield f"QUERY_ENCODER_LISTEN is {listen!r}, but must look like 10.0.0.5:8100 or [fd00::5]:8100."
        return
    if not key and not _is_here(host):
        yield (
            f"QUERY_ENCODER_LISTEN is {listen}, which other machines reach, so QUERY_ENCODER_KEY must be set, to the"
            f" same on all machines; {MAKE_ONE}"
        )


def _of_asking(url: str, key: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme not in {"http", "https"} or parts.username:
        yield f"QUERY_ENCODER_URL is {url!r}, but must look like http://10.0.0.5:8100, without a user."
        return
    if not key and not _is_here(host):
        yield f"QUERY_ENCODER_URL is {url}, on another machine, so QUERY_ENCODER_KEY must be set, to the same as there."
    if parts.scheme == "http" and _is_public(host):
        yield (
            f"QUERY_ENCODER_URL is {url}: what people look for would cross the internet unencrypted. Use an address of"
            " a private network, or https."
        )


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in NAMES_OF_HERE


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return False  # a name, of which only the network knows where it leads
