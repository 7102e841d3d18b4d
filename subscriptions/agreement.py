"""Which settings must be the same on all machines, as marks that can be stored: they tell nothing of the values."""

from django.conf import settings
from django.utils.crypto import salted_hmac

# By their names in the environment; where Django's name is another one, that too.
SHARED = {name: name for name in ("SECRET_KEY", "ADDRESS_KEY", "INSTANCE_ID", "SITE_URL", "EMBEDDING_MODEL")}
SHARED |= {"DIGEST_FROM": "DEFAULT_FROM_EMAIL", "ACCOUNT_FROM": "ACCOUNT_FROM_EMAIL"}
SHARED |= {name: name for name in ("CANDIDATE_DAYS", "DIGEST_SIZE", "DIGEST_HOUR", "RELEVANCE_FLOOR")}
SHARED |= {name: name for name in ("LATENESS_HOURS", "LEASE_SECONDS", "UNCERTAIN_AFTER_SECONDS", "ON_UNCERTAIN")}
SHARED |= {name: name for name in ("SPREAD_MINUTES", "EDITION_WAIT_MINUTES", "WEB_COPY_DAYS", "SLOW_DOWN_AFTER_DAYS")}
SHARED |= {name: name for name in ("PROVIDER_RATE_PER_SECOND", "PROVIDER_RATE_PER_DAY", "READER_SUBJECTS")}
KEY = "SECRET_KEY"  # under which all marks are made


def marks() -> str:
    """Return a mark of each of these settings, as text of one form."""
    return " ".join(f"{name}:{_mark(name, getattr(settings, attribute))}" for name, attribute in SHARED.items())


def different(one: str, other: str) -> list[str]:
    """Return the settings of which both have a mark, and another one; the key alone, if that is among them."""
    ours, theirs = _read(one), _read(other)
    names = [name for name, mark in ours.items() if theirs.get(name, mark) != mark]
    return [KEY] if KEY in names else names


def _mark(name: str, value: object) -> str:
    return salted_hmac(f"mark of {name}", repr(value), algorithm="sha256").hexdigest()[:8]


def _read(marks: str) -> dict[str, str]:
    return dict(pair.split(":", 1) for pair in marks.split() if ":" in pair)
