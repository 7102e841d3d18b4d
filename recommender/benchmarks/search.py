"""How long a whole search takes: request, encoder, words, vectors, page; beside a bare matrix-vector product."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import CommandError

from papers.evaluation.rows import DataUnusable
from recommender.benchmarks import corpus
from recommender.benchmarks.figures import Detail, Figure
from recommender.benchmarks.site import NotServing, Site, serving
from recommender.encoding import encoder
from recommender.index import choice, engines, scratch
from recommender.index.layers import Ids
from recommender.models import EmbeddingModel, PaperVector
from recommender.search.hits import DEPTH
from recommender.vectors import Matrix, Vector, unpack_rows

SIZES = (10_000, 100_000, 1_000_000)
USUAL = 100_000
ASKED = 300
NARROWED = 60
WARM_UP = 20
SHOWN = 10  # papers that recall looks at
AT_ONCE = 10_000
FILTERS = {"since": "2026-01-01", "code": "1"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--papers", type=int, default=USUAL, metavar="N", help="how many papers at most (%(default)s)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="a folder of recorded data to make the papers of")


def measure(*, papers: int, data: Path | None, **options: Any) -> Iterator[Figure]:
    """Yield figures for 10,000 papers and ten times as many and so on up to the number asked for."""
    try:
        models = corpus.from_folder(data) if data else corpus.from_database()
        with scratch.database() as url:
            for size in [*(smaller for smaller in SIZES if smaller < papers), papers]:
                yield from figures(models, corpus.grow(models, size), size, url)
    except (DataUnusable, NotServing) as error:
        raise CommandError(str(error)) from error


def figures(models: corpus.Models, model: EmbeddingModel, size: int, url: str) -> Iterator[Figure]:
    queries = excerpts(models.abstracts, WARM_UP + ASKED + NARROWED)
    details: dict[str, Detail] = {"papers": size, "index": choice.name()}
    with serving(url) as site:
        details["first_start_s"] = site.wait()
        times = milliseconds(site, queries[: WARM_UP + ASKED])[WARM_UP:]
        details["narrowed_median_ms"] = float(np.median(milliseconds(site, queries[-NARROWED:], **FILTERS)))
        details["web_process_mb"] = site.memory()
    vectors, ids = everything(model, size)
    asked = encoder.load(model.name).encode_queries(queries[WARM_UP : WARM_UP + 100])
    limit = _median_ms(lambda query: vectors @ query, asked[:20])
    details["recall_at_10"] = _recall(model, vectors, ids, asked)
    for name, part in (("median", 0.5), ("99 of 100", 0.99)):
        value = float(np.quantile(times, part))
        yield Figure(f"search, {name}", value, "ms", limit, value / limit, details)


def milliseconds(site: Site, queries: Sequence[str], **filters: str) -> list[float]:
    return [site.search(query, **filters).milliseconds for query in queries]


def excerpts(texts: Sequence[str], count: int) -> list[str]:
    """Return five to twelve words in a row, each time from another text: queries that no cache has seen."""
    random = np.random.default_rng(2)
    queries = []
    for text in (texts[int(at)].split() for at in random.integers(len(texts), size=count)):
        start = int(random.integers(max(len(text) - 12, 1)))
        queries.append(" ".join(text[start : start + int(random.integers(5, 13))]) or "a paper")
    return queries


def everything(model: EmbeddingModel, size: int) -> tuple[Matrix, Ids]:
    """Return all stored vectors, (n, d) float32, and the keys of their papers, (n,)."""
    vectors, ids = np.empty((size, model.dimension), dtype=np.float32), np.empty(size, dtype=np.int64)
    stored = PaperVector.objects.filter(model=model).order_by("pk").values_list("pk", "paper", engines.RAW)
    last, start = 0, 0
    while rows := list(stored.filter(pk__gt=last)[:AT_ONCE]):
        span = slice(start, start + len(rows))
        ids[span] = [row[1] for row in rows]
        vectors[span] = unpack_rows([row[2] for row in rows], model.dimension)
        last, start = rows[-1][0], start + len(rows)
    return vectors, ids


def _recall(model: EmbeddingModel, vectors: Matrix, ids: Ids, queries: Matrix) -> float:
    """Return the share of the ten nearest papers, by all vectors in full, that are among the ten found by the index."""
    index = choice.caught_up(model)
    shares = []
    for query in queries:
        near = np.sort(index.near(query, DEPTH).ids)
        best = near[np.argsort(-engines.cosines(model, query, near))[:SHOWN]]
        exact = ids[np.argpartition(-(vectors @ query), SHOWN)[:SHOWN]]
        shares.append(len(np.intersect1d(best, exact)) / SHOWN)
    return float(np.mean(shares))


def _median_ms(work: Callable[[Vector], object], queries: Matrix) -> float:
    times = []
    for query in queries:
        began = time.perf_counter()
        work(query)
        times.append((time.perf_counter() - began) * 1000)
    return float(np.median(times))
