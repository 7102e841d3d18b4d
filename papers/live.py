"""The sources on the network: which there are, when each is due, and how asking it went."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from papers import announced, feeds, harvest, listed, lookups, stars
from papers.ingest import Report
from papers.models import FeedState
from papers.sources import SourceError, arxiv_api, arxiv_oai, arxiv_rss, github, huggingface
from papers.sources.errors import blamed_on

HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)
# arXiv's archive is brought up to date at about 22:30 Eastern, which is 03:30 UTC in winter.
AFTER_ARXIVS_UPDATE = timedelta(hours=4)

Ingest = Callable[[datetime], Report]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """How to bring in all that is new, and when that is due: once a period, counted from offset after midnight."""

    ingest: Ingest
    period: timedelta = HOURLY
    offset: timedelta = timedelta()

    def is_due(self, last_success: datetime | None, now: datetime) -> bool:
        return last_success is None or last_success < self.period_of(now)

    def period_of(self, now: datetime) -> datetime:
        """The beginning of the period that now lies in."""
        start = datetime(2000, 1, 1, tzinfo=UTC) + self.offset
        return start + (now - start) // self.period * self.period


SOURCES: dict[str, Source] = {
    arxiv_rss.NAME: Source(announced.ingest),
    huggingface.NAME: Source(listed.ingest),
    arxiv_api.NAME: Source(lookups.look_up),
    github.NAME: Source(stars.observe),
    arxiv_oai.NAME: Source(harvest.reconcile, DAILY, AFTER_ARXIVS_UPDATE),
}
# What a first visit needs; the others follow within the hour.
FIRST = (arxiv_rss.NAME, huggingface.NAME)


def ingest(name: str, now: datetime) -> Report:
    """Bring in what one source has, and note how it went in its FeedState; SourceError, after noting that."""
    return run(name, SOURCES[name].ingest, now)


def run(name: str, ingest: Ingest, now: datetime) -> Report:
    try:
        with blamed_on(name):
            report = ingest(now)
    except SourceError as error:
        feeds.note_failure(name, now, str(error))
        raise
    # How many papers came is noted already by what knows of which day and category they are.
    feeds.note_success(name, now, None if name in FIRST else report.papers)
    return report


def due(now: datetime) -> Iterator[str]:
    """The sources that have not answered in their present period."""
    states = FeedState.objects.filter(category="", source__in=SOURCES)
    last = dict(states.values_list("source", "last_success_at"))
    return (name for name, source in SOURCES.items() if source.is_due(last.get(name), now))


def try_to_ingest(name: str, now: datetime) -> Report:
    """As ingest, but a failure is logged: it is noted, and must not stop another source."""
    try:
        report = ingest(name, now)
    except SourceError as error:
        log.warning("%s", error)
        return Report()
    log.info("%s was ingested: %d papers, %d of them new", name, report.papers, report.created)
    return report


def ingest_all(now: datetime) -> Report:
    """Every source that is due, one after the other."""
    return sum((try_to_ingest(name, now) for name in due(now)), Report())
