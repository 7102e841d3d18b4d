"""How a source says that it is asked too much, and for how long it wants to be left alone."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

STATUSES = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
LONGEST_REST = timedelta(days=1)

Headers = Mapping[str, str]


def is_overloaded(status: int, headers: Headers) -> bool:
    """Tell whether an answer means overload: 429, 503, or GitHub's 403 when an allowance is used up."""
    used_up = headers.get("X-RateLimit-Remaining") == "0" or "Retry-After" in headers
    return status in STATUSES or (status == HTTPStatus.FORBIDDEN and used_up)


def rest_asked(headers: Headers, now: datetime) -> timedelta | None:
    """Return how long the source wants to be left alone, at most a day; None where it does not say."""
    for name, read in READERS.items():
        rest = read(headers[name], now) if name in headers else None
        if rest is not None:
            return max(timedelta(), min(rest, LONGEST_REST))
    return None


def _seconds_or_date(text: str, now: datetime) -> timedelta | None:
    """Read Retry-After: '120', or 'Fri, 31 Dec 2027 23:59:59 GMT' (RFC 9110, 10.2.3)."""
    if re.fullmatch(r"\s*\d{1,9}\s*", text):
        return timedelta(seconds=int(text))
    try:
        return datetime.astimezone(parsedate_to_datetime(text), UTC) - now
    except (ValueError, TypeError, OverflowError):
        return None


def _end_of_window(text: str, now: datetime) -> timedelta | None:
    """Read Hugging Face's RateLimit: '"api";r=0;t=212', t in seconds."""
    match = re.search(r";\s*t=(\d{1,9})\b", text)
    return timedelta(seconds=int(match[1])) if match else None


def epoch(text: str, now: datetime) -> timedelta | None:
    """Read GitHub's X-RateLimit-Reset, in seconds since 1970."""
    return datetime.fromtimestamp(int(text), UTC) - now if re.fullmatch(r"\d{1,11}", text) else None


READERS: dict[str, Callable[[str, datetime], timedelta | None]] = {
    "Retry-After": _seconds_or_date,
    "RateLimit": _end_of_window,
    "X-RateLimit-Reset": epoch,
}
