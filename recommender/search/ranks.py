"""Put papers in an order: by words and meaning together, by words, by nearness, or by day. How deep is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from papers.models import Paper
from recommender.encoding import query_encoder
from recommender.index import choice, engines
from recommender.index.hybrid import fused
from recommender.index.layers import Ids, Mask
from recommender.index.words import Words, WordScores
from recommender.models import EmbeddingModel
from recommender.search.hits import Ranking
from recommender.vectors import Vector

UNLIKE = 0.5  # what nearness to an unwanted paper counts against nearness to a wanted one
LIKE = 0.75  # what nearness to named papers counts beside nearness to the words of a query
Allowed = Sequence[Mask] | None  # for each part of the words, the papers that may be found; None for all


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is looked for as a vector of the serving model."""

    model: EmbeddingModel
    vector: Vector


@dataclass(frozen=True)
class Examples:
    """Papers that results are to be like, and unlike; none of them is a result."""

    like: Sequence[Paper] = ()
    unlike: Sequence[Paper] = ()

    def __bool__(self) -> bool:
        return bool(self.like or self.unlike)

    @cached_property
    def keys(self) -> Ids:
        return np.unique(np.array([paper.pk for paper in (*self.like, *self.unlike)], dtype=np.int64))

    def moved(self, model: EmbeddingModel, query: Vector | None) -> Vector | None:
        """Return (d,) a query's vector moved towards some papers and away from others; None where nothing leads."""
        liked, unliked = _centre(model, self.like), _centre(model, self.unlike)
        parts = [query, None if liked is None else (liked if query is None else LIKE * liked)]
        towards = [part for part in parts if part is not None]
        if not towards:
            return None
        target = np.sum(towards, axis=0)
        return np.asarray(target if unliked is None else target - UNLIKE * unliked, dtype=np.float32)


NO_EXAMPLES = Examples()


def meaning_of(text: str, examples: Examples) -> Meaning | None:
    """Return the meaning of a text and of examples; None without a model, or where the encoder of a text is away."""
    model = EmbeddingModel.objects.serving()
    vector = _encoded(text, model) if text and model else None
    if model is None or (text and vector is None):
        return None
    if examples:
        vector = examples.moved(model, vector)
    return None if vector is None else Meaning(model, vector)


def _encoded(text: str, model: EmbeddingModel) -> Vector | None:
    try:
        return np.asarray(query_encoder.encode_for([text], model)[0])
    except query_encoder.EncoderAway:
        return None


def by_words(scores: WordScores, allowed: Allowed, named: Ids, depth: int) -> Ranking:
    ids = _but(scores.best(depth + len(named), allowed), named)
    return Ranking(ids, np.full(len(ids), np.nan, dtype=np.float32))


def by_both(scores: WordScores, meaning: Meaning, allowed: Allowed, named: Ids, depth: int) -> Ranking:
    """Return the best papers by either kind of evidence, in the order of both together."""
    table = None if allowed is None else scores.papers.table(allowed)
    near = choice.engine_of(meaning.model).near(meaning.vector, depth + len(named), table)
    ids = _but(np.union1d(near.ids, scores.best(depth + len(named), allowed)), named)
    similarities = engines.cosines(meaning.model, meaning.vector, ids)
    fusion = fused(scores.scale.standard(scores.of(ids)), near.scale.standard(similarities))
    return Ranking.of(ids, fusion, similarities)


def by_nearness(papers: Words, meaning: Meaning, allowed: Allowed, named: Ids, depth: int) -> Ranking:
    """Return the papers nearest to a vector."""
    table = None if allowed is None else papers.table(allowed)
    near = choice.engine_of(meaning.model).near(meaning.vector, depth + len(named), table)
    ids, vectors = engines.stored(meaning.model, np.setdiff1d(near.ids, named))
    scores = vectors @ meaning.vector
    return Ranking.of(ids, scores, scores)


def by_day(papers: Words, allowed: Sequence[Mask], named: Ids, depth: int) -> Ranking:
    """Return the newest papers, where nothing says which are better."""
    ids = _but(papers.newest(depth + len(named), allowed), named)
    return Ranking(ids, np.full(len(ids), np.nan, dtype=np.float32))


def _but(ids: Ids, named: Ids) -> Ids:
    return ids[~np.isin(ids, named)] if len(named) else ids


def _centre(model: EmbeddingModel, papers: Sequence[Paper]) -> Vector | None:
    """Return (d,) the mean of some papers' vectors; None if none has one."""
    _, vectors = engines.stored(model, np.array([paper.pk for paper in papers], dtype=np.int64))
    return np.asarray(vectors.mean(axis=0)) if len(vectors) else None
