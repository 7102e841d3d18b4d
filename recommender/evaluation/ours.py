"""The formula that is shipped, put together for a corpus as for a day's candidates."""

import numpy as np

from papers.evaluation.metrics import SEED, Floats, Ints
from recommender.evaluation.cases import Case, Corpus, Scorer
from recommender.ranking import evidence, fusion, interest_clusters, picks
from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from recommender.words import lexicon


def ours(corpus: Corpus) -> Scorer:
    """Score a library's subjects against the candidates, by the functions that digests are made with."""
    texts = [text.whole() for text in corpus.texts]
    vocabulary = lexicon.learn(texts)
    words = lexicon.unit_rows(texts, vocabulary)
    sample = drawn(len(texts))
    background = interest_clusters.Background(1, vocabulary, corpus.vectors[sample], words[sample], corpus.scales)

    def score(case: Case) -> Floats:
        n = len(case.library)
        names = [str(at) for at in case.library]
        liked = interest_clusters.Evidence(
            names, corpus.vectors[case.library], words[case.library], np.ones(n, np.float32)
        )
        interest = ReaderInterest(1, "papers", "", tuple(interest_clusters.of_papers(liked, background)))
        reader = Reader(1, (interest,), frozenset(), size=10, trend_weight=0.0, floor=-np.inf)
        of_papers = lexicon.stored(words[case.candidates], vocabulary)
        candidates = _candidates(corpus, case.candidates, evidence.paper_terms(of_papers))
        return picks.scores(reader, candidates).astype(np.float64)

    return score


def _candidates(corpus: Corpus, positions: Ints, words: evidence.PaperTerms) -> Candidates:
    n = len(positions)
    unknown = np.full(n, np.nan, dtype=np.float32)
    plain = np.zeros(n, dtype=np.bool_)
    ids, age = positions.astype(np.int64), np.zeros(n, dtype=np.int64)
    return Candidates(ids, corpus.vectors[positions], unknown, plain, age, words=words, model=corpus.model)


def drawn(n: int) -> Ints:
    """Return positions of the papers that are the background, the same in every run."""
    random = np.random.default_rng(SEED)
    return np.sort(random.choice(n, size=min(n, fusion.BACKGROUND), replace=False))
