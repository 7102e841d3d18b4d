"""The daily list of trending papers of Hugging Face, in all the shapes that it has had since 2024."""

import json
import logging
from collections.abc import Iterator
from datetime import date, datetime

from django.conf import settings

from papers.arxiv import arxiv_ids
from papers.fetching import http
from papers.fetching.errors import SourceError
from papers.records import PaperRecord
from papers.sources import reading
from papers.sources.optional_values import OptionalValues
from papers.sources.shallow_json import shallow

NAME = "huggingface"
PAGE = 50  # the source's own page size; the biggest days have more
MAX_PAGES = 20
WITHOUT = "%s: %s comes without a value: %s"
CHANGED = reading.format_changed(__name__)

log = logging.getLogger(__name__)


def fetch(listed_on: date, page: int = 0) -> bytes:
    """Return one page of a day's list as served; raise SourceError."""
    return http.get(NAME, settings.HUGGINGFACE_URL, {"date": listed_on.isoformat(), "p": str(page)}).body


def collect(listed_on: date, observed_at: datetime) -> list[PaperRecord]:
    """Return the papers of every page of a day's list; raise SourceError."""
    papers: dict[str, PaperRecord] = {}
    for page in range(MAX_PAGES):
        served = items(fetch(listed_on, page))
        new = {
            paper.identifier: paper
            for paper in records(served, listed_on, observed_at)
            if paper.identifier not in papers
        }
        papers |= new
        # A page without anything new means that the source ignores the page's number.
        if len(served) < PAGE or not new:
            break
    return list(papers.values())


def parse(data: bytes, listed_on: date, observed_at: datetime) -> list[PaperRecord]:
    """Read the papers of one answer; listed_on is the day asked for, observed_at the time of it; raise SourceError."""
    return records(items(data), listed_on, observed_at)


def items(data: bytes) -> list[object]:
    try:
        served = json.loads(shallow(data.decode("utf-8-sig", "replace")))
    except ValueError as error:
        raise SourceError(NAME, f"what was served is not JSON ({str(error)[:100]})", CHANGED) from error
    if not isinstance(served, list):
        raise SourceError(NAME, "what was served is not a list of papers", CHANGED)
    return served


def records(served: list[object], listed_on: date, observed_at: datetime) -> list[PaperRecord]:
    papers = list(readable(served, listed_on, observed_at))
    if served and not papers:
        raise SourceError(NAME, f"not one of {len(served)} items could be read", CHANGED)
    return papers


def readable(served: list[object], listed_on: date, observed_at: datetime) -> Iterator[PaperRecord]:
    for number, item in enumerate(served, 1):
        try:
            yield record(item, listed_on, observed_at)
        except ValueError as error:
            log.warning("%s: item %d of the list of %s is left out: %s", NAME, number, listed_on, error)


def record(item: object, listed_on: date, observed_at: datetime) -> PaperRecord:
    """Read one item of the list; raise ValueError. The public handles and pictures of people in it are left behind."""
    if not isinstance(item, dict) or not isinstance(paper := item.get("paper"), dict):
        raise ValueError("it is not an object with a paper")
    identifier = arxiv_ids.canonical(reading.needed(paper.get("id"), "id"))
    optional = OptionalValues(lambda problem: log.warning(WITHOUT, NAME, identifier, problem))
    counts = {"upvotes": paper.get("upvotes"), "comments": item.get("numComments"), "stars": paper.get("githubStars")}
    return PaperRecord(
        identifier=identifier,
        title=reading.needed(_either(paper.get("title"), item.get("title")), "title", reading.TITLE_CHARACTERS),
        abstract=reading.needed(_either(paper.get("summary"), item.get("summary")), "summary"),
        authors=names(paper.get("authors"), optional),
        published_on=optional.day(paper.get("publishedAt"), "publishedAt"),
        listed_on=optional.day(paper.get("submittedOnDailyAt"), "submittedOnDailyAt") or listed_on,
        github_repo=reading.link(paper.get("githubRepo"), "githubRepo", 300),
        project_page=reading.link(paper.get("projectPage"), "projectPage", 500),
        organization=organization(paper.get("organization") or item.get("organization"), optional),
        withdrawn=True if paper.get("withdrawnAt") else None,
        machine_summary=optional.line(paper.get("ai_summary"), "ai_summary"),
        signals=tuple(optional.signals(observed_at, **counts)),
    )


def _either(inside: object, beside: object) -> object:
    """Return the first that is a text and not empty: the list says some things twice."""
    return next((value for value in (inside, beside) if isinstance(value, str) and value.strip()), inside or beside)


def names(authors: object, optional: OptionalValues) -> tuple[str, ...]:
    """Return names as printed; hidden ones were put there by mistake, says the source."""
    if not isinstance(authors, list):
        return ()
    shown = [author.get("name") for author in authors if isinstance(author, dict) and not author.get("hidden")]
    return optional.authors(shown, "authors")


def organization(value: object, optional: OptionalValues) -> str:
    if not isinstance(value, dict):
        return ""
    return optional.line(value.get("fullname") or value.get("name"), "organization")[:200]
