"""From what a subscriber told us to stored unit vectors, when it changes and not when a digest is due."""

import logging
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from recommender import embed, interests, query_encoder
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Matrix
from subscriptions.models import Interest, InterestKind, InterestVector

logger = logging.getLogger(__name__)
AT_ONCE = 64


def missing(model: EmbeddingModel) -> list[Interest]:
    """Interests that need vectors of their own and have none by this model, oldest first."""
    stored = InterestVector.objects.filter(interest=OuterRef("pk"), model=model)
    without = Interest.objects.filter(~Exists(stored)).exclude(kind=InterestKind.TOPIC)
    return list(without.order_by("pk")[:AT_ONCE])


def rebuild(wanted: Sequence[Interest], model: EmbeddingModel) -> int:
    """Compute and store the vectors of these interests; the number of interests that have vectors now.

    Raises recommender.query_encoder.EncoderAway when free text is among them and nothing can encode it.
    """
    return sum(_store(interest, model, *vectors_of(interest, model)) for interest in wanted)


def vectors_of(interest: Interest, model: EmbeddingModel) -> tuple[Matrix, list[str]]:
    """(k, d) unit vectors of a free text or of named papers, and the arXiv id of each row that is one paper's own.

    No rows when none of the named papers is known yet; raises recommender.query_encoder.EncoderAway.
    """
    if interest.kind == InterestKind.TEXT:
        return query_encoder.encode(interests.split_text(interest.text), model=model.name), []
    rows = PaperVector.objects.filter(model=model, paper__arxiv_id__in=interest.arxiv_ids)
    known = list(rows.values_list("paper__arxiv_id", "vector").order_by("paper__arxiv_id"))
    if not known:
        return np.empty((0, model.dimension), dtype=np.float32), []
    vectors = interests.group_papers(np.stack([vector for _, vector in known]))
    return vectors, [arxiv_id for arxiv_id, _ in known] if len(vectors) == len(known) else []


def _store(interest: Interest, model: EmbeddingModel, vectors: Matrix, arxiv_ids: Sequence[str]) -> bool:
    rows = [
        InterestVector(interest=interest, model=model, position=position, vector=vector, arxiv_id=arxiv_id)
        for position, (vector, arxiv_id) in enumerate(zip_longest(vectors, arxiv_ids, fillvalue=""))
    ]
    with transaction.atomic():
        InterestVector.objects.filter(interest=interest, model=model).delete()
        InterestVector.objects.bulk_create(rows, ignore_conflicts=True)
    return bool(rows)


def rebuild_missing(model_name: str) -> int:
    """Vectors for the interests that lack them, by the serving model and by the named one that may replace it.

    Stops quietly while the query encoder is away: the next minute tries again.
    """
    models = EmbeddingModel.objects.filter(Q(serving=True) | Q(name=model_name))
    try:
        return sum(rebuild(missing(model), model) for model in models)
    except query_encoder.EncoderAway as error:
        logger.warning("Free texts wait for the query encoder: %s", error)
        return 0


def promote_if_complete(model_name: str) -> bool:
    """Let a new model serve once papers, topics and interests all have its vectors; whether it was promoted now."""
    model = EmbeddingModel.objects.filter(name=model_name, serving=False).first()
    if model is None or not embed.is_complete(model) or _waits_for_interests(model):
        return False
    embed.promote(model)
    return True


def _waits_for_interests(model: EmbeddingModel) -> bool:
    """Named papers that nobody has heard of never get a vector, so they must not hold up the change of model."""
    serving = InterestVector.objects.filter(interest=OuterRef("pk"), model__serving=True)
    stored = InterestVector.objects.filter(interest=OuterRef("pk"), model=model)
    return Interest.objects.filter(Exists(serving), ~Exists(stored)).exists()
