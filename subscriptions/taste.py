"""What feedback teaches of each reader, for the recommender: the vectors of the papers, and how fresh each word is.

Nothing is stored of it: these are the papers' own vectors, so that a word counts as soon as it is said and a new
encoder needs nothing rebuilt.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from recommender.feedback import Rated, freshness
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import ReaderInterest
from recommender.vectors import Vector
from subscriptions.models.feedback import LIKED, TEACHES, Feedback

MOST = 30  # of a reader's newest words of one kind


@dataclass(frozen=True, slots=True)
class Taste:
    interests: tuple[ReaderInterest, ...] = ()  # at most one: the papers that were liked
    less: Rated | None = None


NOTHING_TAUGHT = Taste()


def load(subscriber_ids: Sequence[int], model: EmbeddingModel) -> dict[int, Taste]:
    """The taste of those of these subscribers who have taught one; two queries."""
    said: dict[int, list[Feedback]] = defaultdict(list)
    for one in _newest(subscriber_ids):
        said[one.subscriber_id].append(one)
    papers = {one.paper_id for words in said.values() for one in words}
    rows = PaperVector.objects.filter(model=model, paper__in=papers).only("paper", "vector")
    vectors = {row.paper_id: row.vector for row in rows}
    return {key: _taste(words, vectors) for key, words in said.items()}


def _newest(subscriber_ids: Sequence[int]) -> list[Feedback]:
    place = Window(RowNumber(), partition_by=["subscriber", "kind"], order_by=[F("at").desc(), F("pk").desc()])
    told = Feedback.objects.filter(subscriber__in=subscriber_ids, kind__in=TEACHES).select_related("paper")
    columns = ("subscriber", "kind", "at", "paper__identifier")
    return list(told.only(*columns).annotate(place=place).filter(place__lte=MOST).order_by("-at", "-pk"))


def _taste(words: Sequence[Feedback], vectors: dict[int, Vector]) -> Taste:
    """words, newest first, and the vectors of papers by their keys; what has no vector teaches nothing yet."""
    known = [one for one in words if one.paper_id in vectors]
    liked = [one for one in known if one.kind in LIKED][:MOST]
    less = [one for one in known if one.kind not in LIKED]
    since = words[0].at
    return Taste(
        (_interest(liked, _rated(liked, vectors, since)),) if liked else (),
        _rated(less, vectors, since) if less else None,
    )


def _rated(words: Sequence[Feedback], vectors: dict[int, Vector], since: datetime) -> Rated:
    """Freshness counts from the reader's newest word, since: who says nothing for a year is not forgotten."""
    days = np.array([(since - one.at) / timedelta(days=1) for one in words], dtype=np.float32)
    return Rated(np.stack([vectors[one.paper_id] for one in words]), freshness(days, settings.FEEDBACK_HALF_LIFE_DAYS))


def _interest(liked: Sequence[Feedback], rated: Rated) -> ReaderInterest:
    return ReaderInterest(
        id=0,
        kind="feedback",
        label="papers you kept or asked more of",
        vectors=rated.vectors,
        papers=tuple(one.paper.identifier for one in liked),
        weights=rated.weights,
    )
