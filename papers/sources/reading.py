"""Read single values as served: None means that the source does not say, ValueError that it says nonsense."""

import re
from datetime import UTC, date, datetime

from papers.arxiv.archives import field_of
from papers.records import checked_day, checked_moment
from papers.text.words import FIELD_LABELS, web_url

# No database stores NUL or half a surrogate pair, and no reader wants other control characters.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
CATEGORY = re.compile(r"(?=[a-z-]{1,16}(?:\.|\Z))(?=.{1,32}\Z)[a-z]+(-[a-z]+)?(\.[A-Za-z-]{2,20})?")
NAMESPACE = re.compile(r"[a-z][a-z0-9-]{1,19}")
# What a page's address can hold and anybody can copy out of it; no part may look like a step within a path.
NAME = re.compile(r"(?!.*(?:^|/)\.{0,2}(?:/|$))[\w.~:/()<>\[\];+@=,!$*-]{1,150}", re.ASCII)
DOI = re.compile(r"10\.\d{4,9}/.+")
BEFORE_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
LARGEST = 2**31 - 1
WHOLE = re.compile(r"[0-9]{1,10}(?:\.0)?")
TITLE_CHARACTERS, ABSTRACT_CHARACTERS, NAME_CHARACTERS = 2_000, 50_000, 1_000


def format_changed(module: str) -> str:
    """Return what to do where a source serves what its module cannot read."""
    return f"The format may have changed: compare it with what {module.replace('.', '/')}.py reads."


def line(value: object, name: str, limit: int = ABSTRACT_CHARACTERS) -> str:
    """Return text with its white space collapsed; '' for None; raise ValueError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")
    if len(value) > limit:
        raise ValueError(f"{name} has more than {limit:,} characters")
    return " ".join(UNSTORABLE.sub("", value).split())


def needed(value: object, name: str, limit: int = ABSTRACT_CHARACTERS) -> str:
    text = line(value, name, limit)
    if not text:
        raise ValueError(f"{name} is missing or empty")
    return text


def entries(value: object, name: str) -> list[object]:
    """Return a list as it is; [] for None; raise ValueError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    return value


def categories(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return those that are written like an arXiv category, each once."""
    return tuple(dict.fromkeys(value for value in values if CATEGORY.fullmatch(value)))


def day(value: object, name: str) -> date | None:
    """Return the date at the start of an ISO date or time, as written there; raise ValueError."""
    text = line(value, name)
    try:
        date_read = date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise ValueError(f"{name} is not a date like 2026-06-30: {text[:40]!r}") from error
    return date_read and checked_day(date_read, name)


def moment(value: object, name: str) -> datetime | None:
    """Return an ISO time in UTC, also one without an offset; raise ValueError."""
    text = line(value, name)
    try:
        time = datetime.fromisoformat(text) if text else None
        utc = time and (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is not a time like 2026-06-30T10:44:19Z: {text[:40]!r}") from error
    return utc and checked_moment(utc, name)


def identifier(value: object, name: str) -> str:
    """Return 'lab:2026/17' as it is, and a DOI in small letters; '' for None; raise ValueError."""
    text = line(value, name)
    namespace, _, rest = text.partition(":")
    if namespace == "doi" and rest:
        return f"doi:{doi(rest, name)}"
    if namespace == "arxiv":
        raise ValueError(f"{name} is in the namespace of arXiv: write it as arxiv_id")
    if text and not (NAMESPACE.fullmatch(namespace) and NAME.fullmatch(rest)):
        raise ValueError(f"{name} is not written like lab:2026-17: {text[:40]!r}")
    return text


def doi(value: object, name: str) -> str:
    """Return a DOI, alone or in a link, in small letters: their case does not matter; '' for None; raise ValueError."""
    text = BEFORE_DOI.sub("", line(value, name), count=1).lower()
    if text and not (DOI.fullmatch(text) and NAME.fullmatch(text)):
        raise ValueError(f"{name} is not a DOI like 10.1101/2026.06.30.123456: {text[:40]!r}")
    return text


def field(value: object, name: str) -> str:
    """Return a field by its name or that of one of its archives: quant-ph → physics; '' for None; raise ValueError."""
    known = field_of(line(value, name))
    if known and known not in FIELD_LABELS:
        raise ValueError(f"{name} is not one of {', '.join(FIELD_LABELS)}")
    return known


def flag(value: object, name: str) -> bool | None:
    """Return None for None, since a source that says nothing denies nothing; raise ValueError."""
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return value


def count(value: object, name: str) -> int | None:
    """Return a whole number from 0; "7" and 7.0 are no less clear than 7; None for None; raise ValueError."""
    if value is None:
        return None
    is_whole = isinstance(value, str | float) and WHOLE.fullmatch(str(value).strip())
    number = int(float(str(value))) if is_whole else value
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= LARGEST:
        raise ValueError(f"{name} is not a count")
    return number


def link(value: object, name: str, limit: int) -> str:
    """Return a web address that pages would show, '' for anything else: a link is never worth losing the paper for."""
    text = value.strip() if isinstance(value, str) else ""
    is_web = len(text) <= limit and text.lower().startswith(("https://", "http://"))
    return text if is_web and web_url(text) else ""
