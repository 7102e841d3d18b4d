"""Make values that others send fit to be stored by any database and shown by any page."""

import hashlib
import json
import re
import reprlib
from datetime import UTC, datetime, timedelta

from papers.storable import UNSTORABLE, is_storable

ID_CHARACTERS = 255
KEPT = timedelta(days=90)  # a report: from then on it counts for nothing, and goes
AT_A_GLANCE = reprlib.Repr()
WHAT_VALUES_RAISE = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)
_LOCAL = r"[^\s<>\"'(),;:=\[\]]"
# Tried at the first letter of a word alone, or the time taken would grow with the square of its length.
ADDRESS = re.compile(rf"(?:\"[^\"\n]*\"|(?<!{_LOCAL}){_LOCAL}+)@[^\s<>\"'(),;:\[\]]+")


def text(value: object, length: int) -> str:
    """Return at most so many characters, without those that cannot be stored."""
    return re.sub(UNSTORABLE, "", str(value or "")[: length * 2])[:length]


def without_addresses(text: str) -> str:
    """Return a text in which no address can be read."""
    return ADDRESS.sub("…@…", text)


def name(value: object) -> str:
    """Return a name that somebody else gave, or a fingerprint of one that no column holds."""
    name_given = str(value)
    return name_given if len(name_given) <= ID_CHARACTERS and is_storable(name_given) else fingerprint(name_given)


def time(value: object, now: datetime) -> datetime:
    """Return when something is said to have happened, within the last KEPT; now where it is not said, or later."""
    if not isinstance(value, datetime):
        return now
    try:
        moment = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:  # at an end of the calendar
        moment = value.replace(tzinfo=UTC)
    return min(max(moment, now - KEPT), now)


def fingerprint(*parts: object) -> str:
    """Return 64 characters that are the same for the same parts."""
    try:
        written = json.dumps(parts, sort_keys=True, default=str)
    except (RecursionError, TypeError, ValueError):
        written = AT_A_GLANCE.repr(parts)
    return hashlib.sha256(written.encode("ascii", "backslashreplace")).hexdigest()
