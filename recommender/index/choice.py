"""Which index of vectors a search asks: pgvector's where the database has one, else the one in memory."""

from __future__ import annotations

from recommender.index import exact, lexical
from recommender.index.engines import Engine
from recommender.models import EmbeddingModel


def engine_of(model: EmbeddingModel) -> Engine:
    """The index of a model's vectors, as the database has them now."""
    return exact.current(model)


def forget() -> None:
    """Begin every index anew: this process has turned to another database."""
    exact.forget()
    lexical.forget()
