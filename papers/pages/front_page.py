"""Which papers stand on the front page, and in what order."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Exists, F, OuterRef, QuerySet

from papers.models import Edition, EditionEntry, Paper


class Span(models.TextChoices):
    TODAY = "today", "Today"
    WEEK = "week", "This week"
    MONTH = "month", "This month"


DAYS = {Span.TODAY: 1, Span.WEEK: 7, Span.MONTH: 30}


def span_named(name: str) -> Span:
    return Span(name) if name in Span.values else Span.TODAY


def newest_edition(now: datetime) -> Edition | None:
    """Return the newest edition with something to show: neither an empty holiday nor a future date blanks the page."""
    shown = EditionEntry.objects.filter(edition=OuterRef("pk"), hidden=False)
    return Edition.objects.begun(now).filter(Exists(shown)).order_by("-date").first()


def trending(span: Span, newest: Edition | None) -> QuerySet[Paper]:
    """Return papers of the span that ends with the newest edition: what is featured in it first, then by trend."""
    if newest is None:
        return Paper.objects.none()
    first = newest.date - timedelta(days=DAYS[span] - 1)
    entries = EditionEntry.objects.filter(paper=OuterRef("pk"), edition__date__range=(first, newest.date))
    shown = Paper.objects.listed_between(first, newest.date).filter(~Exists(entries.filter(hidden=True)))
    featured = shown.annotate(is_featured=Exists(entries.filter(featured=True)))
    return featured.order_by("-is_featured", F("trend").desc(nulls_last=True), "-listed_on", "-identifier")
