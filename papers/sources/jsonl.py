"""Papers in a file: one JSON object a line, read line by line, so that a file of any size takes the same memory.

The keys are described in docs/papers-jsonl.md.
"""

import gzip
import json
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

NAME = "jsonl"
GZIP = b"\x1f\x8b"
MAX_LINE = 1_000_000
BLOCK = 1_000_000

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
    """Yield a record for each good line; each bad one goes to on_bad_line with its number, from 1, and the reason."""
    for number, line in enumerate(_lines_of(stream), 1):
        if not line.strip():
            continue
        try:
            yield record(decode(line))
        except ValueError as error:
            on_bad_line(number, str(error))


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


def record(data: dict[str, Any]) -> PaperRecord:
    """Read the paper of one line; raise ValueError."""
    names = named(data)
    sightings = [data, *observations(data.get("observations"))]
    return PaperRecord(
        identifier=names.identifier,
        version=names.version,
        aliases=names.aliases,
        doi=names.doi,
        title=reading.needed(data.get("title"), "title", reading.TITLE_CHARACTERS),
        abstract=reading.needed(data.get("abstract"), "abstract"),
        authors=reading.authors(data.get("authors"), "authors"),
        categories=_primary_first(data),
        field=reading.field(data.get("field"), "field"),
        published_on=reading.day(data.get("published_at"), "published_at"),
        announced_on=reading.day(data.get("first_seen_on"), "first_seen_on"),
        listed_on=_first_listing(sightings),
        comment=reading.line(data.get("comment"), "comment"),
        journal_ref=reading.line(data.get("journal_ref"), "journal_ref")[:500],
        url=reading.link(data.get("url"), "url", 500),
        withdrawn=reading.flag(data.get("withdrawn"), "withdrawn"),
        github_repo=reading.link(data.get("github_repo"), "github_repo", 300),
        project_page=reading.link(data.get("project_page"), "project_page", 500),
        organization=reading.line(data.get("organization"), "organization")[:200],
        machine_summary=reading.line(data.get("ai_summary"), "ai_summary"),
        signals=tuple(sorted({signal for sight in sightings for signal in counts(sight)}, key=_oldest_first)),
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


def observations(value: object) -> list[dict[str, Any]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise ValueError("observations is not a list of objects")
    return value


def _primary_first(data: dict[str, Any]) -> tuple[str, ...]:
    primary = reading.line(data.get("primary_category"), "primary_category")
    return reading.categories((primary, *reading.lines(data.get("categories"), "categories")))


def _first_listing(sightings: list[dict[str, Any]]) -> date | None:
    days = [reading.day(sight.get("listed_on"), "listed_on") for sight in sightings]
    return min((day for day in days if day), default=None)


def counts(sight: dict[str, Any]) -> Iterator[SignalRecord]:
    """Yield the counts of one look at the paper; without a time they are no observation, but must be valid."""
    seen_at = reading.moment(sight.get("captured_at"), "captured_at")
    time = seen_at or LONG_AGO
    signals = list(reading.signals(sight.get("upvotes"), sight.get("num_comments"), sight.get("github_stars"), time))
    yield from signals if seen_at else ()


def _oldest_first(signal: SignalRecord) -> tuple[datetime, str, int]:
    return signal.observed_at, signal.kind, signal.value
