"""Finding papers by their words and their meaning together, by id, and by their nearness to papers or a topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

import numpy as np
from django.db.models import Q

from papers.models import Paper, Topic
from recommender import query_encoder
from recommender.filters import NOTHING, Filters
from recommender.hits import Hit, Ids, Mask, Ranking, everything
from recommender.hybrid import fused
from recommender.index import bm25, exact, lexical
from recommender.models import EmbeddingModel, PaperTopic
from recommender.queries import Query, understood
from recommender.vectors import Vector

CHUNK = 2_048
UNLIKE = 0.5  # what nearness to an unwanted paper counts against nearness to a wanted one
AWAY = "Search by meaning is away at the moment: these papers were found by their words alone."


@dataclass(frozen=True, slots=True)
class Results:
    hits: list[Hit]
    how: Literal["meaning", "words", "id"]
    note: str = ""  # for the reader, where the search is not what it should be


def search(asked: str, *, limit: int = 20, offset: int = 0, filters: Filters = NOTHING) -> Results:
    """Papers for a query, best first, by words and meaning together; by words alone while the encoder is away.

    An arXiv id or link finds that one paper. What stands in quotes has to occur word for word.
    """
    query = understood(asked)
    if query.arxiv_id:
        return _by_id(query.arxiv_id)
    if not query.text:
        return Results([], "words")
    index = lexical.current()
    by_words = index.scores(query.text)
    by_meaning = _by_meaning(query.text, index)
    ranking = Ranking(index.ids, np.where(by_words > 0, by_words, -np.inf))
    if by_meaning is not None:
        ranking = Ranking(index.ids, fused(by_words, by_meaning), by_meaning)
    hits = ranking.only(_allowed(query, index, filters)).page(limit, offset, partial(_with_phrases, query))
    return Results(hits, "words", AWAY) if by_meaning is None else Results(hits, "meaning")


def similar(paper: Paper, n: int = 6) -> list[Hit]:
    """The n papers nearest to a paper; none if it has no vector yet."""
    return like([paper], limit=n)


def like(papers: Sequence[Paper], unlike: Sequence[Paper] = (), *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Papers near to some and far from others, by meaning; the named papers themselves are not among them."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return []
    index = exact.current(model)
    wanted, unwanted = (index.rows_of(paper.pk for paper in named) for named in (papers, unlike))
    if not len(wanted):
        return []
    similarities = index.similarities(index.vectors[wanted].mean(axis=0))
    scores = similarities
    if len(unwanted):
        scores = similarities - UNLIKE * index.similarities(index.vectors[unwanted].mean(axis=0))
    others = np.ones(len(index.ids), dtype=np.bool_)
    others[np.concatenate([wanted, unwanted])] = False
    return Ranking(index.ids, scores, similarities).only(others).page(limit, offset)


def topic_papers(topic: Topic, since: date, limit: int) -> list[Hit]:
    """The papers since a date that are shown under a topic, nearest first."""
    passed = Filters(since=since, topic=topic).papers()
    rows = PaperTopic.objects.filter(topic=topic, paper__in=passed).select_related("paper")
    return [Hit(row.paper, row.similarity) for row in rows.order_by("-similarity", "-paper")[:limit]]


def _by_id(arxiv_id: str) -> Results:
    found = Paper.objects.filter(Q(identifier=arxiv_id) | Q(aliases__identifier=arxiv_id)).first()
    if found is None:
        return Results([], "id", f"There is no paper {arxiv_id} here yet.")
    return Results([Hit(found, None)], "id")


def _by_meaning(text: str, papers: bm25.Index) -> Vector | None:
    """(n,) cosines in the order of the papers, NaN for one without a vector; None while there is no encoder."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return None
    try:
        [vector] = query_encoder.encode([text], model=model.name, dimension=model.dimension)
    except query_encoder.EncoderAway:
        return None
    index = exact.current(model)
    return aligned(index.similarities(vector), index.ids, papers.ids)


def aligned(values: Vector, ids: Ids, others: Ids) -> Vector:
    """Values of ascending ids in the order of other ascending ids, NaN for those that have none."""
    if np.array_equal(ids, others):
        return values
    found = np.full(len(others), np.nan, dtype=np.float32)
    _, here, there = np.intersect1d(ids, others, assume_unique=True, return_indices=True)
    found[there] = values[here]
    return found


def _allowed(query: Query, index: bm25.Index, filters: Filters) -> Mask:
    """(n,) which papers pass the filters and have all words of the phrases."""
    allowed = np.ones(len(index.ids), dtype=np.bool_)
    if filters != NOTHING:
        passing = filters.papers().values_list("pk", flat=True).iterator(chunk_size=CHUNK)
        allowed &= np.isin(index.ids, np.fromiter(passing, dtype=np.int64))
    return allowed & index.with_all(" ".join(query.phrases)) if query.phrases else allowed


def _with_phrases(query: Query, ids: Ids) -> Mask:
    """(n,) which papers have all phrases word for word."""
    if not query.phrases:
        return everything(ids)
    met = [key for key, text in lexical.texts(ids.tolist()) if query.is_met_by(text)]
    return np.isin(ids, np.array(met, dtype=np.int64))
