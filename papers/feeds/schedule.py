"""The sources on the network: which there are, when each is due, and how the last attempt went."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from papers import periods
from papers.feeds import arxiv_feed, arxiv_lookups, feed_states, harvest, huggingface_feed, stars
from papers.fetching.errors import blamed_on
from papers.ingest.saving import Report
from papers.models import FeedState
from papers.sources import SourceError, arxiv_api, arxiv_oai, arxiv_rss, github, huggingface

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
        return last_success is None or last_success < periods.beginning(now, self.period, self.offset)


SOURCES: dict[str, Source] = {
    arxiv_rss.NAME: Source(arxiv_feed.ingest),
    huggingface.NAME: Source(huggingface_feed.ingest),
    arxiv_api.NAME: Source(arxiv_lookups.look_up),
    github.NAME: Source(stars.observe),
    arxiv_oai.NAME: Source(harvest.reconcile, DAILY, AFTER_ARXIVS_UPDATE),
}
# What a first visit needs; the others follow within the hour.
FIRST = (arxiv_rss.NAME, huggingface.NAME)


def ingest(name: str, now: datetime) -> Report:
    """Bring in what one source has, and note in its FeedState how that went; raise SourceError, after noting it."""
    return run(name, SOURCES[name].ingest, now)


def run(name: str, ingest: Ingest, now: datetime) -> Report:
    try:
        with blamed_on(name):
            report = ingest(now)
    except SourceError as error:
        feed_states.note_failure(name, now, str(error))
        raise
    # How many papers came is noted already by what knows of which day and category they are.
    feed_states.note_success(name, now, None if name in FIRST else report.papers)
    return report


def due(now: datetime) -> Iterator[str]:
    """Return the sources that have not answered in their present period."""
    states = FeedState.objects.filter(category="", source__in=SOURCES)
    last = dict(states.values_list("source", "last_success_at"))
    return (name for name, source in SOURCES.items() if source.is_due(last.get(name), now))


def try_to_ingest(name: str, now: datetime) -> Report:
    """Bring in what one source has; a failure is logged, since it is noted and must not stop another source."""
    try:
        report = ingest(name, now)
    except SourceError as error:
        log.warning("%s", error)
        return Report()
    log.info("%s was ingested: %d papers, %d of them new", name, report.papers, report.created)
    return report
