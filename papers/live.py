"""The sources on the network: fetch, parse, save, and remember how it went."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from django.conf import settings

from papers import feeds
from papers.ingest import Report, save
from papers.records import PaperRecord
from papers.sources import SourceError, arxiv_rss, huggingface

UNEXPECTED = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

log = logging.getLogger(__name__)


def run(source: str, collect: Callable[[], list[PaperRecord]], now: datetime) -> Report:
    """Save what collect returns and note the outcome in the source's FeedState; SourceError, after noting that."""
    try:
        records = readable(source, collect)
    except SourceError as error:
        feeds.note_failure(source, now, str(error))
        raise
    report = save(records, now)
    feeds.note_success(source, now, len(records))
    return report


def readable(source: str, collect: Callable[[], list[PaperRecord]]) -> list[PaperRecord]:
    """Whatever a parser trips over is the source's failure, and must not stop the other sources."""
    try:
        return collect()
    except UNEXPECTED as error:
        log.exception("%s served what its parser does not expect", source)
        raise SourceError(source, f"served something unexpected ({error!r:.200})", "See the log.") from error


def ingest_huggingface(now: datetime, days: Sequence[date] = ()) -> Report:
    """Without days: today's list and yesterday's, whose counts still grow; SourceError."""
    today = now.astimezone(UTC).date()
    chosen = days or (today - timedelta(days=1), today)
    return run(huggingface.NAME, lambda: [one for day in chosen for one in huggingface.collect(day, now)], now)


def ingest_arxiv(now: datetime) -> Report:
    """The newest announcement; SourceError."""
    return run(arxiv_rss.NAME, lambda: arxiv_rss.collect(settings.ARXIV_CATEGORIES), now)


SOURCES: dict[str, Callable[[datetime], Report]] = {
    arxiv_rss.NAME: ingest_arxiv,
    huggingface.NAME: ingest_huggingface,
}


def ingest_all(now: datetime) -> Report:
    """Every source in turn; one that fails is noted and logged, and the next one is asked all the same."""
    total = Report()
    for name, ingest in SOURCES.items():
        try:
            total += ingest(now)
        except SourceError as error:
            log.warning("%s", error)
        else:
            log.info("%s was ingested", name)
    return total
