"""Papers that somebody named, uploaded or liked, as evidence of what they care about."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from django.db.models import QuerySet

from papers.models import Paper
from papers.models.prepared import Prepared
from recommender.candidates import background
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import interest_clusters
from recommender.ranking.interest_clusters import Background
from recommender.vectors import Matrix, Vector
from recommender.words import lexicon

# Nine of 172 picks that somebody's papers led to are further than this from the nearest that could be named, and by eye
# seven of the nine are not like it: a paper on names in reports of banks was told to be like one on editing images.
LIKE = 0.5


def evidence_of(rows: Sequence[PaperVector], weights: Vector, learned: Background) -> interest_clusters.Evidence:
    """Return papers with their vectors, and (m,) how much each counts, as what a reader likes."""
    vectors = np.stack([row.vector for row in rows]) if rows else learned.vectors[:0]
    words = lexicon.unit_rows([background.text_of(row.paper) for row in rows], learned.vocabulary)
    return interest_clusters.Evidence([row.paper.identifier for row in rows], vectors, words, weights)


def known_papers(identifiers: Collection[str], model: EmbeddingModel) -> QuerySet[PaperVector]:
    """Return the vectors of those of these papers that have one, with the papers, in the order of identifiers."""
    # By keys: with the identifiers in a join SQLite reads every vector of the model.
    keys = Paper.objects.filter(identifier__in=identifiers).values("pk")
    rows = PaperVector.objects.filter(model=model, paper__in=keys)
    return rows.select_related("paper").order_by("paper__identifier")


def nearest_first(wanted: Sequence[tuple[Sequence[str], Vector]], model: EmbeddingModel) -> list[list[str]]:
    """Sort, for n pairs of identifiers and a (d,) unit vector, the identifiers by nearness to it; one query.

    Papers without a vector stand last, in the order given. None where the nearest is no nearer than LIKE.
    """
    names = {name for identifiers, _ in wanted for name in identifiers}
    vectors_by_name = _by_names(names=names, model=model.pk) if names else []
    row_of = {name: place for place, (name, _) in enumerate(vectors_by_name)}
    vectors = (
        np.stack([vector for _, vector in vectors_by_name])
        if vectors_by_name
        else np.empty((0, model.dimension), dtype=np.float32)
    )
    like = model.scales.papers.raw(LIKE)
    return [_ordered(identifiers, row_of, vectors, vector, like) for identifiers, vector in wanted]


def _named(names: Collection[str], model: int) -> QuerySet[PaperVector, Any]:
    # By keys: with the identifiers in a join SQLite reads every vector of the model.
    keys = Paper.objects.filter(identifier__one_of=names).values("pk")
    return PaperVector.objects.filter(model=model, paper__in=keys).values_list("paper__identifier", "vector")


_by_names = Prepared(_named, names=(["a"], ["b"]), model=(1, 2))


def _ordered(
    identifiers: Sequence[str], row_of: Mapping[str, int], vectors: Matrix, vector: Vector, like: float
) -> list[str]:
    known = [name for name in identifiers if name in row_of]
    nearness = vectors[[row_of[name] for name in known]] @ vector if known else np.empty(0, dtype=np.float32)
    if known and nearness.max() < like:
        return []
    return [known[place] for place in np.argsort(-nearness, kind="stable")] + [
        name for name in identifiers if name not in row_of
    ]
