"""A search by the API, a page at a time; its cursor remembers which papers there were when it began."""

from __future__ import annotations

from django.db.models import Max
from ninja import Field, Schema

from papers.models import Paper
from recommender.api.lists import named, topic_called
from recommender.api.paging import Day, Name, Paging, SearchCursor
from recommender.search import finding
from recommender.search.filters import Filters
from recommender.search.finding import Results
from recommender.search.queries import LONGEST
from recommender.search.ranks import Examples

DEEPEST = 200  # hits of one search: as many as the pages of the site show


class Search(Schema):
    q: str = Field(
        "",
        max_length=LONGEST,
        description="Words, a question, an arXiv id; phrases and operators as on the page.",
    )
    category: str = Field("", max_length=32, description="Only papers of this category of arXiv, such as cs.RO.")
    topic: str = Field("", max_length=50, description="Only papers shown under this topic, by its slug.")
    since: Day | None = Field(None, description="Only papers of this day and later.")
    until: Day | None = Field(None, description="Only papers of this day and earlier.")
    code: bool = Field(False, description="Only papers that name their code.")
    like: list[Name] = Field([], max_length=20, description="Papers to be near to, by identifier; repeat it.")
    unlike: list[Name] = Field([], max_length=20, description="Papers to be far from, by identifier; repeat it.")

    @property
    def examples(self) -> Examples:
        return Examples(named(self.like)[0] if self.like else (), named(self.unlike)[0] if self.unlike else ())

    def filters(self, newest: int | None) -> Filters:
        """Return what narrows the search; raise Refused for a topic that is none."""
        topic = topic_called(self.topic) if self.topic else None
        return Filters(self.since, self.until, self.category, topic, self.code, newest)


def found(search: Search, paging: Paging) -> tuple[Results, str | None]:
    """Return the hits of a page, and the cursor of the next one."""
    place = SearchCursor.read(paging.cursor) or SearchCursor(shown=0, newest=_newest())
    filters = search.filters(place.newest if place.shown else None)
    results = finding.search(
        search.q, limit=paging.limit + 1, offset=place.shown, filters=filters, examples=search.examples
    )
    shown = place.shown + paging.limit
    if len(results.hits) <= paging.limit or shown >= DEEPEST:
        return results.first(paging.limit), None
    return results.first(paging.limit), SearchCursor(shown=shown, newest=place.newest).written()


def _newest() -> int:
    """Return the highest key of a paper, 0 where there is none."""
    return Paper.objects.aggregate(newest=Max("pk"))["newest"] or 0
