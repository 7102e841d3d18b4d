"""Find papers by their words and their meaning together, by id, and by their nearness to papers or a topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import numpy as np
from django.db.models import Q
from django.db.models.functions import Coalesce

from papers.models import Paper
from recommender.encoding import query_encoder
from recommender.index import choice, engines, lexical
from recommender.index.hybrid import fused
from recommender.index.layers import Ids, Mask
from recommender.index.words import Words, WordScores
from recommender.models import EmbeddingModel
from recommender.search.filters import NOTHING, Filters
from recommender.search.hits import Hit, Ranking, everything, page
from recommender.search.queries import Query, understood
from recommender.vectors import Vector

DAY = Coalesce(*lexical.DAYS)
UNLIKE = 0.5  # what nearness to an unwanted paper counts against nearness to a wanted one
AWAY = "Search by meaning is away at the moment: these papers were found by their words alone."
BEHIND = "Many papers have just come in: those that are still being read cannot be found yet."


@dataclass(frozen=True, slots=True)
class Results:
    hits: list[Hit]
    how: Literal["meaning", "words", "id"]
    note: str = ""  # for the reader, where the search is not what it should be

    @property
    def notes(self) -> list[str]:
        return [self.note] if self.note else []

    def first(self, limit: int) -> Results:
        """Return the same with at most limit hits."""
        return replace(self, hits=self.hits[:limit])


def search(asked: str, *, limit: int = 20, offset: int = 0, filters: Filters = NOTHING) -> Results:
    """Return papers for a query, best first, by words and meaning together; by words alone while the encoder is away.

    An arXiv id or link finds that one paper. Words in quotes have to occur in that form.
    """
    query = understood(asked)
    if query.arxiv_id:
        return _by_id(query.arxiv_id)
    if not query.text:
        return Results([], "words")
    papers = lexical.current()
    allowed = _allowed(query, papers, filters)
    by_words = papers.scores(query.text)
    meaning = _meaning(query.text)
    if meaning is None:
        return Results(page(partial(_by_words, by_words, allowed), limit, offset, _fitting(query)), "words", AWAY)
    rank = partial(by_both, by_words, meaning, allowed)
    hits = page(rank, limit, offset, _fitting(query))
    return Results(hits, "meaning", BEHIND if choice.is_behind(meaning.model) else "")


def similar(paper: Paper, n: int = 6) -> list[Hit]:
    """Return the n papers nearest to a paper; none if it has no vector yet."""
    return like([paper], limit=n)


def like(papers: Sequence[Paper], unlike: Sequence[Paper] = (), *, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Return papers near to some and far from others, by meaning; the named papers themselves are left out."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return []
    wanted, unwanted = (_centre(model, named) for named in (papers, unlike))
    if wanted is None:
        return []
    target = wanted if unwanted is None else wanted - UNLIKE * unwanted
    named = np.array([paper.pk for paper in (*papers, *unlike)], dtype=np.int64)
    rank = partial(_by_nearness, model, target, shown=wanted, named=np.unique(named))
    return page(rank, limit, offset)


def _by_id(arxiv_id: str) -> Results:
    paper = Paper.objects.filter(Q(identifier=arxiv_id) | Q(aliases__identifier=arxiv_id)).first()
    if paper is None:
        return Results([], "id", f"There is no paper {arxiv_id} here yet.")
    return Results([Hit(paper, None)], "id")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A query as a vector of the serving model."""

    model: EmbeddingModel
    vector: Vector


def _meaning(text: str) -> Meaning | None:
    """Return the meaning of a text, None while there is no encoder."""
    model = EmbeddingModel.objects.serving()
    if model is None:
        return None
    try:
        encoded = query_encoder.encode_for([text], model)
        return Meaning(model, encoded[0])
    except query_encoder.EncoderAway:
        return None


def _by_words(scores: WordScores, allowed: list[Mask] | None, depth: int) -> Ranking:
    ids = scores.best(depth, allowed)
    return Ranking(ids, np.full(len(ids), np.nan, dtype=np.float32))


def by_both(by_words: WordScores, meaning: Meaning, allowed: list[Mask] | None, depth: int) -> Ranking:
    """Return the best papers by either kind of evidence, in the order of both together."""
    table = None if allowed is None else by_words.papers.table(allowed)
    near = choice.engine_of(meaning.model).near(meaning.vector, depth, table)
    ids = np.union1d(near.ids, by_words.best(depth, allowed))
    similarities = engines.cosines(meaning.model, meaning.vector, ids)
    scores = fused(by_words.scale.standard(by_words.of(ids)), near.scale.standard(similarities))
    return Ranking.of(ids, scores, similarities)


def _by_nearness(model: EmbeddingModel, target: Vector, depth: int, *, shown: Vector, named: Ids) -> Ranking:
    """Return the papers nearest to a target but for those named, with their similarities to what is shown."""
    near = choice.engine_of(model).near(target, depth + len(named))
    ids, vectors = engines.stored(model, np.setdiff1d(near.ids, named))
    return Ranking.of(ids, vectors @ target, vectors @ shown)


def _centre(model: EmbeddingModel, papers: Sequence[Paper]) -> Vector | None:
    """Return (d,) the mean of some papers' vectors; None if none has one."""
    _, vectors = engines.stored(model, np.array([paper.pk for paper in papers], dtype=np.int64))
    return np.asarray(vectors.mean(axis=0)) if len(vectors) else None


def _allowed(query: Query, papers: Words, filters: Filters) -> list[Mask] | None:
    """Return, for each part of the words, a mask (n,) by filters and phrases; None if all papers may be found."""
    passing = filters.allowed(papers)
    if not query.phrases:
        return passing
    having = papers.with_all(" ".join(query.phrases))
    return having if passing is None else [before & other for before, other in zip(passing, having, strict=True)]


def _fitting(query: Query) -> Callable[[Ids], Mask]:
    return partial(_with_phrases, query) if query.phrases else everything


def _with_phrases(query: Query, ids: Ids) -> Mask:
    """Return a mask (n,) of the papers that have all phrases word for word."""
    met = [key for key, text in lexical.texts(ids.tolist()) if query.is_met_by(text)]
    return np.isin(ids, np.array(met, dtype=np.int64))
