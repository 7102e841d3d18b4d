"""The lessons of each reader's feedback, for the recommender: made when a word is said and not when a digest is due."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from papers.models.prepared import Prepared
from recommender.candidates import background
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import interest_clusters
from recommender.ranking.feedback import Rated, freshness
from recommender.ranking.reader import ReaderInterest
from recommender.vectors import Vector
from subscriptions.interests import known_authors
from subscriptions.interests.paper_evidence import evidence_of, known_papers
from subscriptions.models import Subscriber, TasteVector
from subscriptions.models.feedback import LIKED, TEACHES, Feedback, FeedbackKind
from subscriptions.models.vectors import OF_SUBJECT, as_kept, as_subject, columns

MOST = 100  # of a reader's newest words of one kind
AT_ONCE, EARLIER_AT_ONCE = 64, 400
LABEL = "papers you kept or asked more of"


@dataclass(frozen=True, slots=True)
class Taste:
    interests: tuple[ReaderInterest, ...] = ()  # at most one: the papers that were liked
    less: Rated | None = None
    people: Mapping[str, int] = field(default_factory=dict)  # who wrote the papers that were liked


NOTHING_TAUGHT = Taste()


def load(subscriber_ids: Sequence[int], model: EmbeddingModel) -> dict[int, Taste]:
    """Return the taste of those of these subscribers who have taught one; one query."""
    rows: dict[int, list[Sequence[Any]]] = defaultdict(list)
    for key, *row in _stored(subscribers=subscriber_ids, model=model.pk):
        rows[key].append(row)
    return {key: _taste(mine) for key, mine in rows.items()}


def _of_subscribers(subscribers: Collection[int], model: int) -> QuerySet[TasteVector, Any]:
    rows = TasteVector.objects.filter(model=model, subscriber__one_of=subscribers)
    return rows.values_list("subscriber_id", "liked", "weight", "people", *OF_SUBJECT)


_stored = Prepared(_of_subscribers, subscribers=([1], [2]), model=(1, 2))


def _taste(rows: Sequence[Sequence[Any]]) -> Taste:
    """Make a taste from rows of: whether it was liked, weight, people, and the values of OF_SUBJECT."""
    liked, less = [row for row in rows if row[0]], [row for row in rows if not row[0]]
    liked_interest = ReaderInterest(0, "feedback", LABEL, tuple(as_subject(row[3:]) for row in liked))
    return Taste((liked_interest,) if liked else (), _rated(less) if less else None, liked[0][2] if liked else {})


def _rated(rows: Sequence[Sequence[Any]]) -> Rated:
    weights, papers = np.array([row[1] for row in rows], dtype=np.float32), [paper for row in rows for paper in row[-1]]
    return Rated(np.stack([row[3] for row in rows]), weights, papers)


def told(more: Sequence[str], less: Sequence[str], model: EmbeddingModel) -> Taste:
    """Return what somebody teaches who says these words now, of papers by their identifiers; two queries."""
    learned = background.current(model)
    liked = _named(more, model)
    evidence = evidence_of(liked, np.ones(len(liked), dtype=np.float32), learned)
    subjects = tuple(as_kept(subject) for subject in interest_clusters.of_papers(evidence, learned))
    interests = (ReaderInterest(0, "feedback", LABEL, subjects),) if subjects else ()
    unwanted = _named(less, model)
    rows: list[Sequence[Any]] = [(False, 1.0, {}, row.vector, [row.paper.identifier]) for row in unwanted]
    return Taste(interests, _rated(rows) if rows else None, known_authors.of_liked(row.paper for row in liked))


def _named(identifiers: Sequence[str], model: EmbeddingModel) -> list[PaperVector]:
    """Return the vectors of these papers, what was said last first, as words that are stored are read."""
    newest = list(reversed(identifiers))[:MOST]
    rows = known_papers(newest, model)
    found = {row.paper.identifier: row for row in rows}
    return [found[identifier] for identifier in newest if identifier in found]


def rebuild(subscriber: Subscriber, model: EmbeddingModel | None) -> int:
    """Store again what the reader's words teach by this model; return how many subjects and unwanted papers that is."""
    if model is None:
        return 0
    rows = [*_liked(subscriber, model), *_less(subscriber, model)]
    with transaction.atomic():
        TasteVector.objects.filter(subscriber=subscriber, model=model).delete()
        TasteVector.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _liked(subscriber: Subscriber, model: EmbeddingModel) -> list[TasteVector]:
    words, weights = _newest(subscriber, LIKED)
    known = _vectors(words, model)
    kept = [number for number, word in enumerate(words) if word.paper_id in known]
    learned = background.current(model)
    people = known_authors.of_liked(known[words[number].paper_id].paper for number in kept)
    evidence = evidence_of([known[words[number].paper_id] for number in kept], weights[kept], learned)
    return [
        TasteVector(
            subscriber=subscriber,
            model=model,
            liked=True,
            position=position,
            said_at=words[0].at,
            people={} if position else people,
            background=learned.key,
            **columns(subject),
        )
        for position, subject in enumerate(interest_clusters.of_papers(evidence, learned))
    ]


def _less(subscriber: Subscriber, model: EmbeddingModel) -> list[TasteVector]:
    words, weights = _newest(subscriber, (FeedbackKind.LESS,))
    known = _vectors(words, model)
    return [
        TasteVector(
            subscriber=subscriber,
            model=model,
            liked=False,
            position=position,
            said_at=word.at,
            background=background.newest_key(),
            vector=known[word.paper_id].vector,
            weight=float(weight),
            papers=[known[word.paper_id].paper.identifier],
        )
        for position, (word, weight) in enumerate(zip(words, weights, strict=True))
        if word.paper_id in known
    ]


def _newest(subscriber: Subscriber, kinds: Iterable[str]) -> tuple[list[Feedback], Vector]:
    """Return the newest words of these kinds, and (m,) how fresh each is.

    Freshness counts from the reader's newest word of any kind: a year of silence forgets nothing.
    """
    words_that_teach = subscriber.feedback.filter(kind__in=TEACHES).order_by("-at", "-pk")
    words, newest = list(words_that_teach.filter(kind__in=kinds)[:MOST]), words_that_teach.first()
    days = [(newest.at - word.at) / timedelta(days=1) for word in words] if newest else []
    return words, freshness(np.array(days, dtype=np.float32), settings.FEEDBACK_HALF_LIFE_DAYS)


def _vectors(words: Iterable[Feedback], model: EmbeddingModel) -> dict[int, PaperVector]:
    rows = PaperVector.objects.filter(model=model, paper__in=[word.paper_id for word in words])
    return {row.paper_id: row for row in rows.select_related("paper")}


def rebuild_missing(models: Iterable[EmbeddingModel]) -> int:
    """Rebuild taste that a model lacks, or that has an earlier background; return the number of readers."""
    return sum(rebuild(subscriber, model) > 0 for model in models for subscriber in missing(model))


def missing(model: EmbeddingModel) -> list[Subscriber]:
    """Return some readers whose words teach what is not stored by this model, or no longer as it should be."""
    vectors = PaperVector.objects.filter(model=model, paper=OuterRef("paper"))
    words = Feedback.objects.filter(Exists(vectors), subscriber=OuterRef("pk"), kind__in=TEACHES)
    stored = TasteVector.objects.filter(subscriber=OuterRef("pk"), model=model)
    untaught = Subscriber.objects.filter(Exists(words), ~Exists(stored)).order_by("pk")
    earlier = Subscriber.objects.filter(Exists(stored.filter(background__lt=background.newest_key()))).order_by("pk")
    return [*untaught[:AT_ONCE], *earlier[:EARLIER_AT_ONCE]]
