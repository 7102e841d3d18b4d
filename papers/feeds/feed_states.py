"""What is known of the sources."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from papers.models import FeedState
from papers.records import latest_day

SAMPLE = "sample"
ARXIV = "arxiv"  # its feed: the source of our editions
FROM_FILE = "file"  # the category of a source that was read from a file instead of the network
BACK_FILL = "back-fill"  # the category of what was brought in by hand: the daily run is due all the same
COMPLETING = ("arxiv-api", "github")  # what only adds to papers that we have, and is content where there are none
NEWEST_COUNTS = 0.2  # of a new batch in what is usual
BATCH_COLUMNS = [
    "last_attempt_at",
    "last_success_at",
    "last_batch_on",
    "dated_on",
    "items",
    "usual_items",
    "error",
]


@dataclass(frozen=True, slots=True)
class Batch:
    """What a feed that bears the date dated_on had in one category, or in all that its source has ('').

    came_on is the date of what was new in it; None where nothing was: there was none, or what we had before.
    """

    dated_on: date
    items: int  # papers that it called new
    came_on: date | None
    category: str = ""


def note_success(source: str, now: datetime, items: int | None = None, category: str = "") -> None:
    """Note that a source answered; without items their last number stays: the source said that nothing changed."""
    values: dict[str, object] = {} if items is None else {"items": items}
    note(source, category, last_attempt_at=now, last_success_at=now, error="", **values)


def note_failure(source: str, now: datetime, error: str, category: str = "") -> None:
    note(source, category, last_attempt_at=now, error=error)


def note(source: str, category: str, **values: object) -> None:
    FeedState.objects.update_or_create(source=source, category=category, defaults=values)


def note_batches(source: str, batches: Iterable[Batch], now: datetime) -> int:
    """Take what a feed had into the states of its categories, and return their number. Safe to repeat."""
    known = {row.category: believable(row, now) for row in FeedState.objects.filter(source=source)}
    rows = [
        _advance(known.get(batch.category) or FeedState(source=source, category=batch.category), batch, now)
        for batch in sorted(batches, key=lambda batch: batch.category)
    ]
    FeedState.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source", "category"], update_fields=BATCH_COLUMNS
    )
    return len(rows)


def believable(row: FeedState, now: datetime) -> FeedState:
    """Return a copy, unsaved, without a date that is yet to come: it would hide every true one after it."""
    row, last = copy(row), latest_day(now)
    row.last_batch_on = row.last_batch_on if row.last_batch_on and row.last_batch_on <= last else None
    row.dated_on = row.dated_on if row.dated_on and row.dated_on <= last else None
    return row


def _advance(row: FeedState, batch: Batch, now: datetime) -> FeedState:
    """Return the row, unsaved, after batch; a feed older than one that was seen before changes only the times."""
    row.last_attempt_at, row.last_success_at, row.error = now, now, ""
    if row.dated_on and batch.dated_on < row.dated_on:
        return row
    row.dated_on, row.items = batch.dated_on, batch.items
    if batch.came_on and (row.last_batch_on is None or batch.came_on > row.last_batch_on):
        row.last_batch_on, row.usual_items = batch.came_on, _smoothed(row.usual_items, batch.items)
    return row


def _smoothed(usual: float | None, items: int) -> float:
    return items if usual is None else (1 - NEWEST_COUNTS) * usual + NEWEST_COUNTS * items


def sum_up(source: str, dated_on: date | None, now: datetime) -> None:
    """Make the state of the whole source out of those of its categories; dated_on is that of the feed just read."""
    rows = [believable(row, now) for row in of_categories(source)]
    whole = believable(FeedState.objects.get_or_create(source=source, category="")[0], now)
    newest = [day for day in (whole.last_batch_on, *(row.last_batch_on for row in rows)) if day]
    dates = [day for day in (whole.dated_on, dated_on) if day]
    whole.last_batch_on, whole.dated_on = max(newest, default=None), max(dates, default=None)
    whole.items = sum(row.items for row in rows if row.dated_on == whole.dated_on)
    whole.usual_items = sum(row.usual_items or 0 for row in rows) or None
    whole.save(update_fields=["last_batch_on", "dated_on", "items", "usual_items"])


def of_categories(source: str) -> QuerySet[FeedState]:
    return FeedState.objects.filter(source=source).exclude(category__in=["", FROM_FILE])


def is_awaiting(batch: date) -> bool:
    """Tell whether arXiv's announcement of this date is still to come, on a site that has had earlier ones."""
    return FeedState.objects.filter(source=ARXIV, category="", last_batch_on__lt=batch).exists()


def real_papers_arrived() -> bool:
    """Tell whether any source but the bundled sample has ever answered, from the network or from a file."""
    return FeedState.objects.exclude(source__in=[SAMPLE, *COMPLETING]).filter(last_success_at__isnull=False).exists()


def showing_sample() -> bool:
    """Tell whether the site shows the bundled sample, because nothing real has arrived yet."""
    loaded = FeedState.objects.filter(source=SAMPLE, last_success_at__isnull=False).exists()
    return loaded and not real_papers_arrived()
