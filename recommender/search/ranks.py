"""Put papers in an order: by words and meaning together, by words, by nearness, or by day. How deep is an argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from papers.models import Paper
from recommender.encoding import query_encoder
from recommender.index import choice, engines
from recommender.index.engines import Near
from recommender.index.hybrid import best, fused
from recommender.index.layers import Ids, Mask
from recommender.index.words import Words, WordScores
from recommender.models import EmbeddingModel
from recommender.search.hits import Ranking
from recommender.vectors import Matrix, Vector

UNLIKE = 0.5  # what nearness to an unwanted paper counts against nearness to a wanted one
SURE = 2  # one in so many of the papers in question is compared by its stored vector: to read them takes longest
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


@dataclass(frozen=True, slots=True)
class Asked:
    """A text whose meaning the query encoder works out while others look for its words."""

    text: str
    model: EmbeddingModel | None
    answer: Callable[[], Matrix] | None = None  # None where there is no text, no model, or nobody to ask

    @classmethod
    def about(cls, text: str) -> Asked:
        model = EmbeddingModel.objects.serving()
        try:
            return cls(text, model, query_encoder.asked_for([text], model) if text and model else None)
        except query_encoder.EncoderAway:
            return cls(text, model)

    def meaning(self, examples: Examples) -> Meaning | None:
        """Return the meaning of the text and of examples; None without a model, or where the text's encoder is away."""
        vector = self._vector()
        if self.model is None or (self.text and vector is None):
            return None
        if examples:
            vector = examples.moved(self.model, vector)
        return None if vector is None else Meaning(self.model, vector)

    def _vector(self) -> Vector | None:
        try:
            return np.asarray(self.answer()[0]) if self.answer else None
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
    by_words = scores.scale.standard(scores.of(ids))
    similarities = _similarities(meaning, near, ids, by_words, depth // SURE)
    return Ranking.of(ids, fused(by_words, near.scale.standard(similarities)), similarities)


def _similarities(meaning: Meaning, near: Near, ids: Ids, by_words: Vector, most: int) -> Vector:
    """Return (m,) similarities: by stored vectors of the papers that will stand first, else roughly."""
    if near.roughly is None:
        return engines.cosines(meaning.model, meaning.vector, ids)
    similarities = near.roughly(ids)
    first = np.sort(best(fused(by_words, near.scale.standard(similarities)), ids, most))
    similarities[first] = engines.cosines(meaning.model, meaning.vector, ids[first])
    return similarities


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
