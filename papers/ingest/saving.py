"""Store records in the database: safe to repeat, and safe beside another process that does the same."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import DataError, transaction
from django.db.models import Max

from papers.arxiv.announcements import eastern_date
from papers.editions.entries import now_standing, settle
from papers.ingest import changes, identity
from papers.ingest.identity import Records
from papers.ingest.merging import COLUMNS, take_in
from papers.models import Paper, Signal
from papers.records import REPLACEMENTS, PaperRecord
from papers.trends import updating

CHUNK = 500
# A count from the future comes from a wrong clock, and would hide every true one after it.
CLOCK_TOLERANCE = timedelta(days=1)

log = logging.getLogger(__name__)


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

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing was written."""
        return not (self.created or self.updated or self.signals or self.entries)

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.signals + other.signals,
            self.entries + other.entries,
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One call of save: its time, and the papers that it created, to which nothing has happened yet."""

    now: datetime
    new: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored paper with the records that are of it, and what it was before they came."""

    paper: Paper
    records: list[PaperRecord]
    name: str
    state: changes.State


def save(records: Iterable[PaperRecord], now: datetime) -> Report:
    """Store records, CHUNK at a time, each chunk whole or not at all; papers that have it all already are left alone.

    Where the database refuses one record of a chunk, all others are stored.
    """
    run, total = Run(now), Report()
    for chunk in _chunks(records):
        total += _save_what_can_be(chunk, run)
    if not total.is_empty:
        updating.refresh(now)
    return total


def _chunks(records: Iterable[PaperRecord]) -> Iterator[list[PaperRecord]]:
    rest = iter(records)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _save_what_can_be(chunk: Sequence[PaperRecord], run: Run) -> Report:
    """Store a chunk, and where that fails its halves, until the record that cannot be stored stands alone."""
    try:
        return _save_chunk(chunk, run)
    except (DataError, ArithmeticError, ValueError) as error:
        if len(chunk) == 1:
            log.warning("%.80s is left out, since the database does not take it: %s", chunk[0].identifier, error)
            return Report()
    middle = len(chunk) // 2
    return _save_what_can_be(chunk[:middle], run) + _save_what_can_be(chunk[middle:], run)


@transaction.atomic
def _save_chunk(chunk: Sequence[PaperRecord], run: Run) -> Report:
    records = identity.resolve(chunk)
    created = _create_missing(records, run)
    kept = stored(records)
    papers = [entry.paper for entry in kept]
    before = {paper.pk: now_standing(paper) for paper in papers}
    changed = _absorb(kept, run)
    _overwrite([entry.paper for entry in changed])
    identity.save_aliases((entry.paper, names(entry)) for entry in kept)
    changes.save(((entry.paper, entry.state) for entry in changed if entry.name not in run.new), run.now)
    signals = _save_signals(kept, run.now)
    return Report(created, len(changed), len(records) - created - len(changed), signals, settle(papers, before))


def _create_missing(records: Records, run: Run) -> int:
    """Make the papers that are not known yet, except those that are only replaced, and return their number."""
    known = set(Paper.objects.filter(identifier__in=records).values_list("identifier", flat=True))
    new = [_first_form(key, records[key], run) for key in records if key not in known and _is_new(records[key])]
    Paper.objects.bulk_create(new, ignore_conflicts=True)
    run.new.update(paper.identifier for paper in new)
    return len(new)


def _is_new(records: list[PaperRecord]) -> bool:
    return any(record.announced_as not in REPLACEMENTS for record in records)


def _first_form(identifier: str, records: list[PaperRecord], run: Run) -> Paper:
    paper = Paper(identifier=identifier)
    take_in(paper, records, None, eastern_date(run.now))
    return paper


def stored(records: Records) -> list[Kept]:
    """Load the papers, locked in the order of their identifiers, so that two processes wait instead of deadlocking."""
    papers = Paper.objects.filter(identifier__in=records).order_by("identifier").select_for_update()
    return [Kept(paper, records[paper.identifier], paper.identifier, changes.state(paper)) for paper in papers]


def _absorb(kept: list[Kept], run: Run) -> list[Kept]:
    """Take the records into their papers, and return those that this changed."""
    last_seen, today = _newest_counts([entry.paper for entry in kept]), eastern_date(run.now)
    return [entry for entry in kept if take_in(entry.paper, entry.records, last_seen.get(entry.paper.pk), today)]


def _newest_counts(papers: list[Paper]) -> dict[int, datetime]:
    """Return the time when the newest count of each paper was observed, by primary key."""
    signals = Signal.objects.filter(paper__in=papers).order_by()
    return dict(signals.values("paper").annotate(Max("observed_at")).values_list("paper", "observed_at__max"))


def _overwrite(papers: list[Paper]) -> None:
    """Store papers by primary key, since their identifier may have changed."""
    columns = [*COLUMNS, "updated_at"]
    Paper.objects.bulk_create(papers, update_conflicts=True, unique_fields=["pk"], update_fields=columns)


def names(kept: Kept) -> set[str]:
    """Return all identifiers under which the paper came."""
    return {kept.name, *(name for record in kept.records for name in (record.identifier, *record.aliases))}


def _save_signals(kept: list[Kept], now: datetime) -> int:
    """Write the counts that are new or corrected, and return their number."""
    served = dict(counts(kept, now + CLOCK_TOLERANCE))
    times = {observed_at for _, _, observed_at in served}
    stored = Signal.objects.filter(paper__in=[entry.paper for entry in kept], observed_at__in=times)
    known = {(signal.paper_id, signal.kind, signal.observed_at): signal.value for signal in stored}
    new = {key: value for key, value in sorted(served.items()) if known.get(key) != value}
    rows = [Signal(paper_id=pk, kind=kind, observed_at=time, value=value) for (pk, kind, time), value in new.items()]
    unique = ["paper", "kind", "observed_at"]
    Signal.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["value"])
    return len(rows)


def counts(kept: list[Kept], latest: datetime) -> Iterator[tuple[tuple[int, str, datetime], int]]:
    for entry in kept:
        for record in entry.records:
            for signal in record.signals:
                if signal.observed_at <= latest:
                    yield (entry.paper.pk, signal.kind, signal.observed_at), signal.value
