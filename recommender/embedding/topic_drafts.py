"""What an edit of a topic would do: the papers of the last fortnight that it would win and lose, before it is saved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from papers.models import Paper, Topic
from recommender.embedding import fortnight, topic_examples
from recommender.embedding.fortnight import Fortnight
from recommender.embedding.topic_assignment import NEAR_ENOUGH_IN_CATEGORY, Shelves
from recommender.encoding import query_encoder
from recommender.models import EmbeddingModel
from recommender.vectors import Vector

SHOWN, CLOSE_SHOWN = 12, 8  # papers of a list
CLOSE = 0.02  # to what is needed, on either side


class NoModel(Exception):
    """Nothing is embedded yet, so nothing can be compared."""


class Weighed(NamedTuple):
    """A paper beside a topic: how near it was and would be, what is needed, and whether it was and would be shown."""

    paper: Paper
    before: float | None  # None of a topic that is new
    after: float
    needed: float  # infinite where the curator named the paper
    was_in: bool
    is_in: bool

    @property
    def named(self) -> str:
        """Return what the curator said of it, if anything: belongs, or does not."""
        return "" if np.isfinite(self.needed) else "belongs" if self.needed < 0 else "does not belong"

    @property
    def is_crowded_out(self) -> bool:
        """Tell whether it would be near enough, and three other topics are nearer."""
        return not self.is_in and self.after >= self.needed


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit would do to the papers of the last fortnight; the lists are cut, the numbers are whole."""

    papers: int  # of the fortnight
    before: int
    after: int
    won: int
    lost: int
    wins: Sequence[Weighed]
    losses: Sequence[Weighed]
    close: Sequence[Weighed]


@dataclass(frozen=True, slots=True)
class _Side:
    """One state of the topic: n similarities, and which of the papers are shown under it."""

    near: Vector
    needed: Vector
    shown: NDArray[np.bool_]


def effect(draft: Topic, now: datetime) -> Effect:
    """Compare an unsaved topic with the stored one of its key; one that is not offered as if it were.

    Raises NoModel, and query_encoder.EncoderAway where there is no vector of its text now.
    """
    model = EmbeddingModel.objects.serving()
    if model is None:
        raise NoModel
    stored = Topic.objects.filter(pk=draft.pk).first() if draft.pk else None
    here, shelves = fortnight.load(model, now), Shelves.of(model)
    after, *before = [_side(shelves, one, vector, here) for one, vector in _vectors(draft, stored, model)]
    return _compared(here, before[0] if before else None, after)


def _vectors(draft: Topic, stored: Topic | None, model: EmbeddingModel) -> list[tuple[Topic, Vector]]:
    """Return both topics, each with its vector; by the same process, so that equal texts are equal."""
    topics = [draft, stored] if stored else [draft]
    texts = query_encoder.encode_for([topic_examples.topic_text(topic) for topic in topics], model)
    papers = topic_examples.known(topics, model)
    return [(topic, topic_examples.vector(topic, text, papers)) for topic, text in zip(topics, texts, strict=True)]


def _side(shelves: Shelves, topic: Topic, vector: Vector, here: Fortnight) -> _Side:
    full = shelves.with_topic(topic, vector)
    place = full.topics.index(topic)
    similarities = full.similarities(here.vectors)
    near, shown = similarities[:, place], np.zeros(len(here.keys), dtype=np.bool_)
    needed = np.full(len(here.keys), np.float32(NEAR_ENOUGH_IN_CATEGORY))
    named = {*topic.examples, *topic.counterexamples}
    possible = np.array([one in named for one in here.identifiers], dtype=np.bool_) | (near >= needed - CLOSE)
    for at in np.flatnonzero(possible).tolist():
        paper = here.identifiers[at], here.categories[at]
        needed[at] = full.needed(*paper)[place]
        shown[at] = any(filed.topic == place for filed in full.file(*paper, similarities[at]))
    return _Side(near, needed, shown)


def _compared(here: Fortnight, before: _Side | None, after: _Side) -> Effect:
    shown = before.shown if before else np.zeros_like(after.shown)
    won, lost = np.flatnonzero(after.shown & ~shown), np.flatnonzero(shown & ~after.shown)
    distance = np.abs(after.near - after.needed)
    close = np.flatnonzero((distance <= CLOSE) & (after.shown == shown))
    chosen = (
        won[np.argsort(-after.near[won], kind="stable")][:SHOWN],
        lost[np.argsort(after.near[lost], kind="stable")][:SHOWN],
        close[np.argsort(distance[close], kind="stable")][:CLOSE_SHOWN],
    )
    rows = _weighed(here, before, after, np.concatenate(chosen).tolist())
    lists = [[rows[at] for at in part.tolist() if at in rows] for part in chosen]
    sizes = len(here.keys), int(shown.sum()), int(after.shown.sum()), len(won), len(lost)
    return Effect(*sizes, *lists)


def _weighed(here: Fortnight, before: _Side | None, after: _Side, places: Iterable[int]) -> dict[int, Weighed]:
    """Return the papers at these places that are still stored, by place; one query."""
    at_places = list(places)
    papers = Paper.objects.in_bulk([int(here.keys[at]) for at in at_places])
    return {
        at: Weighed(
            paper,
            float(before.near[at]) if before else None,
            float(after.near[at]),
            float(after.needed[at]),
            bool(before and before.shown[at]),
            bool(after.shown[at]),
        )
        for at in at_places
        if (paper := papers.get(int(here.keys[at])))
    }
