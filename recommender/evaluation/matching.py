"""How well the formula of recommender.fusion matches papers to people, beside those of other projects."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from papers.evaluation.metrics import Floats
from recommender.evaluation import readers, reviewers, table, vectors_cache
from recommender.evaluation.cases import Case, Corpus, Method, Text, scores
from recommender.evaluation.ours import ours
from recommender.evaluation.peers import ARXIV_SANITY, PEERS

METHODS: dict[str, Method] = {"ours": ours, **PEERS}


def of_readers(folder: Path, *, all_rows: bool) -> table.Result:
    """On the reported half of people, or on all; raises papers.evaluation.rows.DataUnusable, encoder.ModelMissing."""
    texts, cases = readers.load(folder, all_rows=all_rows)
    return table.result(cases, _scores(texts, cases), readers.judge, (ARXIV_SANITY, "ndcg10"))


def of_reviewers(folder: Path, *, all_rows: bool) -> table.Result:
    """On all researchers either way: they are too few to split. Raises the same."""
    texts, cases = reviewers.load(folder)
    return table.result(cases, _scores(texts, cases), reviewers.judge, (ARXIV_SANITY, "loss"))


def _scores(texts: Sequence[Text], cases: Sequence[Case]) -> dict[str, list[Floats]]:
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    vectors = vectors_cache.encode([text.whole() for text in texts], settings.EMBEDDING_MODEL, path)
    return scores(METHODS, Corpus(texts, vectors), cases)
