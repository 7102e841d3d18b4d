"""How far one gets by names alone: a feature of its own, judged apart from what reads titles and abstracts."""

from collections.abc import Sequence

import numpy as np

from papers.evaluation.metrics import Floats
from recommender.authors import Authors, people_of
from recommender.evaluation.cases import Case, Scorer


def shared_names(lists: Sequence[Sequence[str]]) -> Scorer:
    """Candidates in the order of recommender.authors.Authors.shared; lists are the authors of all papers."""
    written = Authors(lists)

    def score(case: Case) -> Floats:
        people = people_of(lists[at] for at in case.library)
        return np.asarray(written.shared(people)[case.candidates], dtype=np.float64)

    return score
