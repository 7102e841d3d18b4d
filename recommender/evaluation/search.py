"""How well the search finds what a query needs, beside simpler ways, on SciFact's claims and abstracts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from papers.evaluation import rows
from papers.evaluation.metrics import Figures, Ints, mean_of_parts, with_errors
from recommender.encoder import paper_text
from recommender.evaluation import vectors_cache
from recommender.hybrid import WORDS, Scale, best, fused
from recommender.index.layers import Layers
from recommender.index.words import Text, WordLayer, Words
from recommender.vectors import Matrix, Vector

CORPUS, QUERIES, JUDGED = (f"eval/scifact_{part}.jsonl.gz" for part in ("corpus", "queries", "qrels"))
GRID = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)  # shares of the words in the score
DEPTH = 10
RRF = 60  # of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)

Score = Callable[[Vector, Vector], Vector]  # (n,) BM25 and (n,) cosines → (n,) scores
METHODS: dict[str, Score] = {
    "bm25": lambda by_words, by_meaning: by_words,
    "dense": lambda by_words, by_meaning: by_meaning,
    "rrf": lambda by_words, by_meaning: reciprocal(by_words) + reciprocal(by_meaning),
}


@dataclass(frozen=True, slots=True)
class Query:
    identifier: str
    by_words: Vector  # (n,) BM25 of every paper
    by_meaning: Vector  # (n,) cosines
    wanted: NDArray[np.bool_]  # (n,)

    def ndcg(self, scores: Vector) -> float:
        gains = self.wanted[best(scores, np.arange(len(scores)), DEPTH)]
        discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
        return float(gains @ discounts[: len(gains)] / discounts[: min(DEPTH, self.wanted.sum())].sum())


@dataclass(frozen=True, slots=True)
class Result:
    """n queries; figures by method; the shares of the words used, one for each half."""

    n: int
    methods: dict[str, Figures]
    shares: tuple[float, ...]


def evaluate(folder: Path, *, all_rows: bool) -> Result:
    """With all_rows the share as shipped on everything, else chosen on one half and judged on the other, twice.

    Simpler methods have nothing to choose and are judged on the same halves. rows.DataUnusable, encoder.ModelMissing.
    """
    queries = load(folder)
    halves = [queries] if all_rows else split(queries)
    if not all(halves):
        raise rows.DataUnusable(f"{folder} holds too few queries with papers to find. Add more, or add --all.")
    shares = (WORDS,) if all_rows else tuple(best_share(other) for other in reversed(halves))
    parts = [judged(half, share) for half, share in zip(halves, shares, strict=True)]
    means = {name: mean_of_parts([part[name] for part in parts]) for name in parts[0]}
    return Result(len(queries), means, shares)


def load(folder: Path) -> list[Query]:
    """Every query that has a paper to find, scored by the same two indexes that the search uses."""
    papers = rows.read(folder, CORPUS, lambda row: (str(row["doc_id"]), paper_text(row["title"], row["abstract"])))
    asked = rows.read(folder, QUERIES, lambda row: (str(row["query_id"]), str(row["text"])))
    wanted = defaultdict(set)
    for query, paper in rows.read(folder, JUDGED, lambda row: (str(row["query_id"]), str(row["doc_id"]))):
        wanted[query].add(paper)
    identifiers, texts = np.array([one for one, _ in papers]), [text for _, text in papers]
    keys = np.arange(len(papers))
    layer = WordLayer.of(Text(key, 0, text, 0, ()) for key, text in enumerate(texts))
    nothing: Layers[WordLayer] = Layers()
    words, by_meaning = Words(nothing.with_layer(layer)), encoded(texts)
    vectors = encoded([text for _, text in asked])
    return [
        Query(one, words.scores(text).of(keys), by_meaning @ vector, found)
        for (one, text), vector in zip(asked, vectors, strict=True)
        if (found := np.isin(identifiers, list(wanted[one]))).any()
    ]


def encoded(texts: Sequence[str]) -> Matrix:
    return vectors_cache.encode(texts, settings.EMBEDDING_MODEL, settings.VAR_DIR / "evaluation" / "vectors.sqlite3")


def split(queries: Sequence[Query]) -> list[list[Query]]:
    odd = {one.identifier for one in queries if sha256(one.identifier.encode()).digest()[0] % 2}
    return [[one for one in queries if (one.identifier in odd) == half] for half in (False, True)]


def best_share(queries: Sequence[Query]) -> float:
    """The share of the grid that serves best; of equal ones the first."""
    return max(GRID, key=lambda share: float(ndcgs(queries, ours(share)).mean()))


def judged(queries: Sequence[Query], share: float) -> dict[str, Figures]:
    methods = {"ours": ours(share), **METHODS}
    found = {name: ndcgs(queries, score) for name, score in methods.items()}
    figures = {name: with_errors({"ndcg10": mean_of(values)}, len(queries)) for name, values in found.items()}
    gain = with_errors({"gain": mean_of(found["ours"] - found["bm25"])}, len(queries))
    return {**figures, "ours": figures["ours"] | gain}


def mean_of(values: NDArray[np.float64]) -> Callable[[Ints], float]:
    return lambda chosen: float(values[chosen].mean())


def ndcgs(queries: Sequence[Query], score: Score) -> NDArray[np.float64]:
    return np.array([query.ndcg(score(query.by_words, query.by_meaning)) for query in queries])


def ours(share: float) -> Score:
    return lambda by_words, by_meaning: fused(standard(by_words), standard(by_meaning), share)


def standard(values: Vector) -> Vector:
    return Scale.of(values).standard(values)


def reciprocal(scores: Vector) -> Vector:
    """(n,) scores → (n,) 1 / (60 + place)."""
    places = np.empty(len(scores), dtype=np.float32)
    places[best(scores, np.arange(len(scores)), len(scores))] = np.arange(1, len(scores) + 1)
    return np.asarray(1 / (RRF + places), dtype=np.float32)


def table(result: Result) -> list[str]:
    """Lines for people."""
    shown = [f"{name:8} {one['ndcg10']:.3f} ± {one['ndcg10_se']:.3f}" for name, one in result.methods.items()]
    gain = result.methods["ours"]
    return [
        f"{'':8} nDCG@10",
        *shown,
        f"Ours above BM25, query by query: {gain['gain']:+.3f} ± {gain['gain_se']:.3f}.",
        f"{result.n} queries; ± is one standard error.",
        *(f"Used: {share:g} words + {1 - share:g} meaning." for share in result.shares),
    ]


def as_json(result: Result) -> str:
    return json.dumps({"n": result.n, "methods": result.methods})
