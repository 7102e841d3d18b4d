"""arXiv's newest announcement: fetched, stored, and judged for what is missing or was served before."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery

from papers.arxiv.archives import is_within
from papers.feeds import feed_states
from papers.feeds.batch_days import dated_by_calendar
from papers.feeds.feed_states import Batch
from papers.fetching import validators
from papers.ingest.saving import Report, save
from papers.models import Paper
from papers.records import Announced, PaperRecord, latest_day
from papers.sources import SourceError, arxiv_rss
from papers.sources.arxiv_rss import NAME, Answer

News = Mapping[str, Sequence[PaperRecord]]  # what a feed calls new, by primary category


def ingest(now: datetime) -> Report:
    """Bring in the newest announcement in the categories of the settings.

    Raises SourceError, after storing what came before the failure, with the states of its categories.
    """
    _forget_unfollowed(settings.ARXIV_CATEGORIES)
    return _take_all(settings.ARXIV_CATEGORIES, now)


def _take_all(categories: Sequence[str], now: datetime) -> Report:
    total, dated_on, cut = Report(), None, []
    try:
        for served in arxiv_rss.answers(categories, halves):
            _check_date(served.feed.dated_on, now)
            answer = replace(served, feed=dated_by_calendar(served.feed, now))
            total += take(answer, now)
            dated_on = max(filter(None, (dated_on, answer.feed.dated_on)), default=None)
            cut += [(answer.page.url, answer.page.validators)] if answer.halves else []
    finally:
        feed_states.sum_up(NAME, dated_on, now)
    # Only now is all of it stored: what was cut off came with the halves.
    for url, page_validators in cut:
        validators.remember(url, page_validators, now)
    return total


def take(answer: Answer, now: datetime) -> Report:
    """Store one answer, and note what it had in each category; a cut one says nothing of what it lacks."""
    # Looked at before saving: what is stored then tells what we had before.
    batches = [] if answer.halves else list(_batches_of(answer))
    report = save(answer.feed.papers, now)
    feed_states.note_batches(NAME, batches, now)
    if not answer.halves:
        validators.remember(answer.page.url, answer.page.validators, now)
    return report


def _check_date(dated_on: date | None, now: datetime) -> None:
    """Raise SourceError for a feed from the future: its date would hide every true one after it."""
    if dated_on and dated_on > latest_day(now):
        raise SourceError(NAME, f"the feed is dated {dated_on}, which is yet to come", "Check this machine's clock.")


def _batches_of(answer: Answer) -> Iterator[Batch]:
    """Yield a batch for each followed category that this feed or an earlier one had; an empty feed tells nothing."""
    dated_on = answer.feed.dated_on
    if dated_on is None or not answer.feed.papers:
        return
    news = _by_category(answer.feed.papers, answer.categories)
    before = _stored_before(news, dated_on)
    for category in news.keys() | set(_known_within(answer.categories)):
        new = news.get(category, ())
        yield Batch(dated_on, len(new), came_on(new, before), category)


def _by_category(papers: Sequence[PaperRecord], asked: Collection[str]) -> News:
    """Return what is new, by primary category, where that is one of those asked for."""
    papers_of: dict[str, list[PaperRecord]] = {}
    for paper in papers:
        primary = paper.categories[0] if paper.categories else ""
        if paper.announced_as == Announced.NEW and is_within(primary, asked):
            papers_of.setdefault(primary, []).append(paper)
    return papers_of


def _stored_before(news: News, dated_on: date) -> set[str]:
    """Return identifiers of the papers that a source has announced on an earlier day."""
    identifiers = [paper.identifier for papers in news.values() for paper in papers]
    earlier = Paper.objects.filter(identifier__in=identifiers, announced_on__lt=dated_on, announced_estimated=False)
    return set(earlier.values_list("identifier", flat=True))


def came_on(new: Sequence[PaperRecord], before: set[str]) -> date | None:
    """Return the date of a batch; None without papers, and for an old batch under a new date: half of it is known."""
    if not new or 2 * sum(paper.identifier in before for paper in new) >= len(new):
        return None
    return max((paper.announced_on for paper in new if paper.announced_on), default=None)


def halves(categories: Sequence[str]) -> Sequence[Sequence[str]]:
    """Return the halves of several categories, or of those that an archive is known to have; () where there is one."""
    parts = categories if len(categories) > 1 else _known_within(categories)
    middle = len(parts) // 2
    return (parts[:middle], parts[middle:]) if middle else ()


def _known_within(categories: Collection[str]) -> list[str]:
    known = feed_states.of_categories(NAME).order_by("category").values_list("category", flat=True)
    return [category for category in known if is_within(category, categories)]


def _forget_unfollowed(followed: Collection[str]) -> None:
    """Delete the states of categories that the settings no longer name: they would be called stale for ever."""
    gone = [row.pk for row in feed_states.of_categories(NAME) if not is_within(row.category, followed)]
    if gone:
        feed_states.of_categories(NAME).filter(pk__in=gone).delete()


def make_up(now: datetime) -> int:
    """Note what came in another way for each category whose feed lacked its newest batch; return how many those are."""
    behind = feed_states.of_categories(NAME).filter(dated_on__lte=latest_day(now))
    behind = behind.filter(Q(last_batch_on=None) | Q(last_batch_on__lt=F("dated_on")))
    announced = Paper.objects.filter(primary_category=OuterRef("category"), announced_on=OuterRef("dated_on"))
    counted = behind.annotate(
        came=Subquery(announced.order_by().values("primary_category").annotate(n=Count("pk")).values("n"))
    )
    # A paper or two do not make a batch: the others are still to come.
    enough = [row for row in counted if row.came and row.came >= (row.usual_items or 0) / 2]
    batches = [Batch(row.dated_on, row.came, row.dated_on, row.category) for row in enough if row.dated_on]
    feed_states.note_batches(NAME, batches, now)
    feed_states.sum_up(NAME, None, now)
    return len(batches)
