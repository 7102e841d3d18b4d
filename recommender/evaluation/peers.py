"""The formulas of other projects, and plainer ones, written from their description; all see the same papers."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

from papers.evaluation.metrics import SEED, Floats
from recommender.evaluation.cases import Case, Corpus, Method, Scorer
from recommender.words.lexicon import STOP_WORDS

ARXIV_SANITY = "arxiv-sanity-lite"
BACKGROUND, BACKGROUND_WEIGHT = 1000, 0.1
LARGE = 1000  # of fewer papers no term is too rare or too common
_WORD = re.compile(r"\w+")


def _one_mean(corpus: Corpus) -> Scorer:
    """Score by the cosine to the mean of the library's vectors."""
    return lambda case: np.asarray(corpus.vectors[case.candidates] @ corpus.vectors[case.library].mean(axis=0))


def _nearest_three(corpus: Corpus) -> Scorer:
    """Score by the mean cosine to the three vectors of the library that are nearest, to all where there are fewer."""

    def score(case: Case) -> Floats:
        rows = corpus.vectors[case.library] @ corpus.vectors[case.candidates].T
        spare = max(0, len(rows) - 3)
        return np.asarray(np.partition(rows, spare, axis=0)[spare:].mean(axis=0) if spare else rows.mean(axis=0))

    return score


def _zotero_arxiv_daily(corpus: Corpus) -> Scorer:
    """Score by Σ w·cos over the library, newest first, w_j = 1 / (1 + log10(j + 1)) normalised, j from 0."""

    def score(case: Case) -> Floats:
        weights = 1 / (1 + np.log10(np.arange(len(case.library)) + 1))
        newest_first = corpus.vectors[case.library[::-1]]
        return np.asarray((newest_first @ corpus.vectors[case.candidates].T).T @ (weights / weights.sum()))

    return score


def _arxiv_sanity_lite(corpus: Corpus) -> Scorer:
    """Score by TF-IDF of 20,000 words and pairs, and for each reader a linear SVM of the library against the rest."""
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

    limits: dict[str, Any] = {"min_df": 5, "max_df": 0.1} if len(corpus.texts) >= LARGE else {}
    rows = _tf_idf(corpus, **limits)

    def score(case: Case) -> Floats:
        machine = LinearSVC(C=0.01, class_weight="balanced", max_iter=10_000, tol=1e-6, random_state=0)
        return np.asarray(machine.fit(rows, _tagged(case, len(corpus.texts))).decision_function(rows[case.candidates]))

    return score


def _scholar_inbox(corpus: Corpus) -> Scorer:
    """Score by logistic regression on TF-IDF and dense vectors; background papers are disliked, with weight .1."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    rows = sparse.hstack([_tf_idf(corpus), sparse.csr_array(corpus.vectors)], format="csr")
    n = len(corpus.texts)
    drawn = np.random.default_rng(SEED).choice(n, size=min(n, BACKGROUND), replace=False)

    def score(case: Case) -> Floats:
        known = np.concatenate([case.library, np.setdiff1d(drawn, case.library)])
        liked = _tagged(case, n)[known]
        model = LogisticRegression(max_iter=1000).fit(rows[known], liked, np.where(liked, 1, BACKGROUND_WEIGHT))
        return np.asarray(model.decision_function(rows[case.candidates]))

    return score


def _arxivdigest(corpus: Corpus) -> Scorer:
    """Score by BM25 (k1 1.2, b .75) summed over topics; the titles of the library stand in for topics."""
    weights, columns = bm25(corpus)

    def score(case: Case) -> Floats:
        topics = [set(stems(corpus.texts[at].title)) for at in case.library]
        wanted = Counter(columns[stem] for topic in topics for stem in topic if stem in columns)
        query = np.zeros(len(columns))
        query[list(wanted)] = list(wanted.values())
        return np.asarray(weights[case.candidates] @ query)

    return score


def _tagged(case: Case, n: int) -> Floats:
    tags = np.zeros(n)
    tags[case.library] = 1
    return tags


def _tf_idf(corpus: Corpus, **limits: Any) -> Any:
    """Return (n, ≤ 20,000) unit rows: words and pairs of words, sublinear counts, smooth idf, English stop words."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    vectorizer = TfidfVectorizer(
        max_features=20_000, ngram_range=(1, 2), sublinear_tf=True, stop_words="english", dtype=np.float32, **limits
    )
    return vectorizer.fit_transform(text.whole() for text in corpus.texts).tocsr()


def bm25(corpus: Corpus) -> tuple[Any, dict[str, int]]:
    """Return (n, t) what each stem adds to the score of each text, and the column of each stem."""
    rows = [Counter(stems(text.whole())) for text in corpus.texts]
    columns = {stem: at for at, stem in enumerate(dict.fromkeys(stem for row in rows for stem in row))}
    frequencies = Counter(stem for row in rows for stem in row)
    n, mean_length = len(rows), sum(map(Counter.total, rows)) / len(rows)
    idf = {stem: math.log(1 + (n - count + 0.5) / (count + 0.5)) for stem, count in frequencies.items()}
    cells = [
        (at, columns[stem], idf[stem] * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * row.total() / mean_length)))
        for at, row in enumerate(rows)
        for stem, count in row.items()
    ]
    lines, places, weights = zip(*cells, strict=True)
    return sparse.csr_array((weights, (lines, places)), shape=(n, len(columns))), columns


def stems(text: str) -> list[str]:
    """Return words in lower case, without stop words and without the s of the plural."""
    words = (word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)
    return [singular(word) for word in words]


def singular(word: str) -> str:
    """Apply Harman's rules (1991): -ies becomes -y, -es loses its s, -s goes, but not from -us and -ss."""
    if len(word) > 4 and word.endswith("ies") and not word.endswith(("aies", "eies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss", "aes", "ees", "oes")):
        return word[:-1]
    return word


PEERS: dict[str, Method] = {
    ARXIV_SANITY: _arxiv_sanity_lite,
    "zotero-arxiv-daily": _zotero_arxiv_daily,
    "arXivDigest": _arxivdigest,
    "Scholar Inbox": _scholar_inbox,
    "one mean vector": _one_mean,
    "nearest three": _nearest_three,
}
