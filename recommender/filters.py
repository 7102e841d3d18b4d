"""What narrows a search, the same on every database: most of it is looked up beside the words in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

    def allowed(self, words: Words) -> list[Mask] | None:
        """Per part of the words (n,) which papers pass; withdrawn ones never do. None where nothing is asked."""
        if self == NOTHING:
            return None
        found = [~withdrawn for withdrawn in words.marked(WITHDRAWN)]
        for masks in self._each(words):
            found = [one & other for one, other in zip(found, masks, strict=True)]
        return found

    def _each(self, words: Words) -> Iterator[list[Mask]]:
        if self.since or self.until:
            yield words.between((self.since or date.min).toordinal(), (self.until or date.max).toordinal())
        if self.category:
            yield words.marked(in_category(self.category))
        if self.topic:
            yield words.among(_under(self.topic))
        if self.has_code:
            yield words.marked(CODE)


NOTHING = Filters()


def _under(topic: Topic) -> Mask:
    """By key, which papers are shown under a topic."""
    found = PaperTopic.objects.filter(topic=topic).values_list("paper", flat=True)
    keys = np.fromiter(found.order_by("paper").iterator(chunk_size=CHUNK), dtype=np.int64)
    table = np.zeros(int(keys[-1]) + 1 if len(keys) else 0, dtype=np.bool_)
    table[keys] = True
    return table
