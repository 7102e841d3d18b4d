"""Turn a subscriber's interests into stored unit vectors, when they change and not when a digest is due."""

import logging
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery

from papers.models import Paper
from recommender.candidates import background
from recommender.embedding import embed
from recommender.encoding import query_encoder
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import interest_clusters
from recommender.ranking.interest_clusters import Background, Subject
from recommender.words import free_text
from subscriptions.interests import feedback_profile, known_authors
from subscriptions.interests.paper_evidence import evidence_of, known_papers
from subscriptions.models import OF_PAPERS, Interest, InterestKind, InterestVector, Subscriber
from subscriptions.models.vectors import columns

logger = logging.getLogger(__name__)
AT_ONCE = 64
EARLIER_AT_ONCE = 400  # a million interests follow a new background within two days
NAMED_AT_ONCE = 5  # interests in a query: SQLite takes some 30,000 values in one, and a library has 5,000 papers


def missing(model: EmbeddingModel) -> list[Interest]:
    """Return interests without vectors by this model, and those that named papers which have come since.

    Named papers stand before free texts, which may have to wait for the query encoder. Last come those that were
    measured against an earlier background: they can be used meanwhile.
    """
    stored = InterestVector.objects.filter(interest=OuterRef("pk"), model=model)
    texts = Interest.objects.filter(~Exists(stored), kind=InterestKind.TEXT).order_by("pk")
    earlier = Interest.objects.filter(Exists(stored.filter(background__lt=background.newest_key()))).order_by("pk")
    wanted = [*islice(_growing(model), AT_ONCE), *texts[:AT_ONCE], *earlier[:EARLIER_AT_ONCE]]
    return list({interest.pk: interest for interest in wanted}.values())


def _growing(model: EmbeddingModel) -> Iterator[Interest]:
    """Yield interests of named papers that could be built on more papers than they are, oldest first."""
    first = InterestVector.objects.filter(interest=OuterRef("pk"), model=model, position=0)
    named = Interest.objects.filter(kind__in=OF_PAPERS).annotate(built=Subquery(first.values("awaited")))
    awaiting = iter(named.filter(Q(built=None) | Q(built__gt=0)).order_by("pk"))
    while some := list(islice(awaiting, NAMED_AT_ONCE)):
        lacking = _without_vectors({identifier for interest in some for identifier in interest.arxiv_ids}, model)
        for interest in some:
            named_papers = set(interest.arxiv_ids)
            if len(named_papers & lacking) < (len(named_papers) if interest.built is None else interest.built):
                yield interest


def _without_vectors(identifiers: Collection[str], model: EmbeddingModel) -> set[str]:
    rows = PaperVector.objects.filter(model=model, paper__identifier__in=identifiers)
    return set(identifiers) - set(rows.values_list("paper__identifier", flat=True))


def under_way(subscriber_ids: Collection[int]) -> set[int]:
    """Return those of these subscribers who have an interest without vectors that will have some in minutes.

    That is a free text, or named papers of which at least one is stored. One query, and a few where papers were named;
    nobody while no model serves.
    """
    serving = EmbeddingModel.objects.filter(serving=True)
    stored = InterestVector.objects.filter(interest=OuterRef("pk"), model__serving=True)
    rows = Interest.objects.filter(Exists(serving), ~Exists(stored), subscriber__in=subscriber_ids, muted=False)
    lacking = rows.filter(kind__in=[InterestKind.TEXT, *OF_PAPERS])
    rows_read = list(lacking.values_list("subscriber_id", "kind", "arxiv_ids"))
    subscribers = {subscriber for subscriber, kind, _ in rows_read if kind == InterestKind.TEXT}
    waiting = iter([(subscriber, named) for subscriber, kind, named in rows_read if kind in OF_PAPERS and named])
    while some := list(islice(waiting, NAMED_AT_ONCE)):
        wanted = {identifier for _, identifiers in some for identifier in identifiers}
        here = set(Paper.objects.filter(identifier__in=wanted).values_list("identifier", flat=True))
        subscribers |= {subscriber for subscriber, identifiers in some if not here.isdisjoint(identifiers)}
    return subscribers


def rebuild(wanted: Sequence[Interest], model: EmbeddingModel) -> int:
    """Compute and store the vectors of these interests; return the number of interests that have vectors now.

    Raises recommender.encoding.query_encoder.EncoderAway when free text is among them and nothing can encode it.
    """
    return sum(_rebuild(interest, model) for interest in wanted)


def rebuild_of(subscriber: Subscriber) -> int:
    """Rebuild the interests of one subscriber that lack vectors by the serving model, as rebuild does."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return 0
    stored = InterestVector.objects.filter(interest=OuterRef("pk"), model=model)
    lacking = subscriber.interests.filter(~Exists(stored)).exclude(kind=InterestKind.TOPIC)
    return rebuild(list(lacking.order_by("pk")), model)


def _rebuild(interest: Interest, model: EmbeddingModel) -> bool:
    # Counted before the vectors are read: a paper that comes in between leads to one rebuild too many, not too few.
    awaited, learned = len(_without_vectors(interest.arxiv_ids, model)), background.current(model)
    rows = [
        InterestVector(
            interest=interest,
            model=model,
            position=position,
            awaited=awaited,
            background=learned.key,
            **columns(subject),
        )
        for position, subject in enumerate(subjects_of(interest, model, learned))
    ]
    with transaction.atomic():
        if interest.kind in OF_PAPERS:
            known_authors.remember(interest)
        InterestVector.objects.filter(interest=interest, model=model).delete()
        InterestVector.objects.bulk_create(rows, ignore_conflicts=True)
    return bool(rows)


def subjects_of(interest: Interest, model: EmbeddingModel, learned: Background, *, keep: bool = True) -> list[Subject]:
    """Return the subjects of a free text or of named papers, none when none of the papers is stored yet.

    The query encoder need not keep what it made of the text. Raises recommender.encoding.query_encoder.EncoderAway.
    """
    if interest.kind == InterestKind.TEXT:
        texts = free_text.split_text(interest.text)
        vectors = query_encoder.encode_for(texts, model, keep=keep)
        return interest_clusters.of_texts(texts, vectors, learned)
    known = list(known_papers(interest.arxiv_ids, model))
    return interest_clusters.of_papers(evidence_of(known, np.ones(len(known), dtype=np.float32), learned), learned)


def rebuild_missing(model_name: str) -> int:
    """Rebuild the interests that lack vectors, by the serving model and the named one that may replace it.

    Stops quietly while the query encoder is away: the next minute tries again.
    """
    models = EmbeddingModel.objects.filter(Q(serving=True) | Q(name=model_name))
    try:
        feedback_profile.rebuild_missing(models)
        return sum(rebuild(missing(model), model) for model in models)
    except query_encoder.EncoderAway as error:
        logger.warning("Free texts wait for the query encoder: %s", error)
        return 0


def promote_if_complete(model_name: str) -> bool:
    """Let a new model serve once papers, topics and interests all have its vectors; return whether it was now."""
    model = EmbeddingModel.objects.filter(name=model_name, serving=False).first()
    if model is None or not embed.is_complete(model) or _waits_for_interests(model):
        return False
    embed.promote(model)
    return True


def _waits_for_interests(model: EmbeddingModel) -> bool:
    """Tell whether interests lack vectors that they have by the serving model; unknown papers never get one."""
    serving = InterestVector.objects.filter(interest=OuterRef("pk"), model__serving=True)
    stored = InterestVector.objects.filter(interest=OuterRef("pk"), model=model)
    return Interest.objects.filter(Exists(serving), ~Exists(stored)).exists()
