"""Papers that somebody named, uploaded or liked, as evidence of what they care about."""

from collections.abc import Sequence

import numpy as np

from recommender import background, lexicon, subjects
from recommender.models import EmbeddingModel, PaperVector
from recommender.subjects import Background
from recommender.vectors import Vector


def evidence_of(rows: Sequence[PaperVector], weights: Vector, learned: Background) -> subjects.Evidence:
    """Papers with their vectors, and (m,) how much each counts, as what a reader likes."""
    vectors = np.stack([row.vector for row in rows]) if rows else learned.vectors[:0]
    words = lexicon.unit_rows([background.text_of(row.paper) for row in rows], learned.vocabulary)
    return subjects.Evidence([row.paper.identifier for row in rows], vectors, words, weights)


def nearest_first(wanted: Sequence[tuple[Sequence[str], Vector]], model: EmbeddingModel) -> list[list[str]]:
    """For n pairs of identifiers and a (d,) unit vector, the identifiers by their papers' nearness to it; one query.

    Papers without a vector stand last, in the order given.
    """
    names = {name for identifiers, _ in wanted for name in identifiers}
    rows = PaperVector.objects.filter(model=model, paper__identifier__in=names) if names else PaperVector.objects.none()
    columns = rows.values_list("paper__identifier", "vector")
    known = {name: np.asarray(vector, dtype=np.float32) for name, vector in columns}
    return [
        sorted(identifiers, key=lambda name: -float(known[name] @ vector) if name in known else 1.0)
        for identifiers, vector in wanted
    ]
