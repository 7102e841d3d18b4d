"""Sources that were recorded to files, read back with the parsers that read the network."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_rss, http, huggingface, jsonl

BadLine = Callable[[Path, int, str], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """Files of one source; listed_on is the day of a list whose file is not named after it."""

    source: str
    files: tuple[Path, ...]
    listed_on: date | None = None


def read(recording: Recording, now: datetime, on_bad_line: BadLine) -> Iterable[PaperRecord]:
    """All files are checked before the first record is given; SourceError names the file that cannot be used."""
    if recording.source == jsonl.NAME:
        for path in recording.files:
            jsonl.check(path)
        return (one for path in recording.files for one in read_lines(path, on_bad_line))
    return [one for path in recording.files for one in parse(path, recording, now)]


def read_lines(path: Path, on_bad_line: BadLine) -> Iterator[PaperRecord]:
    with jsonl.fetch(path) as stream:
        yield from jsonl.parse(stream, lambda number, reason: on_bad_line(path, number, reason))


def parse(path: Path, recording: Recording, now: datetime) -> list[PaperRecord]:
    jsonl.check(path)
    with jsonl.fetch(path) as stream:
        data = stream.read(http.MAX_BYTES)
    try:
        if recording.source == arxiv_rss.NAME:
            return arxiv_rss.parse(data)
        day = recording.listed_on or day_named(path)
        return huggingface.parse(data, day, observation_of(day, now))
    except SourceError as error:
        raise SourceError(error.source, f"{path}: {error.problem}", error.remedy) from error


def day_named(path: Path) -> date:
    try:
        return date.fromisoformat(path.name[:10])
    except ValueError as error:
        remedy = "Add --date YYYY-MM-DD or name the file YYYY-MM-DD.json."
        raise SourceError(huggingface.NAME, f"{path} does not say which day's list it is", remedy) from error


def observation_of(day: date, now: datetime) -> datetime:
    """When a recorded list was read is not recorded: noon of its day, in UTC, or now if that is yet to come."""
    return min(datetime.combine(day, time(12), UTC), now)
