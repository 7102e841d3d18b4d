"""How well the search finds what a query needs, beside simpler ways, on SciFact's claims and abstracts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from django.utils.timezone import now
from numpy.typing import NDArray

from papers.evaluation import rows
from papers.evaluation.metrics import Figures, Ints, mean_of_parts, with_errors
from papers.models import Paper
from recommender.encoding.encoder import paper_text
from recommender.evaluation import vectors_cache
from recommender.index import choice, lexical, scratch
from recommender.index.hybrid import WORDS, Scale, best, fused
from recommender.index.words import NO_IDS
from recommender.models import EmbeddingModel, PaperVector
from recommender.search import ranks
from recommender.search.hits import DEPTH as PLACES
from recommender.vectors import Matrix, Vector

CORPUS, QUERIES, JUDGED = (f"eval/scifact_{part}.jsonl.gz" for part in ("corpus", "queries", "qrels"))
GRID = (0.2, 0.25, 0.3, 0.35, 0.4, 0.5)  # shares of the words in the score
DEPTH = 10
RRF = 60  # of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)

Score = Callable[[Vector, Vector], Vector]  # (n,) BM25 and (n,) cosines → (n,) scores
METHODS: dict[str, Score] = {
    "bm25": lambda by_words, by_meaning: by_words,
    "dense": lambda by_words, by_meaning: by_meaning,
    "rrf": lambda by_words, by_meaning: _reciprocal(by_words) + _reciprocal(by_meaning),
}


@dataclass(frozen=True, slots=True)
class Query:
    identifier: str
    by_words: Vector  # (n,) BM25 of every paper
    by_meaning: Vector  # (n,) cosines
    by_site: Vector  # (n,) scores of the papers that the site finds, in its order; 0 for the others
    wanted: NDArray[np.bool_]  # (n,)

    def ndcg(self, scores: Vector) -> float:
        gains = self.wanted[best(scores, np.arange(len(scores)), DEPTH)]
        discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
        return float(gains @ discounts[: len(gains)] / discounts[: min(DEPTH, self.wanted.sum())].sum())


@dataclass(frozen=True, slots=True)
class Result:
    """n queries; the index of vectors that the site used; figures by method; the words' shares, one for each half."""

    n: int
    index: str
    methods: dict[str, Figures]
    shares: tuple[float, ...]


def evaluate(folder: Path, *, all_rows: bool) -> Result:
    """Measure the search: with all_rows as shipped on everything, else chosen on one half and judged on the other.

    Each half judges once. Simpler methods have no choice. Raises rows.DataUnusable, encoder.ModelMissing.
    """
    queries, index = load(folder)
    halves = [queries] if all_rows else split(queries)
    if not all(halves):
        raise rows.DataUnusable(f"{folder} holds too few queries with papers to find. Add more, or add --all.")
    shares = (WORDS,) if all_rows else tuple(_best_share(other) for other in reversed(halves))
    parts = [_judged(half, share) for half, share in zip(halves, shares, strict=True)]
    means = {name: mean_of_parts([part[name] for part in parts]) for name in parts[0]}
    return Result(len(queries), index, means, shares)


def load(folder: Path) -> tuple[list[Query], str]:
    """Load every query that has a paper to find, as the database finds it, and the name of the index of vectors."""
    papers = rows.read(folder, CORPUS, lambda row: (str(row["doc_id"]), (str(row["title"]), str(row["abstract"]))))
    asked = rows.read(folder, QUERIES, lambda row: (str(row["query_id"]), str(row["text"])))
    wanted = defaultdict(set)
    for query, paper in rows.read(folder, JUDGED, lambda row: (str(row["query_id"]), str(row["doc_id"]))):
        wanted[query].add(paper)
    identifiers = np.array([one for one, _ in papers])
    vectors = encoded([paper_text(*text) for _, text in papers])
    of_queries = encoded([text for _, text in asked], queries=True)
    with scratch.database():
        model = store([text for _, text in papers], vectors)
        return [
            _asked_of_site(one, text, ranks.Meaning(model, vector), vectors=vectors, wanted=found)
            for (one, text), vector in zip(asked, of_queries, strict=True)
            if (found := np.isin(identifiers, list(wanted[one]))).any()
        ], choice.name()


def store(texts: Sequence[tuple[str, str]], vectors: Matrix) -> EmbeddingModel:
    """Store the papers under the keys 1, 2, …, as the site has them."""
    model = EmbeddingModel.objects.create(name=settings.EMBEDDING_MODEL, dimension=vectors.shape[1], serving=True)
    papers = [
        Paper(pk=key, identifier=f"test:{key}", title=one, abstract=two) for key, (one, two) in enumerate(texts, 1)
    ]
    Paper.objects.bulk_create(papers)
    known = {"model": model, "text_hash": b"", "paper_updated_at": now()}
    rows_of = [PaperVector(paper=paper, vector=vector, **known) for paper, vector in zip(papers, vectors, strict=True)]
    PaperVector.objects.bulk_create(rows_of)
    choice.warm_up()
    return model


def _asked_of_site(
    identifier: str, text: str, meaning: ranks.Meaning, *, vectors: Matrix, wanted: NDArray[np.bool_]
) -> Query:
    by_words = lexical.current().scores(text)
    order = ranks.by_both(by_words, meaning, None, NO_IDS, PLACES).ids - 1
    by_site = np.zeros(len(vectors), dtype=np.float32)
    by_site[order] = np.arange(len(order), 0, -1)
    return Query(identifier, by_words.of(np.arange(1, len(vectors) + 1)), vectors @ meaning.vector, by_site, wanted)


def encoded(texts: Sequence[str], *, queries: bool = False) -> Matrix:
    path = settings.VAR_DIR / "evaluation" / "vectors.sqlite3"
    return vectors_cache.encode(texts, settings.EMBEDDING_MODEL, path, queries=queries)


def split(queries: Sequence[Query]) -> list[list[Query]]:
    return [[query for query in queries if rows.is_odd(query.identifier) == half] for half in (False, True)]


def _best_share(queries: Sequence[Query]) -> float:
    """Return the share of the grid that serves best; of equal ones the first."""
    return max(GRID, key=lambda share: float(_ndcgs(queries, ours(share)).mean()))


def _judged(queries: Sequence[Query], share: float) -> dict[str, Figures]:
    methods = {"ours": ours(share), **METHODS}
    gains = {name: _ndcgs(queries, score) for name, score in methods.items()}
    gains["site"] = np.array([query.ndcg(query.by_site) for query in queries])
    figures = {name: with_errors({"ndcg10": _mean_of(values)}, len(queries)) for name, values in gains.items()}
    gain = with_errors({"gain": _mean_of(gains["ours"] - gains["bm25"])}, len(queries))
    return {**figures, "ours": figures["ours"] | gain}


def _mean_of(values: NDArray[np.float64]) -> Callable[[Ints], float]:
    return lambda chosen: float(values[chosen].mean())


def _ndcgs(queries: Sequence[Query], score: Score) -> NDArray[np.float64]:
    return np.array([query.ndcg(score(query.by_words, query.by_meaning)) for query in queries])


def ours(share: float) -> Score:
    return lambda by_words, by_meaning: fused(standard(by_words), standard(by_meaning), share)


def standard(values: Vector) -> Vector:
    return Scale.of(values).standard(values)


def _reciprocal(scores: Vector) -> Vector:
    """Map (n,) scores to (n,) 1 / (60 + place)."""
    places = np.empty(len(scores), dtype=np.float32)
    places[best(scores, np.arange(len(scores)), len(scores))] = np.arange(1, len(scores) + 1)
    return np.asarray(1 / (RRF + places), dtype=np.float32)


def table(result: Result) -> list[str]:
    """Return lines for people to read."""
    shown = [f"{name:8} {one['ndcg10']:.3f} ± {one['ndcg10_se']:.3f}" for name, one in result.methods.items()]
    gain = result.methods["ours"]
    return [
        f"{'':8} nDCG@10",
        *shown,
        f"Ours above BM25, query by query: {gain['gain']:+.3f} ± {gain['gain_se']:.3f}.",
        f"The site's own answers stand on the index {result.index!r}; its share of the words is {WORDS:g}.",
        f"{result.n} queries; ± is one standard error.",
        *(f"Used: {share:g} words + {1 - share:g} meaning." for share in result.shares),
    ]


def as_json(result: Result) -> str:
    return json.dumps({"n": result.n, "index": result.index, "methods": result.methods})
