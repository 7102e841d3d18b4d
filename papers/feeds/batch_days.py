"""The day of a batch, where the dates of arXiv's feed lag: what arXiv's calendar says of papers that are new here.

A batch at times comes under the date of the one before it. Filed there, it would be missing today: readers would be
told that the announcement is late, and digests would wait for it. So a date that is not the newest possible one is only
a hint. What tells more is which papers are new: a feed that really is an older batch holds the papers of that batch.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.models import F

from papers.arxiv import announcements
from papers.models import EditionEntry, EntryReason
from papers.records import Announced, PaperRecord
from papers.sources.arxiv_rss import Feed

LONGEST_LAG = timedelta(days=14)  # a feed that bears an older date is taken at its word

Batches = Mapping[date, set[str]]  # identifiers by day


def dated_by_calendar(feed: Feed, now: datetime) -> Feed:
    """Return the feed with its papers, and its own date, under the day on which they were announced."""
    days = {day: _announced_on(day, news, feed, now) for day, news in _news_by_date(feed.papers).items()}
    if all(day == told for told, day in days.items()):
        return feed
    papers = [replace(paper, announced_on=_moved(paper.announced_on, days)) for paper in feed.papers]
    return replace(feed, papers=papers, dated_on=max(filter(None, (feed.dated_on, *days.values()))))


def _moved(told: date | None, days: Mapping[date, date]) -> date | None:
    """Return the day of the new papers that bear the same date: crosses and replacements come along with them."""
    return days.get(told, told) if told else None


def _news_by_date(papers: Sequence[PaperRecord]) -> Mapping[date, list[PaperRecord]]:
    news: dict[date, list[PaperRecord]] = defaultdict(list)
    for paper in papers:
        if paper.announced_on and paper.announced_as == Announced.NEW:
            news[paper.announced_on].append(paper)
    return news


def _announced_on(told: date, news: Sequence[PaperRecord], feed: Feed, now: datetime) -> date:
    """Return the day of new papers that bear the date told: told itself unless it lags."""
    newest = _newest_possible(now)
    if not timedelta() < newest - told <= LONGEST_LAG:
        return told
    known, served = _known_batches(news, told, newest), {paper.identifier for paper in news}
    if again := [day for day in sorted(known) if _is_same(known[day], served)]:
        return max(again, key=lambda day: len(served & known[day]))
    due = announcements.batch_due(now)
    if told not in known:
        # Nothing tells that this batch came before: it may be a late one. Only the feed's own date can say otherwise.
        return max(told, min(feed.dated_on or told, due)) if _all_lag_behind(feed) else told
    return newest if due in known else due


def _newest_possible(now: datetime) -> date:
    """Return the last weekday: on a holiday too, for a batch at times comes all the same."""
    day = announcements.eastern_date(now)
    return day - max(0, day.weekday() - announcements.SATURDAY + 1) * announcements.DAY


def _known_batches(news: Sequence[PaperRecord], first: date, last: date) -> Batches:
    """Return what was announced from first to last in the categories of news; days worked out by us tell nothing."""
    entries = EditionEntry.objects.filter(
        edition__date__range=(first, last),
        reason=EntryReason.ANNOUNCED,
        paper__announced_on=F("edition__date"),
        paper__announced_estimated=False,
        paper__primary_category__in={paper.categories[0] for paper in news if paper.categories},
    )
    batches: dict[date, set[str]] = defaultdict(set)
    for day, identifier in entries.values_list("edition__date", "paper__identifier"):
        batches[day].add(identifier)
    return batches


def _is_same(known: set[str], served: set[str]) -> bool:
    """Tell whether a feed serves a known batch: half of what we have of it, or half of what came where that is less."""
    return 2 * len(known & served) >= min(len(known), len(served))


def _all_lag_behind(feed: Feed) -> bool:
    """Tell whether the feed bears a later date than every new paper in it: all that it serves is one batch."""
    return feed.dated_on is not None and all(day < feed.dated_on for day in _news_by_date(feed.papers))
