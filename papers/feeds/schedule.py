"""The sources on the network: which there are, when each is due, and how the last attempt went."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from papers import periods
from papers.feeds import arxiv_feed, arxiv_lookups, feed_states, harvest, huggingface_feed, stars
from papers.fetching.errors import blamed_on
from papers.ingest.saving import Report
from papers.models import FeedState
from papers.sources import SourceError, arxiv_api, arxiv_oai, arxiv_rss, github, huggingface

HOURLY, DAILY, TEN_MINUTES = timedelta(hours=1), timedelta(days=1), timedelta(minutes=10)
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
# Minutes of the hour at which the sources that are due are asked, by the beat; and those asked more often besides.
MINUTE, EVERY_TEN_MINUTES = 20, frozenset({arxiv_api.NAME})
# What a first visit needs; the others follow within the hour.
FIRST = (arxiv_rss.NAME, huggingface.NAME)


def ingest(name: str, now: datetime) -> Report:
    """Bring in what one source has, and note in its FeedState how that went; raise SourceError, after noting it."""
    return run(name, SOURCES[name].ingest, now)


def run(name: str, ingest: Ingest, now: datetime) -> Report:
    began = time.monotonic()
    try:
        return _noted(name, ingest, now)
    finally:
        FeedState.objects.filter(source=name, category="").update(seconds=time.monotonic() - began)


def _noted(name: str, ingest: Ingest, now: datetime) -> Report:
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
    """Return the sources that have not answered in their present period, and those that an operator wants asked."""
    states = {row.source: row for row in FeedState.objects.filter(category="", source__in=SOURCES)}
    return (name for name in SOURCES if is_due(name, states.get(name), now))


def is_due(name: str, state: FeedState | None, now: datetime) -> bool:
    """Tell whether a source is asked at the next turn; asks nothing of the database."""
    return state is None or is_wanted(state) or SOURCES[name].is_due(state.last_success_at, now)


def is_wanted(state: FeedState) -> bool:
    """Tell whether an operator wants a source asked, and no attempt has begun since."""
    wanted, last = state.asked_again_at, state.last_attempt_at
    return wanted is not None and (last is None or last < wanted)


def ask_again(name: str, now: datetime) -> bool:
    """Have a source asked at the next turn though its time has not come; return False where it is asked then anyway.

    Its host's turns and rests hold as always.
    """
    state = FeedState.objects.filter(source=name, category="").first()
    if name not in SOURCES or (state and is_wanted(state)):
        return False
    feed_states.note(name, "", asked_again_at=now)
    return True


def next_try(name: str, state: FeedState | None, now: datetime) -> datetime:
    """Return when the beat has a source asked next."""
    if name in EVERY_TEN_MINUTES:
        return periods.beginning(now, TEN_MINUTES) + TEN_MINUTES
    source = SOURCES[name]
    begins = now if is_due(name, state, now) else periods.beginning(now, source.period, source.offset) + source.period
    at = begins.replace(minute=MINUTE, second=0, microsecond=0)
    return at if at >= begins else at + HOURLY


def try_to_ingest(name: str, now: datetime) -> Report:
    """Bring in what one source has; a failure is logged, since it is noted and must not stop another source."""
    try:
        report = ingest(name, now)
    except SourceError as error:
        log.warning("%s", error)
        return Report()
    log.info("%s was ingested: %d papers, %d of them new", name, report.papers, report.created)
    return report
