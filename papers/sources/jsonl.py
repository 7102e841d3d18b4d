"""Papers in a file: one JSON object a line, read line by line, so that a file of any size takes the same memory.

The keys are described in docs/papers-jsonl.md.
"""

import gzip
import json
import logging
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from papers.arxiv import arxiv_ids
from papers.fetching.errors import SourceError
from papers.periods import LONG_AGO
from papers.records import PaperRecord, SignalRecord
from papers.sources import reading
from papers.sources.optional_values import OptionalValues

NAME = "jsonl"
GZIP = b"\x1f\x8b"
MAX_LINE = 1_000_000
BLOCK = 1_000_000

log = logging.getLogger(__name__)

BadLine = Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class Names:
    """What a line calls its paper."""

    identifier: str
    version: int | None = None
    aliases: tuple[str, ...] = ()
    doi: str = ""  # of the published form: arXiv's own DOI is but another way to write its identifier


def fetch(path: Path) -> BinaryIO:
    """Open the file for reading, decompressed where its first bytes say so; raise SourceError if it cannot be read."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == GZIP
        return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")
    except OSError as error:
        raise SourceError(NAME, f"{path} cannot be read ({error.strerror})", "Name a file that exists.") from error


def check(path: Path) -> None:
    """Read the file to its end, so that a damaged archive is refused before anything is stored; raise SourceError."""
    try:
        with fetch(path) as file:
            while file.read(BLOCK):
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(NAME, f"{path} is damaged ({error})", "Get the file again.") from error


def parse(stream: BinaryIO, on_bad_line: BadLine) -> Iterator[PaperRecord]:
    """Yield a record for each line that names a paper.

    What is wrong with a line goes to on_bad_line with its number, from 1: why it is no paper, or which of the values
    that a paper can do without is left out.
    """
    for number, line in enumerate(_lines_of(stream), 1):
        if not line.strip():
            continue
        problems: list[str] = []
        try:
            yield record(decode(line), problems.append)
        except ValueError as error:
            problems = [str(error)]
        else:
            problems = [f"{problem}: the paper comes without it" for problem in problems]
        if problems:
            on_bad_line(number, "; ".join(problems))


def _lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines of at most MAX_LINE bytes and a bit: a longer one is given cut, its rest is passed over."""
    while line := stream.readline(MAX_LINE + 1):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        yield line


def decode(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise ValueError(f"the line is longer than {MAX_LINE:,} bytes")
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error.msg} at character {error.pos + 1})") from error
    except ValueError as error:
        raise ValueError("it holds a whole number of more than 4,300 digits") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")
    return value


def record(data: dict[str, Any], tell: Callable[[str], object] = log.warning) -> PaperRecord:
    """Read the paper of one line; raise ValueError. What is wrong with an optional value is told."""
    names, optional = named(data), OptionalValues(tell)
    earlier: list[dict[str, Any]] = optional.read(observations, data.get("observations"), "observations", [])
    sightings = [data, *earlier]
    return PaperRecord(
        identifier=names.identifier,
        version=names.version,
        aliases=names.aliases,
        doi=names.doi,
        title=reading.needed(data.get("title"), "title", reading.TITLE_CHARACTERS),
        abstract=reading.needed(data.get("abstract"), "abstract"),
        authors=optional.authors(data.get("authors"), "authors"),
        categories=_primary_first(data, optional),
        field=optional.read(reading.field, data.get("field"), "field", ""),
        published_on=optional.day(data.get("published_at"), "published_at"),
        announced_on=optional.day(data.get("first_seen_on"), "first_seen_on"),
        listed_on=_first_listing(sightings, optional),
        comment=optional.line(data.get("comment"), "comment"),
        journal_ref=optional.line(data.get("journal_ref"), "journal_ref")[:500],
        url=reading.link(data.get("url"), "url", 500),
        withdrawn=optional.read(reading.flag, data.get("withdrawn"), "withdrawn", None),
        github_repo=reading.link(data.get("github_repo"), "github_repo", 300),
        project_page=reading.link(data.get("project_page"), "project_page", 500),
        organization=optional.line(data.get("organization"), "organization")[:200],
        machine_summary=optional.line(data.get("ai_summary"), "ai_summary"),
        signals=tuple(sorted({signal for sight in sightings for signal in counts(sight, optional)}, key=_oldest_first)),
    )


def named(data: dict[str, Any]) -> Names:
    """Return arXiv's identifier if there is one, else the line's own, else the DOI; raise ValueError."""
    own, doi = reading.identifier(data.get("id"), "id"), reading.doi(data.get("doi"), "doi")
    doi = doi or (own.removeprefix("doi:") if own.startswith("doi:") else "")
    of_arxiv = arxiv_ids.canonical_id(doi)
    written = reading.line(data.get("arxiv_id"), "arxiv_id") or of_arxiv
    doi = "" if of_arxiv else doi
    if written:
        arxiv_id, version = arxiv_ids.split(written)
        return Names(arxiv_id, version, (own,) if own and own != f"doi:{doi}" else (), doi)
    if not own and not doi:
        raise ValueError("it has no arxiv_id, no id and no doi")
    return Names(own or f"doi:{doi}", doi=doi)


def observations(value: object, name: str) -> list[dict[str, Any]]:
    """Return a list of objects; [] for None; raise ValueError."""
    sights = reading.entries(value, name)
    if not all(isinstance(one, dict) for one in sights):
        raise ValueError(f"{name} is not a list of objects")
    return cast(list[dict[str, Any]], sights)


def _primary_first(data: dict[str, Any], optional: OptionalValues) -> tuple[str, ...]:
    primary = optional.line(data.get("primary_category"), "primary_category")
    return reading.categories((primary, *optional.lines(data.get("categories"), "categories")))


def _first_listing(sightings: list[dict[str, Any]], optional: OptionalValues) -> date | None:
    days = [optional.day(sight.get("listed_on"), "listed_on") for sight in sightings]
    return min((day for day in days if day), default=None)


def counts(sight: dict[str, Any], optional: OptionalValues) -> Iterator[SignalRecord]:
    """Yield the counts of one look at the paper; without a time they are no observation, but are looked at."""
    seen_at = optional.read(reading.moment, sight.get("captured_at"), "captured_at", None)
    served = {
        "upvotes": sight.get("upvotes"),
        "comments": sight.get("num_comments"),
        "stars": sight.get("github_stars"),
    }
    signals = list(optional.signals(seen_at or LONG_AGO, **served))
    yield from signals if seen_at else ()


def _oldest_first(signal: SignalRecord) -> tuple[datetime, str, int]:
    return signal.observed_at, signal.kind, signal.value
