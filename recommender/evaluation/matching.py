"""How well the formula of recommender.ranking.fusion matches papers to people, beside those of other projects."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from django.conf import settings

from papers.evaluation.metrics import Floats
from recommender.evaluation import readers, reviewers, table, vectors_cache
from recommender.evaluation.cases import Case, Corpus, Method, Scorer, Text, scores
from recommender.evaluation.ours import ours
from recommender.evaluation.peers import ARXIV_SANITY, PEERS
from recommender.words.authors import Authors, people_of

METHODS: dict[str, Method] = {"ours": ours, **PEERS}


def of_readers(folder: Path, *, all_rows: bool) -> table.Result:
    """Judge on the reported half of people, or on all; raise DataUnusable, encoder.ModelMissing."""
    data = readers.load(folder, all_rows=all_rows)
    by_content = _scores(data.texts, data.cases)
    result = table.result(data.cases, by_content, readers.judge, (ARXIV_SANITY, "ndcg10"))
    by_names = list(map(shared_names(data.authors), data.cases))
    return replace(result, authors=table.figures(data.cases, by_names, readers.judge))


def of_reviewers(folder: Path, *, all_rows: bool) -> table.Result:
    """Judge on all researchers either way: they are too few to split. Raises the same."""
    texts, cases = reviewers.load(folder)
    return table.result(cases, _scores(texts, cases), reviewers.judge, (ARXIV_SANITY, "loss"))


def _scores(texts: Sequence[Text], cases: Sequence[Case]) -> dict[str, list[Floats]]:
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    vectors = vectors_cache.encode([text.whole() for text in texts], settings.EMBEDDING_MODEL, path)
    model = vectors_cache.described(settings.EMBEDDING_MODEL, vectors.shape[1])
    return scores(METHODS, Corpus(texts, vectors, model), cases)


def shared_names(lists: Sequence[Sequence[str]]) -> Scorer:
    """Score candidates by recommender.words.authors.Authors.shared; lists are the authors of all papers."""
    written = Authors(lists)

    def score(case: Case) -> Floats:
        people = people_of(lists[at] for at in case.library)
        return np.asarray(written.shared(people)[case.candidates], dtype=np.float64)

    return score
