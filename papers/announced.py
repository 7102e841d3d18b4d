"""arXiv's newest announcement: fetched, stored, and judged for what is missing or was served before."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, F, OuterRef, Q, Subquery

from papers import announcements, feeds
from papers.archives import is_within
from papers.feeds import Batch
from papers.ingest import Report, save
from papers.models import Paper
from papers.records import Announced, PaperRecord
from papers.sources import SourceError, arxiv_rss, validators
from papers.sources.arxiv_rss import NAME, Answer

News = Mapping[str, Sequence[PaperRecord]]  # what a feed calls new, by primary category


def ingest(now: datetime) -> Report:
    """The newest announcement in the categories of the settings.

    SourceError, after what came before the failure was stored, with the states of its categories.
    """
    forget_unfollowed(settings.ARXIV_CATEGORIES)
    return take_all(settings.ARXIV_CATEGORIES, now)


def take_all(categories: Sequence[str], now: datetime) -> Report:
    total, dated_on, cut = Report(), None, []
    try:
        for answer in arxiv_rss.answers(categories, halves):
            total += take(answer, now)
            dated_on = max(filter(None, (dated_on, answer.feed.dated_on)), default=None)
            cut += [(answer.page.url, answer.page.validators)] if answer.halves else []
    finally:
        feeds.sum_up(NAME, dated_on)
    # Only now is all of it stored: what was cut off came with the halves.
    for url, said in cut:
        validators.remember(url, said, now)
    return total


def take(answer: Answer, now: datetime) -> Report:
    """Store one answer, and note what it had in each category; a cut one says nothing of what it lacks."""
    check_date(answer.feed.dated_on, now)
    # Looked at before saving: what is stored then tells what we had before.
    batches = [] if answer.halves else list(batches_of(answer))
    report = save(answer.feed.papers, now)
    feeds.note_batches(NAME, batches, now)
    if not answer.halves:
        validators.remember(answer.page.url, answer.page.validators, now)
    return report


def check_date(dated_on: date | None, now: datetime) -> None:
    """SourceError for a feed from the future: its date would hide every true one after it."""
    if dated_on and dated_on > announcements.eastern_date(now) + announcements.DAY:
        raise SourceError(NAME, f"the feed is dated {dated_on}, which is yet to come", "Check this machine's clock.")


def batches_of(answer: Answer) -> Iterator[Batch]:
    """A batch for each followed category that the feed has, or that an earlier one had; an empty feed tells nothing."""
    dated_on = answer.feed.dated_on
    if dated_on is None or not answer.feed.papers:
        return
    news = by_category(answer.feed.papers, answer.categories)
    before = stored_before(news, dated_on)
    for category in news.keys() | set(known_within(answer.categories)):
        new = news.get(category, ())
        yield Batch(dated_on, len(new), came_on(new, before), category)


def by_category(papers: Sequence[PaperRecord], asked: Collection[str]) -> News:
    """What is new, by primary category, where that is one of those asked for."""
    found: dict[str, list[PaperRecord]] = {}
    for paper in papers:
        primary = paper.categories[0] if paper.categories else ""
        if paper.announced_as == Announced.NEW and is_within(primary, asked):
            found.setdefault(primary, []).append(paper)
    return found


def stored_before(news: News, dated_on: date) -> set[str]:
    """Identifiers of the papers that a source has announced to us on an earlier day."""
    identifiers = [paper.identifier for papers in news.values() for paper in papers]
    earlier = Paper.objects.filter(identifier__in=identifiers, announced_on__lt=dated_on, announced_estimated=False)
    return set(earlier.values_list("identifier", flat=True))


def came_on(new: Sequence[PaperRecord], before: set[str]) -> date | None:
    """The date of a batch; None without papers, and for an old batch under a new date: we have half of it or more."""
    if not new or 2 * sum(paper.identifier in before for paper in new) >= len(new):
        return None
    return max((paper.announced_on for paper in new if paper.announced_on), default=None)


def halves(categories: Sequence[str]) -> Sequence[Sequence[str]]:
    """Of several categories, or of those that one archive is known to have; nothing where there is one."""
    parts = categories if len(categories) > 1 else known_within(categories)
    middle = len(parts) // 2
    return (parts[:middle], parts[middle:]) if middle else ()


def known_within(categories: Collection[str]) -> list[str]:
    known = feeds.of_categories(NAME).order_by("category").values_list("category", flat=True)
    return [category for category in known if is_within(category, categories)]


def forget_unfollowed(followed: Collection[str]) -> None:
    """A category that the settings no longer name would be called stale for ever."""
    gone = [row.pk for row in feeds.of_categories(NAME) if not is_within(row.category, followed)]
    if gone:
        feeds.of_categories(NAME).filter(pk__in=gone).delete()


def make_up(now: datetime) -> int:
    """Note of each category whose newest batch its feed lacked what came in another way; how many there were."""
    behind = feeds.of_categories(NAME).filter(dated_on__isnull=False)
    behind = behind.filter(Q(last_batch_on=None) | Q(last_batch_on__lt=F("dated_on")))
    announced = Paper.objects.filter(primary_category=OuterRef("category"), announced_on=OuterRef("dated_on"))
    counted = behind.annotate(
        came=Subquery(announced.order_by().values("primary_category").annotate(n=Count("pk")).values("n"))
    )
    # A paper or two do not make a batch: the others are still to come.
    enough = [row for row in counted if row.came and row.came >= (row.usual_items or 0) / 2]
    found = [Batch(row.dated_on, row.came, row.dated_on, row.category) for row in enough if row.dated_on]
    feeds.note_batches(NAME, found, now)
    feeds.sum_up(NAME, None)
    return len(found)
