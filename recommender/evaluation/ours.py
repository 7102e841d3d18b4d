"""The formula that is shipped, put together for a corpus as for a day's candidates."""

import numpy as np

from papers.evaluation.metrics import SEED, Floats, Ints
from recommender import fusion, lexicon
from recommender.evaluation.cases import Case, Corpus, Scorer
from recommender.interests import group_papers
from recommender.vectors import Matrix, Vector

MOST_VECTORS = 16  # of a reader


def ours(corpus: Corpus) -> Scorer:
    """A library's grouped vectors and its strongest terms, joined by recommender.fusion with the shipped weights."""
    texts = [text.whole() for text in corpus.texts]
    words = lexicon.unit_rows(texts, lexicon.learn(texts))
    background = drawn(len(texts))

    def score(case: Case) -> Floats:
        vectors = group_papers(corpus.vectors[case.library], MOST_VECTORS)
        terms = lexicon.profile(words[case.library])

        def evidence(at: Ints) -> tuple[Matrix, Vector]:
            return vectors @ corpus.vectors[at].T, lexicon.similarities(terms, words[at])[0]

        calibration = fusion.calibrate(*evidence(background))
        return np.asarray(fusion.relevance(*evidence(case.candidates), calibration), dtype=np.float64)

    return score


def drawn(n: int) -> Ints:
    """Positions of the papers that are the background, the same in every run."""
    random = np.random.default_rng(SEED)
    return np.sort(random.choice(n, size=min(n, fusion.BACKGROUND), replace=False))
