"""Conditional requests (RFC 9110, 13.1): a page that has not changed since we stored it is not sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from papers.models import Validator

FORGOTTEN_AFTER = timedelta(days=30)  # most pages are those of one day


@dataclass(frozen=True, slots=True)
class Validators:
    etag: str = ""
    last_modified: str = ""


def of(headers: Mapping[str, str]) -> Validators:
    """Return the validators in an answer's headers, '' for one that is missing or too long to store."""
    etag, last_modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
    return Validators(etag if len(etag) <= 300 else "", last_modified if len(last_modified) <= 60 else "")


def conditions(url: str) -> dict[str, str]:
    """Return the headers that ask for url only if it has changed."""
    known = Validator.objects.filter(url=url).first()
    if known is None:
        return {}
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value}


def remember(url: str, validators: Validators, now: datetime) -> None:
    """Store the validators of a page; to be called once everything on it is stored, else it would not be sent again."""
    Validator.objects.filter(seen_at__lt=now - FORGOTTEN_AFTER).delete()
    if len(url) <= 1_000 and (validators.etag or validators.last_modified):
        values = {"etag": validators.etag, "last_modified": validators.last_modified, "seen_at": now}
        Validator.objects.update_or_create(url=url, defaults=values)
