"""Settings with which production does not start: each problem is one sentence with the setting and the remedy."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

SHORTEST_KEY = 50  # as Django's own check for deployments
FEWEST_DIFFERENT = 5
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MAKE_ONE = "make one with: python -c 'import secrets; print(secrets.token_urlsafe(50))'."


def weak_keys(development_key: str, keys: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Tell what is wrong with any of the keys, by the names of their settings."""
    for name, values in keys.items():
        if development_key in values:
            yield f"DEBUG is off, and {name} is the key of development, which everybody knows; {MAKE_ONE}"
        elif any(len(value) < SHORTEST_KEY or len(set(value)) < FEWEST_DIFFERENT for value in values):
            yield (
                f"DEBUG is off, so {name} must be long and random, with at least {SHORTEST_KEY} characters of which"
                f" {FEWEST_DIFFERENT} differ; {MAKE_ONE}"
            )


def open_hosts(allowed: Sequence[str], site_url: str) -> Iterator[str]:
    """Tell which hosts are answered that may be somebody else's, and whether the site's own is not among them."""
    if any(
        "*" in host or host.strip().strip(".").count(".") < 1 for host in allowed if host.startswith((".", "*", " "))
    ):
        yield "DEBUG is off, so ALLOWED_HOSTS must list the site's own names, without * and whole top-level domains."
    if not any(_covers(host, urlsplit(site_url).hostname or "") for host in allowed):
        yield f"ALLOWED_HOSTS must hold the host of SITE_URL, which is {site_url}."


def _covers(allowed: str, host: str) -> bool:
    name = allowed.strip().lower()
    return name == host or (name.startswith(".") and (host.endswith(name) or host == name[1:]))


def unencrypted(site_url: str) -> Iterator[str]:
    """Tell where readers would come without TLS; a site for this machine alone, as benchmarks start it, needs none."""
    if urlsplit(site_url).scheme != "https" and urlsplit(site_url).hostname not in LOOPBACK:
        yield f"DEBUG is off, so SITE_URL must begin with https, and is {site_url}: put a proxy with TLS in front."


def talkative(anymail: dict[str, object]) -> Iterator[str]:
    """Tell of Anymail's debugging, which prints requests with addresses and keys."""
    for name in anymail:
        if name.upper().removeprefix("ANYMAIL_") == "DEBUG_API_REQUESTS" and anymail[name]:
            yield "DEBUG is off, so ANYMAIL must not hold DEBUG_API_REQUESTS: it logs addresses and keys."
