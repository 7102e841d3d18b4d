"""The daily list of trending papers of Hugging Face, in all the shapes that it has had since 2024."""

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings

from papers import arxiv_ids
from papers.records import PaperRecord
from papers.sources import http, reading
from papers.sources.errors import SourceError

NAME = "huggingface"
PAGE = 50  # the source's own page size; the biggest days have more
MAX_PAGES = 20
CHANGED = "The format may have changed: compare it with what papers/sources/huggingface.py reads."

log = logging.getLogger(__name__)


def fetch(listed_on: date, page: int = 0) -> bytes:
    """One page of a day's list as served; SourceError."""
    return http.get(NAME, settings.HUGGINGFACE_URL, {"date": listed_on.isoformat(), "p": str(page)}).body


def collect(listed_on: date, observed_at: datetime) -> list[PaperRecord]:
    """Every page of a day's list; SourceError."""
    found: dict[str, PaperRecord] = {}
    for page in range(MAX_PAGES):
        served = items(fetch(listed_on, page))
        new = {one.identifier: one for one in records(served, listed_on, observed_at) if one.identifier not in found}
        found |= new
        # A page without anything new means that the source ignores the page's number.
        if len(served) < PAGE or not new:
            break
    return list(found.values())


def parse(data: bytes, listed_on: date, observed_at: datetime) -> list[PaperRecord]:
    """The papers of one answer; listed_on is the day asked for, observed_at when it was served; SourceError."""
    return records(items(data), listed_on, observed_at)


def items(data: bytes) -> list[object]:
    try:
        served = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SourceError(NAME, f"what was served is not JSON ({str(error)[:100]})", CHANGED) from error
    if not isinstance(served, list):
        raise SourceError(NAME, "what was served is not a list of papers", CHANGED)
    return served


def records(served: list[object], listed_on: date, observed_at: datetime) -> list[PaperRecord]:
    found = list(readable(served, listed_on, observed_at))
    if served and not found:
        raise SourceError(NAME, f"not one of {len(served)} items could be read", CHANGED)
    return found


def readable(served: list[object], listed_on: date, observed_at: datetime) -> Iterator[PaperRecord]:
    for number, item in enumerate(served, 1):
        try:
            yield record(item, listed_on, observed_at)
        except ValueError as error:
            log.warning("%s: item %d of the list of %s is left out: %s", NAME, number, listed_on, error)


def record(item: object, listed_on: date, observed_at: datetime) -> PaperRecord:
    """One item of the list; ValueError. The public handles and pictures of people in it are left behind."""
    if not isinstance(item, dict) or not isinstance(paper := item.get("paper"), dict):
        raise ValueError("it is not an object with a paper")
    stars = paper.get("githubStars")
    return PaperRecord(
        identifier=arxiv_ids.canonical(reading.needed(paper.get("id"), "id")),
        title=reading.needed(paper.get("title") or item.get("title"), "title", reading.TITLE_CHARACTERS),
        abstract=reading.needed(paper.get("summary") or item.get("summary"), "summary"),
        authors=names(paper.get("authors")),
        published_on=reading.day(paper.get("publishedAt"), "publishedAt"),
        listed_on=reading.day(paper.get("submittedOnDailyAt"), "submittedOnDailyAt") or listed_on,
        github_repo=reading.link(paper.get("githubRepo"), "githubRepo", 300),
        project_page=reading.link(paper.get("projectPage"), "projectPage", 500),
        organization=organization(paper.get("organization") or item.get("organization")),
        withdrawn=bool(paper.get("withdrawnAt")),
        machine_summary=reading.line(paper.get("ai_summary"), "ai_summary"),
        signals=tuple(reading.signals(paper.get("upvotes"), item.get("numComments"), stars, observed_at)),
    )


def names(authors: object) -> tuple[str, ...]:
    """Names as printed; hidden ones were put there by mistake, says the source."""
    if not isinstance(authors, list):
        return ()
    shown = [one.get("name") for one in authors if isinstance(one, dict) and not one.get("hidden")]
    return reading.lines(shown, "authors")


def organization(value: object) -> str:
    if not isinstance(value, dict):
        return ""
    return reading.line(value.get("fullname") or value.get("name"), "organization")[:200]
