"""What we know of the sources, and how old our newest paper is."""

from datetime import UTC, datetime, time, timedelta

from django.db.models import F, Max, QuerySet

from papers.models import Edition, FeedState

SAMPLE = "sample"
FROM_FILE = "file"  # the category of a source that was read from a file instead of the network


def note_success(source: str, now: datetime, items: int, category: str = "") -> None:
    note(source, category, last_attempt_at=now, last_success_at=now, items=items, error="")


def note_failure(source: str, now: datetime, error: str, category: str = "") -> None:
    note(source, category, last_attempt_at=now, error=error)


def note(source: str, category: str, **values: object) -> None:
    FeedState.objects.update_or_create(source=source, category=category, defaults=values)


def latest() -> QuerySet[FeedState]:
    """The state of every source, the one that answered last first."""
    return FeedState.objects.order_by(F("last_success_at").desc(nulls_last=True), "source", "category")


def real_papers_arrived() -> bool:
    """Whether any source but the bundled sample has ever answered, from the network or from a file."""
    return FeedState.objects.exclude(source=SAMPLE).filter(last_success_at__isnull=False).exists()


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
