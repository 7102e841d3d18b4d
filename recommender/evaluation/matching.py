"""How well the formula of recommender.fusion matches papers to people, beside those of other projects."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from papers.evaluation.metrics import Floats
from recommender.evaluation import readers, reviewers, table, vectors_cache
from recommender.evaluation.authors import shared_names
from recommender.evaluation.cases import Case, Corpus, Method, Text, scores
from recommender.evaluation.ours import ours
from recommender.evaluation.peers import ARXIV_SANITY, PEERS

METHODS: dict[str, Method] = {"ours": ours, **PEERS}


def of_readers(folder: Path, *, all_rows: bool) -> table.Result:
    """On the reported half of people, or on all; raises papers.evaluation.rows.DataUnusable, encoder.ModelMissing."""
    data = readers.load(folder, all_rows=all_rows)
    by_content = _scores(data.texts, data.cases)
    found = table.result(data.cases, by_content, readers.judge, (ARXIV_SANITY, "ndcg10"))
    by_names = list(map(shared_names(data.authors), data.cases))
    return replace(found, authors=table.figures(data.cases, by_names, readers.judge))


def of_reviewers(folder: Path, *, all_rows: bool) -> table.Result:
    """On all researchers either way: they are too few to split. Raises the same."""
    texts, cases = reviewers.load(folder)
    return table.result(cases, _scores(texts, cases), reviewers.judge, (ARXIV_SANITY, "loss"))


def _scores(texts: Sequence[Text], cases: Sequence[Case]) -> dict[str, list[Floats]]:
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    vectors = vectors_cache.encode([text.whole() for text in texts], settings.EMBEDDING_MODEL, path)
    return scores(METHODS, Corpus(texts, vectors), cases)
