"""Sources that were recorded to files, read back with the parsers that read the network."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from papers.fetching import http
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_rss, huggingface, jsonl

BadLine = Callable[[Path, int, str], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """Files of one source; listed_on is the day of a list whose file is not named after it."""

    source: str
    files: tuple[Path, ...]
    listed_on: date | None = None


def read(recording: Recording, now: datetime, on_bad_line: BadLine) -> Iterable[PaperRecord]:
    """Read all records, after checking all files; raise SourceError, which names the file that cannot be used."""
    if recording.source == jsonl.NAME:
        for path in recording.files:
            jsonl.check(path)
        return (record for path in recording.files for record in _read_lines(path, on_bad_line))
    return [record for path in recording.files for record in parse(path, recording, now)]


def _read_lines(path: Path, on_bad_line: BadLine) -> Iterator[PaperRecord]:
    with jsonl.fetch(path) as stream:
        yield from jsonl.parse(stream, lambda number, reason: on_bad_line(path, number, reason))


def parse(path: Path, recording: Recording, now: datetime) -> list[PaperRecord]:
    jsonl.check(path)
    with jsonl.fetch(path) as stream:
        data = stream.read(http.MAX_BYTES)
    try:
        if recording.source == arxiv_rss.NAME:
            return arxiv_rss.parse(data)
        day = recording.listed_on or _day_named(path)
        return huggingface.parse(data, day, _observation_of(day, now))
    except SourceError as error:
        raise SourceError(error.source, f"{path}: {error.problem}", error.remedy) from error


def _day_named(path: Path) -> date:
    try:
        return date.fromisoformat(path.name[:10])
    except ValueError as error:
        remedy = "Add --date YYYY-MM-DD or name the file YYYY-MM-DD.json."
        raise SourceError(huggingface.NAME, f"{path} does not say which day's list it is", remedy) from error


def _observation_of(day: date, now: datetime) -> datetime:
    """Return noon of a list's day, in UTC, or now if that is yet to come: when it was read is not recorded."""
    return min(datetime.combine(day, time(12), UTC), now)
