"""Records into the database: safe to repeat, and safe beside another process that does the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Max

from papers import trends
from papers.editions import now_standing, settle
from papers.merging import COLUMNS, absorb, snapshot
from papers.models import Paper, Signal
from papers.records import REPLACEMENTS, PaperRecord

CHUNK = 500
# A count from the future comes from a wrong clock, and would hide every true one after it.
CLOCK_TOLERANCE = timedelta(days=1)

Records = dict[str, list[PaperRecord]]


@dataclass(frozen=True, slots=True)
class Report:
    """What save did: papers created, updated and left as they were; counts and edition entries written."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    signals: int = 0
    entries: int = 0

    @property
    def papers(self) -> int:
        return self.created + self.updated + self.unchanged

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.signals + other.signals,
            self.entries + other.entries,
        )


def save(records: Iterable[PaperRecord], now: datetime) -> Report:
    """Store records, CHUNK at a time, each chunk whole or not at all; what a paper already has is left alone."""
    total = Report()
    for chunk in chunks(records):
        report, days = save_chunk(chunk, now)
        # After the chunk's own transaction: it locks papers of other chunks, which may be locked the other way round.
        trends.refresh(days)
        total += report
    return total


def chunks(records: Iterable[PaperRecord]) -> Iterator[Records]:
    """Records by paper, in the order of identifiers: in one order two processes wait instead of deadlocking."""
    rest = iter(records)
    while taken := list(islice(rest, CHUNK)):
        found: Records = {}
        for record in taken:
            found.setdefault(record.arxiv_id, []).append(record)
        yield dict(sorted(found.items()))


@transaction.atomic
def save_chunk(chunk: Records, now: datetime) -> tuple[Report, set[date]]:
    """Store one chunk: what was done, and the listing days whose trends may have changed."""
    created = create_missing(chunk)
    papers = list(Paper.objects.filter(arxiv_id__in=chunk).order_by("arxiv_id").select_for_update())
    last_seen = newest_counts(papers)
    before, days = {paper.pk: now_standing(paper) for paper in papers}, listing_days(papers)
    changed = [paper for paper in papers if take_in(paper, chunk[paper.arxiv_id], last_seen.get(paper.pk))]
    overwrite(changed)
    signals = save_signals(papers, chunk, now)
    entries = settle(papers, before)
    report = Report(created, len(changed), len(chunk) - created - len(changed), signals, entries)
    return report, days | listing_days(papers)


def create_missing(chunk: Records) -> int:
    """Make the papers that are not known yet, except those that are only replaced: how many."""
    known = set(Paper.objects.filter(arxiv_id__in=chunk).values_list("arxiv_id", flat=True))
    new = [first_form(records) for key, records in chunk.items() if key not in known and is_new(records)]
    Paper.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def is_new(records: list[PaperRecord]) -> bool:
    return any(record.announced_as not in REPLACEMENTS for record in records)


def first_form(records: list[PaperRecord]) -> Paper:
    paper = Paper(arxiv_id=records[0].arxiv_id)
    take_in(paper, records, None)
    return paper


def take_in(paper: Paper, records: list[PaperRecord], last_seen: datetime | None) -> bool:
    """Absorb records into paper, in their order; whether that changed it."""
    before = snapshot(paper)
    for record in records:
        absorb(paper, record, last_seen)
        times = [signal.observed_at for signal in record.signals]
        last_seen = max([*times, last_seen] if last_seen else times, default=None)
    return snapshot(paper) != before


def newest_counts(papers: list[Paper]) -> dict[int, datetime]:
    """When the newest count of each paper was observed, by primary key."""
    signals = Signal.objects.filter(paper__in=papers).order_by()
    return dict(signals.values("paper").annotate(Max("observed_at")).values_list("paper", "observed_at__max"))


def overwrite(papers: list[Paper]) -> None:
    columns = [*COLUMNS, "updated_at"]
    Paper.objects.bulk_create(papers, update_conflicts=True, unique_fields=["arxiv_id"], update_fields=columns)


def save_signals(papers: list[Paper], chunk: Records, now: datetime) -> int:
    """Write the counts that are new or corrected: how many."""
    served = dict(counts(papers, chunk, now + CLOCK_TOLERANCE))
    times = {observed_at for _, _, observed_at in served}
    stored = Signal.objects.filter(paper__in=papers, observed_at__in=times)
    known = {(one.paper_id, one.kind, one.observed_at): one.value for one in stored}
    new = {key: value for key, value in sorted(served.items()) if known.get(key) != value}
    rows = [Signal(paper_id=pk, kind=kind, observed_at=at, value=value) for (pk, kind, at), value in new.items()]
    unique = ["paper", "kind", "observed_at"]
    Signal.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["value"])
    return len(rows)


def counts(papers: list[Paper], chunk: Records, latest: datetime) -> Iterator[tuple[tuple[int, str, datetime], int]]:
    for paper in papers:
        for record in chunk[paper.arxiv_id]:
            for signal in record.signals:
                if signal.observed_at <= latest:
                    yield (paper.pk, signal.kind, signal.observed_at), signal.value


def listing_days(papers: list[Paper]) -> set[date]:
    return {paper.listed_on for paper in papers if paper.listed_on}
