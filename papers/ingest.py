"""Records into the database: safe to repeat, and safe beside another process that does the same."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from django.db import transaction
from django.db.models import Max

from papers import changes, identity, trends
from papers.announcements import eastern_date
from papers.editions import now_standing, settle
from papers.identity import Records
from papers.merging import COLUMNS, take_in
from papers.models import Paper, Signal
from papers.records import REPLACEMENTS, PaperRecord

CHUNK = 500
# A count from the future comes from a wrong clock, and would hide every true one after it.
CLOCK_TOLERANCE = timedelta(days=1)


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
        """Whether nothing was written."""
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
    """One call of save: its time, and the papers that it met first, to which nothing has happened yet."""

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
    """Store records, CHUNK at a time, each chunk whole or not at all; what a paper already has is left alone."""
    run, total = Run(now), Report()
    for chunk in chunks(records):
        total += save_chunk(chunk, run)
    if not total.is_empty:
        trends.refresh(now)
    return total


def chunks(records: Iterable[PaperRecord]) -> Iterator[list[PaperRecord]]:
    rest = iter(records)
    while taken := list(islice(rest, CHUNK)):
        yield taken


@transaction.atomic
def save_chunk(chunk: Sequence[PaperRecord], run: Run) -> Report:
    found = identity.resolve(chunk)
    created = create_missing(found, run)
    kept = stored(found)
    papers = [one.paper for one in kept]
    before = {paper.pk: now_standing(paper) for paper in papers}
    changed = absorb(kept, run)
    overwrite([one.paper for one in changed])
    identity.save_aliases((one.paper, names(one)) for one in kept)
    changes.save(((one.paper, one.state) for one in changed if one.name not in run.new), run.now)
    signals = save_signals(kept, run.now)
    return Report(created, len(changed), len(found) - created - len(changed), signals, settle(papers, before))


def create_missing(found: Records, run: Run) -> int:
    """Make the papers that are not known yet, except those that are only replaced: how many."""
    known = set(Paper.objects.filter(identifier__in=found).values_list("identifier", flat=True))
    new = [first_form(key, found[key], run) for key in found if key not in known and is_new(found[key])]
    Paper.objects.bulk_create(new, ignore_conflicts=True)
    run.new.update(paper.identifier for paper in new)
    return len(new)


def is_new(records: list[PaperRecord]) -> bool:
    return any(record.announced_as not in REPLACEMENTS for record in records)


def first_form(identifier: str, records: list[PaperRecord], run: Run) -> Paper:
    paper = Paper(identifier=identifier)
    take_in(paper, records, None, eastern_date(run.now))
    return paper


def stored(found: Records) -> list[Kept]:
    """The papers, locked in the order of their identifiers: in one order two processes wait instead of deadlocking."""
    papers = Paper.objects.filter(identifier__in=found).order_by("identifier").select_for_update()
    return [Kept(paper, found[paper.identifier], paper.identifier, changes.state(paper)) for paper in papers]


def absorb(kept: list[Kept], run: Run) -> list[Kept]:
    """Take the records into their papers: those that were changed by that."""
    last_seen, today = newest_counts([one.paper for one in kept]), eastern_date(run.now)
    return [one for one in kept if take_in(one.paper, one.records, last_seen.get(one.paper.pk), today)]


def newest_counts(papers: list[Paper]) -> dict[int, datetime]:
    """When the newest count of each paper was observed, by primary key."""
    signals = Signal.objects.filter(paper__in=papers).order_by()
    return dict(signals.values("paper").annotate(Max("observed_at")).values_list("paper", "observed_at__max"))


def overwrite(papers: list[Paper]) -> None:
    """By key, since the identifier may be what has changed."""
    columns = [*COLUMNS, "updated_at"]
    Paper.objects.bulk_create(papers, update_conflicts=True, unique_fields=["pk"], update_fields=columns)


def names(kept: Kept) -> set[str]:
    """All identifiers under which we have met the paper."""
    return {kept.name, *(name for one in kept.records for name in (one.identifier, *one.aliases))}


def save_signals(kept: list[Kept], now: datetime) -> int:
    """Write the counts that are new or corrected: how many."""
    served = dict(counts(kept, now + CLOCK_TOLERANCE))
    times = {observed_at for _, _, observed_at in served}
    stored = Signal.objects.filter(paper__in=[one.paper for one in kept], observed_at__in=times)
    known = {(one.paper_id, one.kind, one.observed_at): one.value for one in stored}
    new = {key: value for key, value in sorted(served.items()) if known.get(key) != value}
    rows = [Signal(paper_id=pk, kind=kind, observed_at=at, value=value) for (pk, kind, at), value in new.items()]
    unique = ["paper", "kind", "observed_at"]
    Signal.objects.bulk_create(rows, update_conflicts=True, unique_fields=unique, update_fields=["value"])
    return len(rows)


def counts(kept: list[Kept], latest: datetime) -> Iterator[tuple[tuple[int, str, datetime], int]]:
    for one in kept:
        for record in one.records:
            for signal in record.signals:
                if signal.observed_at <= latest:
                    yield (one.paper.pk, signal.kind, signal.observed_at), signal.value
