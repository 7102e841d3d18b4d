"""The sample that comes with the project, so that a first visit shows papers: always as fresh as if it came today."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from django.db import transaction

from papers.editions.entries import drop, is_curated
from papers.feeds import feed_states
from papers.ingest.saving import Report, save
from papers.models import Edition, EditionEntry, Paper, Signal
from papers.records import PaperRecord
from papers.sources import SourceError, jsonl

SAMPLE = Path(__file__).parent.parent / "sample" / "papers.jsonl"


@transaction.atomic
def load(today: date, now: datetime) -> Report:
    """Store the sample, with its dates shifted so that the newest is today.

    On a later day its papers move along; on the same day nothing changes, and nothing at all once real papers came.
    """
    if feed_states.real_papers_arrived():
        return Report()
    papers = _shifted(records(), today)
    if not _stands_at(papers, today):
        _take_back(papers)
    report = save(papers, now)
    feed_states.note_success(feed_states.SAMPLE, now, len(papers))
    return report


def records() -> list[PaperRecord]:
    with jsonl.fetch(SAMPLE) as stream:
        return list(jsonl.parse(stream, refuse))


def refuse(number: int, reason: str) -> NoReturn:
    problem = f"line {number} of {SAMPLE.name} is damaged: {reason}"
    raise SourceError(feed_states.SAMPLE, problem, "Install the project again.")


def _shifted(papers: list[PaperRecord], today: date) -> list[PaperRecord]:
    by = today - max(day for paper in papers for day in _days_of(paper))
    return [shift(paper, by) for paper in papers]


def _days_of(paper: PaperRecord) -> Iterable[date]:
    return (day for day in (paper.announced_on, paper.listed_on) if day)


def shift(paper: PaperRecord, by: timedelta) -> PaperRecord:
    signals = (replace(signal, observed_at=signal.observed_at + by) for signal in paper.signals)
    return replace(
        paper,
        published_on=paper.published_on and paper.published_on + by,
        announced_on=paper.announced_on and paper.announced_on + by,
        listed_on=paper.listed_on and paper.listed_on + by,
        signals=tuple(signals),
    )


def _stands_at(papers: list[PaperRecord], today: date) -> bool:
    """Tell whether the sample was loaded for today: its newest papers carry today's date."""
    announced = [paper.identifier for paper in papers if paper.announced_on == today]
    return Paper.objects.filter(identifier__in=announced, announced_on=today).exists()


def _take_back(papers: list[PaperRecord]) -> None:
    """Forget the dates and counts of an earlier loading, and the entries that no curator has touched."""
    chosen = Paper.objects.filter(identifier__in=[paper.identifier for paper in papers])
    entries = EditionEntry.objects.filter(paper__in=chosen)
    drop([entry for entry in entries if not is_curated(entry)])
    Edition.objects.filter(entries__isnull=True, note="").delete()
    Signal.objects.filter(paper__in=chosen).delete()
    chosen.update(published_on=None, announced_on=None, listed_on=None, took_off_on=None, trend=None, trend_at=None)
