"""Papers that somebody named, uploaded or liked, as evidence of what they care about."""

from collections.abc import Sequence

import numpy as np

from recommender import background, lexicon, subjects
from recommender.models import PaperVector
from recommender.subjects import Background
from recommender.vectors import Vector


def evidence_of(rows: Sequence[PaperVector], weights: Vector, learned: Background) -> subjects.Evidence:
    """Papers with their vectors, and (m,) how much each counts, as what a reader likes."""
    vectors = np.stack([row.vector for row in rows]) if rows else learned.vectors[:0]
    words = lexicon.unit_rows([background.text_of(row.paper) for row in rows], learned.vocabulary)
    return subjects.Evidence([row.paper.identifier for row in rows], vectors, words, weights)
