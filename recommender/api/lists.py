"""The rows behind each list of the API, a page at a time: always as many queries, whatever the page holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate

from papers.arxiv.arxiv_ids import canonical_id
from papers.editions import lists
from papers.editions.lists import Span
from papers.models import Alias, Edition, EditionEntry, Paper, Topic
from papers.shared_clock import now
from recommender.api.paging import DayCursor, Paging, TrendCursor, after
from recommender.api.problems import wrong
from recommender.index.lexical import DAYS
from recommender.models import PaperTopic

RECENT = timedelta(days=30)
NEVER = date(1, 1, 1)  # stands for an unknown day, NOBODY for an unknown trend: a cursor compares them with others
NOBODY = -1.0
SHOWN = Q(hidden=False, paper__withdrawn_on=None)
DESCENDING = ("-is_featured", "-order_trend", "-order_day", "-identifier")


@dataclass(frozen=True, slots=True)
class Page:
    """Some papers of a list, and the cursor of those that follow."""

    papers: Sequence[Paper]
    next: str | None = None


def named(names: Sequence[str]) -> tuple[list[Paper], list[str]]:
    """Return the papers of some identifiers or links, each once, and the names of which there is none."""
    wanted = {name: canonical_id(name) or name for name in names}
    aliases = Alias.objects.filter(identifier__in=list(wanted.values())).values_list("identifier", "paper__identifier")
    known_as = dict(aliases)
    of_name = {name: known_as.get(identifier, identifier) for name, identifier in wanted.items()}
    found = {paper.identifier: paper for paper in Paper.objects.filter(identifier__in=list(of_name.values()))}
    met = [found[identifier] for identifier in dict.fromkeys(of_name.values()) if identifier in found]
    return met, [name for name, identifier in of_name.items() if identifier not in found]


def trending(span: Span, field: str, topic: str, paging: Paging) -> Page:
    """Return papers as the front page lists them; the cursor keeps the edition that the list ends with."""
    place = TrendCursor.read(paging.cursor)
    edition = lists.front(now()).of(span) if place is None else Edition.objects.filter(date=place.edition).first()
    listed = lists.trending(span, edition)
    if field:
        listed = listed.filter(field=field)
    if topic:
        listed = listed.filter(Exists(PaperTopic.objects.filter(paper=OuterRef("pk"), topic=topic_called(topic))))
    return _by_trend(listed, edition, place, paging.limit)


def of_edition(edition: Edition, paging: Paging) -> Page:
    """Return what an edition shows: what is featured in it first, then by trend."""
    entries = EditionEntry.objects.filter(paper=OuterRef("pk"), edition=edition)
    shown = Paper.objects.filter(Exists(entries.filter(hidden=False)), withdrawn_on=None)
    featured = shown.annotate(is_featured=Exists(entries.filter(featured=True)))
    return _by_trend(featured, edition, TrendCursor.read(paging.cursor), paging.limit)


def _by_trend(listed: QuerySet[Paper], edition: Edition | None, place: TrendCursor | None, limit: int) -> Page:
    """Return a page of papers that are annotated with is_featured."""
    if edition is None:
        return Page([])
    trend, day = Coalesce("trend", Value(NOBODY)), Coalesce("listed_on", Value(NEVER))
    ordered = listed.annotate(order_trend=trend, order_day=day).order_by(*DESCENDING)
    if place is not None:
        ordered = ordered.filter(after(_columns(place)))
    rows = list(ordered[: limit + 1])
    return Page(rows[:limit], _cursor(rows[limit - 1], edition) if len(rows) > limit else None)


def _columns(place: TrendCursor) -> list[tuple[str, object]]:
    values = (place.featured, place.trend, place.listed_on, place.identifier)
    return list(zip((name.removeprefix("-") for name in DESCENDING), values, strict=True))


def _cursor(last: Paper, edition: Edition) -> str:
    return TrendCursor(
        edition=edition.date,
        featured=last.is_featured,  # type: ignore[attr-defined]  # annotated
        trend=NOBODY if last.trend is None else last.trend,
        listed_on=last.listed_on or NEVER,
        identifier=last.identifier,
    ).written()


def editions(paging: Paging) -> tuple[list[tuple[Edition, int]], str | None]:
    """Return editions that show something, newest first, each with how many papers it shows."""
    place = DayCursor.read(paging.cursor)
    begun = Edition.objects.begun(now())
    if place is not None:
        begun = begun.filter(after([("date", place.edition)]))
    shown = EditionEntry.objects.filter(SHOWN, edition=OuterRef("pk"))
    rows = list(begun.filter(Exists(shown)).order_by("-date")[: paging.limit + 1])
    page = rows[: paging.limit]
    more = len(rows) > paging.limit
    return list(zip(page, _sizes(page), strict=True)), DayCursor(edition=page[-1].date).written() if more else None


def edition_of(day: date) -> tuple[Edition, int] | None:
    """Return the edition of a day with how many papers it shows; None where there is none or it has not begun."""
    edition = Edition.objects.begun(now()).filter(date=day).first()
    return None if edition is None else (edition, _sizes([edition])[0])


def _sizes(page: Iterable[Edition]) -> list[int]:
    keys = [edition.pk for edition in page]
    shown = EditionEntry.objects.filter(SHOWN, edition__in=keys).order_by().values_list("edition")
    sizes = dict(shown.annotate(papers=Count("pk")))
    return [sizes.get(key, 0) for key in keys]


def topics() -> list[tuple[Topic, int]]:
    """Return the topics in their order, each with how many recent papers are shown under it."""
    day = Coalesce(*[f"paper__{name}" for name in DAYS])
    recent = PaperTopic.objects.alias(day=day).filter(day__gte=localdate() - RECENT).order_by().values_list("topic")
    sizes = dict(recent.annotate(papers=Count("pk")))
    return [(topic, sizes.get(topic.pk, 0)) for topic in Topic.objects.offered()]


def topic_called(slug: str) -> Topic:
    """Return the topic of a name, or what it was merged into; raise Refused where there is none."""
    topic = Topic.objects.called(slug)
    if topic is None:
        raise wrong("topic", "There is no such topic: /api/v1/topics lists them by their slugs.")
    return topic
