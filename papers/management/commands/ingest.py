import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import reset_queries
from django.utils.timezone import now
from tqdm import tqdm

from papers.feeds import feed_states, huggingface_feed, recorded, schedule
from papers.ingest.saving import CHUNK, Report, save
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_rss, huggingface, jsonl

SHOWN_BAD_LINES = 20


class Command(BaseCommand):
    help = "Brings papers in: from a source on the network, or from files recorded from it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", choices=[huggingface.NAME, arxiv_rss.NAME, jsonl.NAME])
        parser.add_argument(
            "--file",
            dest="files",
            type=Path,
            nargs="+",
            action="extend",
            default=[],
            metavar="FILE",
            help="Read these files, plain or gzip, instead of the network; may be repeated.",
        )
        parser.add_argument(
            "--date", type=date.fromisoformat, help="Day of the daily list (huggingface), as YYYY-MM-DD."
        )

    def handle(self, *, source: str, files: list[Path], date: date | None, **options: Any) -> None:
        if source == jsonl.NAME and not files:
            raise CommandError("jsonl is read from files: add --file FILE.")
        if date and source != huggingface.NAME:
            raise CommandError(f"--date is for huggingface only: {source} says itself when a paper was announced.")
        try:
            report = self.from_files(recorded.Recording(source, tuple(files), date)) if files else fetch(source, date)
        except SourceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(summary(source, report))

    def from_files(self, recording: recorded.Recording) -> Report:
        bad = BadLines(self.stderr.write)
        moment = now()
        report = save(_with_progress(recorded.read(recording, moment, bad)), moment)
        bad.finish()
        if bad.count and not report.papers:
            raise CommandError(f"{recording.files[0]}: no line could be used. Each must be a JSON object of one paper.")
        feed_states.note_success(recording.source, moment, report.papers, feed_states.FROM_FILE)
        return report


class BadLines:
    """Reports the first bad lines one by one, and counts the others."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self.write = write
        self.count = 0

    def __call__(self, path: Path, number: int, reason: str) -> None:
        self.count += 1
        if self.count <= SHOWN_BAD_LINES:
            self.write(f"{path}, line {number}: {reason}")

    def finish(self) -> None:
        if self.count > SHOWN_BAD_LINES:
            self.write(f"… and {self.count - SHOWN_BAD_LINES} more lines with something wrong")


def fetch(source: str, day: date | None) -> Report:
    moment: datetime = now()
    if day:
        return schedule.run(source, lambda now: huggingface_feed.ingest_days([day], now), moment)
    return schedule.ingest(source, moment)


def _with_progress(records: Iterable[PaperRecord]) -> Iterator[PaperRecord]:
    """Yield the records, and show how many were read where standard error is a terminal."""
    for number, record in enumerate(tqdm(records, unit=" papers", file=sys.stderr, disable=None)):
        if number % CHUNK == 0:
            reset_queries()  # with DEBUG on, Django keeps the text of thousands of statements
        yield record


def summary(source: str, report: Report) -> str:
    return (
        f"{source}: {report.created} papers created, {report.updated} updated, {report.unchanged} unchanged; "
        f"{report.signals} counts and {report.entries} edition entries written."
    )
