"""Papers of June 2026 as their sources had them, day by day, and what is made up because nobody wrote it down.

The lists of trending papers were recorded once, on the morning of their day. A site reads each for a week, so that
votes are seen to grow: here they are made to grow, by a rule that depends on nothing but the paper. Few rise late and
steeply, as happens: they are what takes off.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from math import exp
from pathlib import Path

from papers.feeds.huggingface_feed import WATCHED_DAYS
from papers.records import Announced, PaperRecord, SignalRecord
from papers.sources import huggingface, jsonl

DAY = timedelta(days=1)
FIRST, LAST = date(2026, 6, 1), date(2026, 6, 21)
DAYS = [FIRST + number * DAY for number in range((LAST - FIRST).days + 1)]
LATE_RISERS, RISES_FROM = 0.04, 3  # a share of what was listed; days after the list


@dataclass(frozen=True)
class Source:
    """A folder with papers/ and feeds/."""

    folder: Path

    @cached_property
    def _announced(self) -> dict[date, list[PaperRecord]]:
        papers: dict[date, list[PaperRecord]] = defaultdict(list)
        for row in _rows(self.folder / "papers" / "arxiv_2026Q2.jsonl.gz"):
            if FIRST.isoformat() <= row["first_seen_on"] <= LAST.isoformat():
                # As arXiv's feed says it: that the paper is new, and its first version.
                record = replace(jsonl.record(row), version=1, announced_as=Announced.NEW)
                papers[date.fromisoformat(row["first_seen_on"])].append(record)
        return papers

    def announced(self, day: date) -> list[PaperRecord]:
        """Return what arXiv announced that day."""
        return self._announced.get(day, [])

    def listed(self, day: date, now: datetime) -> Iterator[PaperRecord]:
        """Yield the papers of the list of a day, with their counts as of now."""
        file = self.folder / "feeds" / "hf_daily_api" / f"{day}.json"
        if file.exists():
            for record in huggingface.parse(file.read_bytes(), day, now):
                yield replace(record, signals=tuple(_grown(record, (now.date() - day).days)))

    def watched(self, today: date, now: datetime) -> list[PaperRecord]:
        """Return the papers of the lists that are read today: today's and those of the days before."""
        days = [today - back * DAY for back in reversed(range(WATCHED_DAYS))]
        return [record for day in days for record in self.listed(day, now)]

    def named(self, identifiers: Iterable[str]) -> list[PaperRecord]:
        """Return older papers, by identifier."""
        wanted = set(identifiers)
        rows = _rows(self.folder / "papers" / "hf_daily.jsonl.gz")
        return [jsonl.record(row) for row in rows if row["arxiv_id"] in wanted]

    def read_by(self, person: str) -> list[str]:
        """Return the papers that somebody wrote or proposed before the first day, the oldest first."""
        [row] = [row for row in _rows(self.folder / "eval" / "hf_readers.jsonl.gz") if row["user_id"] == person]
        return [paper["arxiv_id"] for paper in row["papers"] if paper["at"] < FIRST.isoformat()]


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file) as stream:
        yield from map(json.loads, stream)


def _grown(record: PaperRecord, days: int) -> Iterator[SignalRecord]:
    """Yield made-up counts for so many days after the recorded one."""
    chance = int(sha256(record.identifier.encode()).hexdigest()[:8], 16) / 16**8
    grown = 1 + (0.2 + chance) * (1 - exp(-days / 2))
    if chance < LATE_RISERS and days >= RISES_FROM:
        grown += 8 * (days - RISES_FROM + 1)
    for signal in record.signals:
        yield replace(signal, value=round(signal.value * grown))
