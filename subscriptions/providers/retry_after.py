"""How long a provider asks us to wait: whatever it says, we come back within the hour and look."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.utils.timezone import now

from subscriptions.providers.answers import Answer

LONGEST = timedelta(hours=1)
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]*)?")


def asked_for(answer: Answer) -> timedelta | None:
    """Return what Retry-After asks for, an hour at most; None where it says nothing that can be read.

    Seconds may have a fraction and any number of digits. A date is measured by the provider's own clock, if it tells
    it: ours may be wrong.
    """
    said = answer.headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(said):
        return timedelta(seconds=min(float(said), LONGEST.total_seconds()))
    until = _moment(said)
    if until is None:
        return None
    return min(max(until - (_moment(answer.headers.get("date", "")) or now()), timedelta()), LONGEST)


def _moment(said: str) -> datetime | None:
    """Return a date of HTTP, in UTC where it names no zone."""
    try:
        moment = parsedate_to_datetime(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
