"""Words as evidence: a corpus' vocabulary, texts as sparse unit vectors, and a reader as some hundred weighted terms.

A term is known by a 32-bit number, so that what is stored of a reader stands for the same words whatever the
vocabulary of the day is. Pure arithmetic on texts and SciPy's compressed rows; no database, no clock.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from recommender.vectors import Matrix, Vector

Sparse: TypeAlias = Any  # a scipy.sparse.csr_array of float32
Keys = NDArray[np.uint32]  # numbers of terms
FEWEST_TEXTS = 2  # a term of one text links it with nothing
MOST_TERMS = 200_000  # in a vocabulary, some 2 MB
READER_TERMS = 500
SHARPNESS = 2.0  # of the idf: labs and projects are told by their rare words
WORD = re.compile(r"\w\w+")
_HALF = np.uint64(32)  # bits of a term's number
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

    keys: Keys  # (t,) ascending
    rarity: Vector  # (t,) the weight of each for being rare

    def __len__(self) -> int:
        return len(self.keys)

    def columns(self, keys: Keys) -> NDArray[np.int64]:
        """Map (m,) numbers of terms to (m,) columns, −1 for a term that the corpus does not have."""
        if not len(self):
            return np.full(len(keys), -1, dtype=np.int64)
        positions = np.searchsorted(self.keys, keys).clip(max=len(self) - 1)
        return np.where(self.keys[positions] == keys, positions, -1)


NO_WORDS = Vocabulary(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Terms:
    """A sparse unit vector that outlives its vocabulary: a reader's terms."""

    keys: Keys  # (m,) ascending
    weights: Vector  # (m,)


NO_TERMS = Terms(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32))


def terms(text: str) -> Iterator[str]:
    """Yield the words of a text in lower case without stop words, then its pairs of words, both with repetitions."""
    words = [word for word in WORD.findall(text.lower()) if word not in STOP_WORDS]
    yield from words
    for word, following in pairwise(words):
        yield f"{word} {following}"


def key(term: str) -> int:
    """Return the number of a term, its CRC-32: of 200,000 terms some five share theirs with another."""
    return crc32(term.encode())


def keys(text: str) -> Keys:
    """Return the numbers of a text's terms, with repetitions, in the order of terms.

    The number of a pair goes on from that of its first word, so that no pair is written.
    """
    words = [word.encode() for word in WORD.findall(text.lower()) if word not in STOP_WORDS]
    ones = list(map(crc32, words))
    pairs = map(crc32, map(b" ".__add__, words[1:]), ones)
    return np.array([*ones, *pairs], dtype=np.uint32)


def learn(texts: Iterable[str], most: int = MOST_TERMS) -> Vocabulary:
    """Learn the terms that at least two of the texts have, of too many the commonest, each weighted for its rarity.

    The weight is (1 + ln((1 + n) / (1 + df)))², where df of n texts have the term: the smooth inverse document
    frequency of scikit-learn's TfidfVectorizer, squared.
    """
    counts: Counter[int] = Counter()
    n = 0
    for text in texts:
        counts.update(set(keys(text).tolist()))
        n += 1
    kept = [(number, count) for number, count in counts.items() if count >= FEWEST_TEXTS]
    kept = sorted(sorted(kept, key=lambda item: (-item[1], item[0]))[:most])
    frequencies = np.array([count for _, count in kept], dtype=np.float32)
    idf = 1 + np.log((1 + n) / (1 + frequencies))
    return Vocabulary(np.array([number for number, _ in kept], dtype=np.uint32), np.asarray(idf**SHARPNESS))


def is_of(text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether the vocabulary has half of the text's words or more: it has few of another language."""
    words = {word for word in WORD.findall(text.lower()) if word not in STOP_WORDS}
    known = vocabulary.columns(np.fromiter(map(key, words), dtype=np.uint32)) >= 0
    return bool(len(words)) and bool(known.mean() >= 0.5)


def unit_rows(texts: Sequence[str], vocabulary: Vocabulary) -> Sparse:
    """Turn n texts into (n, t) unit rows of (1 + ln count) · rarity; a text without a known term is a row of zeros."""
    own = [keys(text) for text in texts]
    text_of = np.repeat(np.arange(len(own), dtype=np.uint64), [len(each) for each in own])
    # One sort for all texts: a row's number stands before a term's.
    both, counts = np.unique(text_of << _HALF | np.concatenate([NO_TERMS.keys, *own]), return_counts=True)
    columns = vocabulary.columns(both.astype(np.uint32))
    known = np.flatnonzero(columns >= 0)
    columns, row_of = columns[known], (both[known] >> _HALF).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(row_of, minlength=len(own)))])
    weights = ((1 + np.log(counts[known])) * vocabulary.rarity[columns]).astype(np.float32)
    return _in_unit_length(sparse.csr_array((weights, columns, starts), shape=(len(own), len(vocabulary))))


def _in_unit_length(rows: Sparse) -> Sparse:
    """Scale each row of (n, t) to length 1; rows of zeros stay."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1), dtype=np.float64)).ravel()
    scaled = rows.copy()
    scaled.data = scaled.data / np.repeat(np.where(lengths > 0, lengths, 1), np.diff(rows.indptr)).astype(np.float32)
    return scaled


def profile(rows: Sparse, weights: Vector | None = None, most: int = READER_TERMS) -> Sparse:
    """Return the (1, t) terms of a reader, from (m, t) rows of what they like, and (m,) weights, negative for dislikes.

    This is the weighted sum of the rows, cut to its most terms of largest absolute weight, in unit length; zeros for
    m = 0. It is Rocchio's formula (1971), without the query.
    """
    counts = np.ones(rows.shape[0], dtype=np.float32) if weights is None else weights
    return _in_unit_length(_strongest(sparse.csr_array(counts[None, :]) @ rows, most))


def _strongest(row: Sparse, most: int) -> Sparse:
    """Keep of (1, t) only the terms of largest absolute weight; of equal ones those of the lower columns."""
    if row.nnz <= most:
        return row
    row = row.sorted_indices()
    kept = np.sort(np.argsort(-np.abs(row.data), kind="stable")[:most])
    return sparse.csr_array((row.data[kept], row.indices[kept], [0, most]), shape=row.shape)


def stored(rows: Sparse, vocabulary: Vocabulary) -> list[Terms]:
    """Return the terms of each row of (n, t) by their numbers."""
    rows = rows.sorted_indices()
    keys, weights = vocabulary.keys[rows.indices], rows.data.astype(np.float32)
    ends = rows.indptr[1:-1]
    return [Terms(*both) for both in zip(np.split(keys, ends), np.split(weights, ends), strict=True)][: rows.shape[0]]


def similarities(readers: Sparse, papers: Sparse) -> Matrix:
    """Return (r, n) float32 cosines of (r, t) terms of readers and (n, t) unit rows of papers; one product."""
    return np.asarray((readers @ papers.T).toarray(), dtype=np.float32)


PACKED = np.dtype([("key", "<u4"), ("weight", "<f2")])


def pack(terms: Terms) -> bytes:
    """Pack terms into six bytes each: its number, and its weight as float16."""
    rows = np.empty(len(terms.keys), dtype=PACKED)
    rows["key"], rows["weight"] = terms.keys, terms.weights
    return rows.tobytes()


def unpack(data: bytes | memoryview) -> Terms:
    """Unpack what pack gave, with float32 weights."""
    rows = np.frombuffer(data, dtype=PACKED)
    return Terms(rows["key"].copy(), rows["weight"].astype(np.float32))
