"""What narrows a search, the same on every database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Coalesce

from papers.models import Paper, Topic
from recommender.models import PaperTopic

DAY = Coalesce("announced_on", "listed_on", "published_on")


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; nothing by default."""

    since: date | None = None
    until: date | None = None
    category: str = ""
    topic: Topic | None = None
    has_code: bool = False

    def papers(self) -> QuerySet[Paper]:
        """Those that pass; withdrawn ones never do."""
        return Paper.objects.filter(self._passed(), withdrawn_on=None)

    def _passed(self) -> Q:
        passed = Q()
        if self.since:
            passed &= Q(pk__in=_dated(day__gte=self.since))
        if self.until:
            passed &= Q(pk__in=_dated(day__lte=self.until))
        if self.category:
            # A JSON list is searched as text, with its quotes, because SQLite knows no "contains" for it.
            listed = Paper.objects.alias(listed=Cast("categories", TextField()))
            passed &= Q(pk__in=listed.filter(listed__contains=f'"{self.category}"'))
        if self.topic:
            passed &= Q(pk__in=PaperTopic.objects.filter(topic=self.topic).values("paper"))
        return passed & ~Q(github_repo="") if self.has_code else passed


NOTHING = Filters()


def _dated(**condition: date) -> QuerySet[Paper]:
    return Paper.objects.alias(day=DAY).filter(**condition)
