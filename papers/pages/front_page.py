"""Which papers stand on the front page, and in what order."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from papers.arxiv.announcements import eastern_date
from papers.models import Edition, EditionEntry, Paper
from papers.periods import utc_date


class Span(models.TextChoices):
    TODAY = "today", "Today"
    WEEK = "week", "This week"
    MONTH = "month", "This month"


DAYS = {Span.TODAY: 1, Span.WEEK: 7, Span.MONTH: 30}


# An edition stands in for its day when it has so many papers, or this share of the largest of the week before it.
ENOUGH, ENOUGH_SHARE = 10, 0.25
BEFORE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Front:
    """The edition of the front page, and the newest one, of which so far only few papers have come."""

    edition: Edition | None = None
    newest: Edition | None = None
    so_far: int = 0  # papers in the newest edition, where that is not the one that is shown
    is_today: bool = False  # the newest edition's day lasts still, or has just begun by UTC

    def of(self, span: Span) -> Edition | None:
        """Return the edition with which a span ends: a week begins and ends where the newest papers are."""
        return self.edition if span == Span.TODAY else self.newest


def span_named(name: str) -> Span:
    return Span(name) if name in Span.values else Span.TODAY


def newest_edition(now: datetime) -> Edition | None:
    """Return the newest edition with something to show: neither an empty holiday nor a future date blanks the page."""
    shown = EditionEntry.objects.filter(edition=OuterRef("pk"), hidden=False, paper__withdrawn_on=None)
    return Edition.objects.begun(now).filter(Exists(shown)).order_by("-date").first()


def front(now: datetime) -> Front:
    """Return the newest edition that is worth a page, and what there is of a younger one: one paper hides no sixty."""
    newest = newest_edition(now)
    if newest is None:
        return Front()
    papers = _papers_by_day(newest)
    worth = next((day for day in sorted(papers, reverse=True) if _is_worth_a_page(day, papers)), newest.date)
    if worth == newest.date:
        return Front(newest, newest)
    is_today = newest.date in (eastern_date(now), utc_date(now))
    return Front(Edition.objects.get(date=worth), newest, papers[newest.date], is_today)


def _papers_by_day(newest: Edition) -> dict[date, int]:
    """Return how many papers the editions of two weeks show; a featured one makes its edition worth a page."""
    shown = EditionEntry.objects.filter(hidden=False, paper__withdrawn_on=None)
    recent = shown.filter(edition__date__range=(newest.date - 2 * BEFORE, newest.date)).order_by()
    chosen = Count("pk", filter=Q(featured=True))
    counted = recent.values_list("edition__date").annotate(papers=Count("pk"), chosen=chosen)
    return {day: max(papers, ENOUGH if featured else 0) for day, papers, featured in counted}


def _is_worth_a_page(day: date, papers: dict[date, int]) -> bool:
    before = max((count for other, count in papers.items() if day - BEFORE <= other < day), default=0)
    return papers[day] >= min(ENOUGH, ENOUGH_SHARE * before)


def trending(span: Span, newest: Edition | None) -> QuerySet[Paper]:
    """Return papers of the span that ends with the newest edition: what is featured in it first, then by trend."""
    if newest is None:
        return Paper.objects.none()
    first = newest.date - timedelta(days=DAYS[span] - 1)
    entries = EditionEntry.objects.filter(paper=OuterRef("pk"), edition__date__range=(first, newest.date))
    shown = Paper.objects.listed_between(first, newest.date).filter(~Exists(entries.filter(hidden=True)))
    featured = shown.annotate(is_featured=Exists(entries.filter(featured=True)))
    return featured.order_by("-is_featured", F("trend").desc(nulls_last=True), "-listed_on", "-identifier")
