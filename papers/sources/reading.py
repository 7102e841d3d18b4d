"""Reading single values as served; None means that the source does not say, ValueError that it says nonsense."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from papers.archives import field_of
from papers.models import SignalKind
from papers.records import SignalRecord
from papers.words import FIELD_LABELS

# No database stores NUL or half a surrogate pair, and no reader wants other control characters.
UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
CATEGORY = re.compile(r"[a-z]+(-[a-z]+)?(\.[A-Za-z-]{2,20})?")
NAMESPACE = re.compile(r"[a-z][a-z0-9-]{1,19}")
# What a page's address can hold and anybody can copy out of it; no part may look like a step within a path.
NAME = re.compile(r"(?!.*(?:^|/)\.{0,2}(?:/|$))[\w.~:/()<>\[\];+@=,!$*-]{1,150}", re.ASCII)
DOI = re.compile(r"10\.\d{4,9}/.+")
BEFORE_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)
LARGEST = 2**31 - 1
TITLE_CHARACTERS, ABSTRACT_CHARACTERS = 2_000, 50_000


def line(value: object, name: str, limit: int = ABSTRACT_CHARACTERS) -> str:
    """Text with its white space collapsed; '' for None."""
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


def lines(value: object, name: str) -> tuple[str, ...]:
    """A list of texts without the empty ones; () for None."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ValueError(f"{name} is not a list")
    texts = [line(one, f"an entry of {name}", 1_000) for one in value]
    return tuple(text for text in texts if text)


def categories(values: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are written like an arXiv category, each once."""
    return tuple(dict.fromkeys(value for value in values if CATEGORY.fullmatch(value)))


def day(value: object, name: str) -> date | None:
    """The date at the start of an ISO date or time, as written there."""
    text = line(value, name)
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError as error:
        raise ValueError(f"{name} is not a date like 2026-06-30: {text[:40]!r}") from error


def moment(value: object, name: str) -> datetime | None:
    """An ISO time; one without an offset is taken as UTC."""
    text = line(value, name)
    try:
        time = datetime.fromisoformat(text) if text else None
        return time and (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is not a time like 2026-06-30T10:44:19Z: {text[:40]!r}") from error


def identifier(value: object, name: str) -> str:
    """'lab:2026/17' as it is, and a DOI in it in small letters; '' for None."""
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
    """A DOI or a link to it, in small letters, since their case does not matter; '' for None."""
    text = BEFORE_DOI.sub("", line(value, name), count=1).lower()
    if text and not (DOI.fullmatch(text) and NAME.fullmatch(text)):
        raise ValueError(f"{name} is not a DOI like 10.1101/2026.06.30.123456: {text[:40]!r}")
    return text


def field(value: object, name: str) -> str:
    """A field by its name or by that of one of its archives: quant-ph → physics; '' for None."""
    known = field_of(line(value, name))
    if known and known not in FIELD_LABELS:
        raise ValueError(f"{name} is not one of {', '.join(FIELD_LABELS)}")
    return known


def flag(value: object, name: str) -> bool:
    """False for None, since a source that says nothing denies nothing."""
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"{name} is neither true nor false")
    return bool(value)


def count(value: object, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError(f"{name} is not a count")
    return value


def link(value: object, name: str, limit: int) -> str:
    """A web address, or '' for anything that is not plainly one: a link is never worth losing the paper for."""
    text = value.strip() if isinstance(value, str) else ""
    is_web = text.lower().startswith(("https://", "http://")) and not re.search(r"[\s\x00-\x1f\x7f\"<>]", text)
    return line(text, name) if is_web and len(text) <= limit else ""


def signals(upvotes: object, comments: object, stars: object, observed_at: datetime) -> Iterator[SignalRecord]:
    """A record for each count that is given: a missing one is unknown, not zero."""
    kinds = {SignalKind.UPVOTES: upvotes, SignalKind.COMMENTS: comments, SignalKind.STARS: stars}
    for kind, value in kinds.items():
        number = count(value, kind.value)
        if number is not None:
            yield SignalRecord(kind.value, number, observed_at)
