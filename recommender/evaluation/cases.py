"""The input of every method: a corpus of papers, and readers as positions in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from papers.evaluation.metrics import Floats, Ints
from papers.evaluation.rows import Row
from recommender.cosines import AS_MEASURED, Calibration
from recommender.encoding.encoder import paper_text
from recommender.models import EmbeddingModel
from recommender.vectors import Matrix


@dataclass(frozen=True, slots=True)
class Text:
    """A paper as all methods read it: content only, no authors."""

    title: str
    abstract: str

    def whole(self) -> str:
        return paper_text(self.title, self.abstract)


@dataclass(frozen=True, slots=True)
class Corpus:
    texts: Sequence[Text]
    vectors: Matrix  # (n, d) unit rows
    model: EmbeddingModel | None = None  # whose vectors these are, with what its cosines are worth

    @property
    def scales(self) -> Calibration:
        return self.model.scales if self.model else AS_MEASURED


@dataclass(frozen=True, slots=True)
class Case:
    """A reader: positions among the corpus' texts."""

    library: Ints  # what the reader is known by, oldest first
    candidates: Ints  # what is to be put in order
    ratings: Floats = field(default_factory=lambda: np.empty(0))  # of the candidates, where they are rated


Share = tuple[float, float]  # what a case adds to a figure, and of how much
Scorer = Callable[[Case], Floats]  # a score for each candidate, higher is better
Method = Callable[[Corpus], Scorer]  # what it learns from the corpus is learned once


def text_of(row: Row) -> Text:
    """Return the text of a row; raise TypeError where its title or abstract is no text."""
    title, abstract = row["title"], row["abstract"] or ""
    if not isinstance(title, str) or not isinstance(abstract, str):
        raise TypeError("a title or abstract is not a text")
    return Text(title, abstract)


def scores(methods: Mapping[str, Method], corpus: Corpus, cases: Sequence[Case]) -> dict[str, list[Floats]]:
    """Return, for each method, its scores of each case's candidates; shows its progress."""
    scores_of: dict[str, list[Floats]] = {}
    for name, method in methods.items():
        scorer = method(corpus)
        scores_of[name] = [np.asarray(scorer(case), dtype=np.float64) for case in tqdm(cases, desc=name, leave=False)]
    return scores_of
