"""Which papers stand on the lists of the site, today's, the week's and the month's, and in what order."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from papers.arxiv.announcements import eastern_date
from papers.models import Edition, EditionEntry, Paper, PaperQuerySet
from papers.periods import utc_date


class Span(models.TextChoices):
    TODAY = "today", "Today"
    WEEK = "week", "This week"
    MONTH = "month", "This month"


DAYS = {Span.TODAY: 1, Span.WEEK: 7, Span.MONTH: 30}


# An edition stands in for its day when it has so many papers, or this share of the largest of the week before it.
ENOUGH, ENOUGH_SHARE = 10, 0.25
BEFORE = timedelta(days=7)
NEWEST = (F("listed_on").desc(nulls_last=True), "-identifier")
WITHDRAWN = Paper.objects.filter(withdrawn_on__isnull=False).values("pk")


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


def span_named(name: str, otherwise: Span = Span.TODAY) -> Span:
    return Span(name) if name in Span.values else otherwise


def newest_edition(now: datetime) -> Edition | None:
    """Return the newest edition with something to show: neither an empty holiday nor a future date blanks the page."""
    shown = EditionEntry.objects.filter(edition=OuterRef("pk"), hidden=False, paper__withdrawn_on=None)
    return Edition.objects.begun(now).filter(Exists(shown)).order_by("-date").first()


def first_day(span: Span, now: datetime) -> date:
    """Return the day with which a span begins that ends with the newest edition."""
    edition = newest_edition(now)
    return (edition.date if edition else utc_date(now)) - timedelta(days=DAYS[span] - 1)


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
    shown = EditionEntry.objects.filter(hidden=False).exclude(paper__in=WITHDRAWN)
    recent = shown.filter(edition__date__range=(newest.date - 2 * BEFORE, newest.date)).order_by()
    chosen = Count("pk", filter=Q(featured=True))
    counted = recent.values_list("edition__date").annotate(papers=Count("pk"), chosen=chosen)
    return {day: max(papers, ENOUGH if featured else 0) for day, papers, featured in counted}


def _is_worth_a_page(day: date, papers: dict[date, int]) -> bool:
    before = max((count for other, count in papers.items() if day - BEFORE <= other < day), default=0)
    return papers[day] >= min(ENOUGH, ENOUGH_SHARE * before)


@dataclass(frozen=True)
class Listing:
    """The papers of a span that ends with an edition, of one field or, without one, of all.

    What is featured in the span stands first, then all by trend, then what has no trend, the newest first.
    It can be counted and sliced, as a paginator does: by keys, so that no query puts long texts in order.
    """

    span: Span
    edition: Edition | None
    field: str = ""

    def __len__(self) -> int:
        return self._number

    def __getitem__(self, part: slice) -> list[Paper]:
        first, last = part.start or 0, part.stop
        keys = self.ranked[first:last]
        if self.edition and len(keys) < last - first:
            skipped = max(0, first - len(self.ranked))
            unranked = self._papers().filter(trend=None).exclude(pk__in=self._featured)
            keys += unranked.order_by(*NEWEST).values_list("pk", flat=True)[
                skipped : skipped + last - first - len(keys)
            ]
        papers = Paper.by_key(keys)
        return [papers[key] for key in keys if key in papers]

    @cached_property
    def _number(self) -> int:
        """Count from the entries: no row of a paper, with its long texts, is read."""
        if self.edition is None:
            return 0
        entries = self._entries()
        shown = entries.exclude(paper__in=entries.filter(hidden=True).values("paper")).exclude(paper__in=WITHDRAWN)
        of_field = shown.filter(paper__in=Paper.objects.filter(field=self.field)) if self.field else shown
        number: int = of_field.aggregate(papers=Count("paper", distinct=True))["papers"]
        return number

    @cached_property
    def ranked(self) -> list[int]:
        """Return the keys of the papers that are featured or have a trend, in order."""
        if self.edition is None:
            return []
        known = self._papers().filter(trend__isnull=False).order_by("-trend", *NEWEST)
        keys = list(known.values_list("pk", flat=True))
        first = set(self._featured)
        return self._featured + [key for key in keys if key not in first] if first else keys

    @cached_property
    def _featured(self) -> list[int]:
        papers = self._papers().filter(pk__in=self._entries().filter(featured=True).values("paper"))
        in_order = papers.order_by(
            F("trend").desc(nulls_last=True), F("listed_on").desc(nulls_last=True), "-identifier"
        )
        return list(in_order.values_list("pk", flat=True))

    def _papers(self) -> PaperQuerySet:
        """Return the papers; whether one is among them is asked of each in turn: an index gives the order."""
        shown = _shown(self._entries().filter(paper=OuterRef("pk")))
        return shown.filter(field=self.field) if self.field else shown

    def _entries(self) -> QuerySet[EditionEntry]:
        assert self.edition
        return _entries(self.span, self.edition)


def _entries(span: Span, edition: Edition) -> QuerySet[EditionEntry]:
    first = edition.date - timedelta(days=DAYS[span] - 1)
    return EditionEntry.objects.filter(edition__date__range=(first, edition.date))


def _shown(entries: QuerySet[EditionEntry]) -> PaperQuerySet:
    return Paper.objects.filter(Exists(entries), ~Exists(entries.filter(hidden=True)), withdrawn_on=None)


def trending(span: Span, edition: Edition | None) -> PaperQuerySet:
    """Return the papers of the span that ends with an edition, annotated with is_featured, in no order."""
    if edition is None:
        return Paper.objects.none()
    entries = _entries(span, edition).filter(paper=OuterRef("pk"))
    return _shown(entries).annotate(is_featured=Exists(entries.filter(featured=True)))
