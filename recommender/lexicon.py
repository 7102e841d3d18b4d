"""Words as evidence: a corpus' vocabulary, texts as sparse unit vectors, and a reader as some hundred weighted terms.

Pure arithmetic on texts and SciPy's compressed rows; no database, no clock.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

from recommender.vectors import Matrix, Vector

Sparse: TypeAlias = Any  # a scipy.sparse.csr_array of float32
FEWEST_TEXTS = 2  # a term of one text links it with nothing
MOST_TERMS = 200_000  # in a vocabulary, about 30 MB
READER_TERMS = 500
SHARPNESS = 2.0  # of the idf: labs and projects are told by their rare words
_WORD = re.compile(r"\w\w+")
_STOP = """
    a about above across after again against all almost also although always among an and any are as at be because
    been before being below between both but by can cannot could did do does done down due during each either else
    etc even ever every few for from further had has have having he hence her here his how however if in indeed into
    is it its itself just least less many may me might more moreover most much must my neither never no nor not now of
    off often on once one only onto or other others otherwise our out over own per perhaps rather same several she
    should since so some still such than that the their them then there thereby therefore these they this those though
    through throughout thus to together too toward towards under until up upon us very via was we well were what when
    where whereas whether which while who whom whose why will with within without would yet you your
"""
STOP_WORDS = frozenset(_STOP.split())


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The terms of a corpus: words, and pairs of words that follow one another."""

    columns: dict[str, int]  # of each term
    rarity: Vector  # (t,) its weight for being rare

    def __len__(self) -> int:
        return len(self.columns)


def terms(text: str) -> Iterator[str]:
    """The words of a text in lower case without stop words, then its pairs of words, both with repetitions."""
    words = [word for word in _WORD.findall(text.lower()) if word not in STOP_WORDS]
    yield from words
    for one, other in pairwise(words):
        yield f"{one} {other}"


def learn(texts: Iterable[str], most: int = MOST_TERMS) -> Vocabulary:
    """The terms that at least two of the texts have, of too many the commonest, each weighted for its rarity.

    The weight is (1 + ln((1 + n) / (1 + df)))², df of n texts having the term: its smooth idf, squared.
    """
    counts: Counter[str] = Counter()
    n = 0
    for text in texts:
        counts.update(set(terms(text)))
        n += 1
    kept = [(term, count) for term, count in counts.items() if count >= FEWEST_TEXTS]
    kept.sort(key=lambda one: (-one[1], one[0]))
    frequencies = np.array([count for _, count in kept[:most]], dtype=np.float32)
    columns = {term: at for at, (term, _) in enumerate(kept[:most])}
    idf = 1 + np.log((1 + n) / (1 + frequencies))
    return Vocabulary(columns, np.asarray(idf**SHARPNESS, dtype=np.float32))


def unit_rows(texts: Sequence[str], vocabulary: Vocabulary) -> Sparse:
    """n texts → (n, t) unit rows of (1 + ln count) · rarity; a text without any known term is a row of zeros."""
    rows = [Counter(vocabulary.columns[term] for term in terms(text) if term in vocabulary.columns) for text in texts]
    starts = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    columns = np.fromiter((column for row in rows for column in row), dtype=np.int32, count=starts[-1])
    counts = np.fromiter((count for row in rows for count in row.values()), dtype=np.float32, count=starts[-1])
    weights = (1 + np.log(counts)) * vocabulary.rarity[columns]
    found = sparse.csr_array((weights, columns, starts), shape=(len(rows), len(vocabulary)), dtype=np.float32)
    return in_unit_length(found)


def in_unit_length(rows: Sparse) -> Sparse:
    """Each row of (n, t) scaled to length 1; rows of zeros stay."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64)).ravel()
    scaled = rows.copy()
    scaled.data = scaled.data / np.repeat(np.where(lengths > 0, lengths, 1), np.diff(rows.indptr)).astype(np.float32)
    return scaled


def profile(rows: Sparse, weights: Vector | None = None, most: int = READER_TERMS) -> Sparse:
    """(m, t) rows of what a reader likes, with weights (negative ones for dislikes) → (1, t): the reader's terms.

    Their weighted sum, of which only the terms of largest absolute weight are kept, in unit length; zeros for m = 0.
    """
    counts = np.ones(rows.shape[0], dtype=np.float32) if weights is None else weights
    return in_unit_length(strongest(sparse.csr_array(counts[None, :]) @ rows, most))


def strongest(row: Sparse, most: int) -> Sparse:
    """(1, t) → (1, t) with the terms of largest absolute weight alone; of equal ones those of the lower columns."""
    if row.nnz <= most:
        return row
    row = row.sorted_indices()
    kept = np.sort(np.argsort(-np.abs(row.data), kind="stable")[:most])
    return sparse.csr_array((row.data[kept], row.indices[kept], [0, most]), shape=row.shape)


def similarities(readers: Sparse, papers: Sparse) -> Matrix:
    """(r, t) terms of readers and (n, t) unit rows of papers → (r, n) float32 cosines, one sparse product for all."""
    return np.asarray((readers @ papers.T).toarray(), dtype=np.float32)
