"""Narrow a search, in the same way on every database: most facts are looked up beside the words in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from papers.models import Topic
from recommender.index.layers import Mask
from recommender.index.words import CODE, WITHDRAWN, Words, in_category
from recommender.models import PaperTopic

CHUNK = 2_048


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; nothing by default."""

    since: date | None = None
    until: date | None = None
    category: str = ""
    topic: Topic | None = None
    has_code: bool = False
    newest: int | None = None  # the highest key of a paper that may be found

    def narrowed(self, since: date | None, until: date | None) -> Filters:
        """Return the same with the later of two first days and the earlier of two last ones."""
        first = max((day for day in (self.since, since) if day), default=None)
        last = min((day for day in (self.until, until) if day), default=None)
        return replace(self, since=first, until=last)

    def allowed(self, words: Words) -> list[Mask] | None:
        """Return, for each part of the words, a mask (n,) of the papers that pass; withdrawn ones never do."""
        if self == NOTHING:
            return None
        passing = [~withdrawn for withdrawn in words.marked(WITHDRAWN)]
        for masks in self._each(words):
            passing = [before & other for before, other in zip(passing, masks, strict=True)]
        return passing

    def _each(self, words: Words) -> Iterator[list[Mask]]:
        if self.since or self.until:
            yield words.between((self.since or date.min).toordinal(), (self.until or date.max).toordinal())
        if self.category:
            yield words.marked(in_category(self.category))
        if self.topic:
            yield words.among(_under(self.topic))
        if self.has_code:
            yield words.marked(CODE)
        if self.newest is not None:
            yield words.up_to(self.newest)


NOTHING = Filters()


def _under(topic: Topic) -> Mask:
    """Return a table by key of the papers that are shown under a topic."""
    paper_keys = PaperTopic.objects.filter(topic=topic).values_list("paper", flat=True)
    keys = np.fromiter(paper_keys.order_by("paper").iterator(chunk_size=CHUNK), dtype=np.int64)
    table = np.zeros(int(keys[-1]) + 1 if len(keys) else 0, dtype=np.bool_)
    table[keys] = True
    return table
