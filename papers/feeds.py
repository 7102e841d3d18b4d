"""What we know of the sources, and how old our newest paper is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import F, Max, QuerySet

from papers.models import Edition, FeedState

SAMPLE = "sample"
ANNOUNCING = "arxiv"
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
    """Without items the last number of them stays: the source said that nothing has changed."""
    values: dict[str, object] = {} if items is None else {"items": items}
    note(source, category, last_attempt_at=now, last_success_at=now, error="", **values)


def note_failure(source: str, now: datetime, error: str, category: str = "") -> None:
    note(source, category, last_attempt_at=now, error=error)


def note(source: str, category: str, **values: object) -> None:
    FeedState.objects.update_or_create(source=source, category=category, defaults=values)


def note_batches(source: str, batches: Iterable[Batch], now: datetime) -> int:
    """Take what a feed had into the states of its categories; how many there were. Safe to repeat."""
    known = {row.category: row for row in FeedState.objects.filter(source=source)}
    rows = [
        advance(known.get(batch.category) or FeedState(source=source, category=batch.category), batch, now)
        for batch in sorted(batches, key=lambda batch: batch.category)
    ]
    FeedState.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source", "category"], update_fields=BATCH_COLUMNS
    )
    return len(rows)


def advance(row: FeedState, batch: Batch, now: datetime) -> FeedState:
    """The row, unsaved, after batch; a feed older than one that was seen before changes no more than the times."""
    row.last_attempt_at, row.last_success_at, row.error = now, now, ""
    if row.dated_on and batch.dated_on < row.dated_on:
        return row
    row.dated_on, row.items = batch.dated_on, batch.items
    if batch.came_on and (row.last_batch_on is None or batch.came_on > row.last_batch_on):
        row.last_batch_on, row.usual_items = batch.came_on, smoothed(row.usual_items, batch.items)
    return row


def smoothed(usual: float | None, items: int) -> float:
    return items if usual is None else (1 - NEWEST_COUNTS) * usual + NEWEST_COUNTS * items


def sum_up(source: str, dated_on: date | None) -> None:
    """Make the state of the whole source out of those of its categories; dated_on is that of the feed just read."""
    rows = list(of_categories(source))
    whole, _ = FeedState.objects.get_or_create(source=source, category="")
    newest = [day for day in (whole.last_batch_on, *(row.last_batch_on for row in rows)) if day]
    dates = [day for day in (whole.dated_on, dated_on) if day]
    whole.last_batch_on, whole.dated_on = max(newest, default=None), max(dates, default=None)
    whole.items = sum(row.items for row in rows if row.dated_on == whole.dated_on)
    whole.usual_items = sum(row.usual_items or 0 for row in rows) or None
    whole.save(update_fields=["last_batch_on", "dated_on", "items", "usual_items"])


def of_categories(source: str) -> QuerySet[FeedState]:
    return FeedState.objects.filter(source=source).exclude(category__in=["", FROM_FILE])


def is_awaiting(batch: date) -> bool:
    """Whether arXiv's announcement of this date is still to come, on a site to which earlier ones came."""
    return FeedState.objects.filter(source=ANNOUNCING, category="", last_batch_on__lt=batch).exists()


def latest() -> QuerySet[FeedState]:
    """The state of every source, the one that answered last first."""
    return FeedState.objects.order_by(F("last_success_at").desc(nulls_last=True), "source", "category")


def real_papers_arrived() -> bool:
    """Whether any source of papers but the bundled sample has ever answered, from the network or from a file."""
    return FeedState.objects.exclude(source__in=[SAMPLE, *COMPLETING]).filter(last_success_at__isnull=False).exists()


def showing_sample() -> bool:
    """Whether what the site shows is the bundled sample, because nothing real has arrived yet."""
    loaded = FeedState.objects.filter(source=SAMPLE, last_success_at__isnull=False).exists()
    return loaded and not real_papers_arrived()


def newest_paper_age(now: datetime) -> timedelta | None:
    """Time since the day of the newest edition began (UTC), never negative; None without an edition."""
    newest = Edition.objects.filter(entries__isnull=False).aggregate(newest=Max("date"))["newest"]
    if newest is None:
        return None
    return max(now - datetime.combine(newest, time(), UTC), timedelta())
