"""Hugging Face's lists of trending papers: today's and yesterday's every time, those of a week now and then."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from papers.feeds import feed_states
from papers.feeds.feed_states import Batch
from papers.ingest.saving import Report, save
from papers.sources import SourceError, huggingface

# Counts grow for days: older lists are read again, but less often than the two newest.
WATCHED_DAYS, NEWEST_DAYS, OLDER_EVERY = 7, 2, 6  # days, days, hours


def ingest(now: datetime) -> Report:
    """Bring in the newest lists; raise SourceError if one could not be read, after saving all others."""
    return ingest_days(watched(now), now)


def ingest_days(days: Iterable[date], now: datetime) -> Report:
    """Bring in the lists of these days; raise SourceError as ingest does."""
    reports, failures = {}, []
    for day in days:
        try:
            reports[day] = save(huggingface.collect(day, now), now)
        except SourceError as error:
            failures.append(error)
    if failures:
        raise failures[0]
    newest = [Batch(day, reports[day].papers, day) for day in sorted(reports) if reports[day].papers][-1:]
    feed_states.note_batches(huggingface.NAME, newest, now)
    return sum(reports.values(), Report())


def watched(now: datetime) -> list[date]:
    """Return the days, by UTC, whose lists are read now, the oldest first."""
    utc = now.astimezone(UTC)
    count = NEWEST_DAYS if utc.hour % OLDER_EVERY else WATCHED_DAYS
    return [utc.date() - timedelta(days=back) for back in reversed(range(count))]
