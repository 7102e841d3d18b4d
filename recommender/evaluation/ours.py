"""The formula that digests go by, put together for a corpus as it is for a day's candidates."""

import numpy as np

from papers.evaluation.metrics import Floats
from recommender import fusion, lexicon
from recommender.evaluation.cases import Case, Corpus, Scorer
from recommender.interests import group_papers

MOST_VECTORS = 16  # of a reader


def ours(corpus: Corpus) -> Scorer:
    """A library's grouped vectors and its strongest terms, joined by recommender.fusion with the shipped weights."""
    texts = [text.whole() for text in corpus.texts]
    words = lexicon.unit_rows(texts, lexicon.learn(texts))

    def score(case: Case) -> Floats:
        vectors = group_papers(corpus.vectors[case.library], MOST_VECTORS)
        terms = lexicon.profile(words[case.library])
        lexical = lexicon.similarities(terms, words[case.candidates])[0]
        return np.asarray(fusion.relevance(vectors @ corpus.vectors[case.candidates].T, lexical), dtype=np.float64)

    return score
