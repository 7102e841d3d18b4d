"""Choose the index of vectors that a search asks: pgvector's where the database has one, else the one in memory."""

from __future__ import annotations

import logging
from functools import lru_cache
from threading import Event
from types import ModuleType

from django.conf import settings
from django.db import connection

from recommender.index import exact, lexical, pgvector
from recommender.index.engines import Engine
from recommender.models import EmbeddingModel

MEMORY, PGVECTOR = "memory", "pgvector"
ENGINES: dict[str, ModuleType] = {MEMORY: exact, PGVECTOR: pgvector}  # all have one shape
MISSING = (
    "VECTOR_INDEX is pgvector, but this database has not the extension: run CREATE EXTENSION vector in it as a "
    "superuser, or set VECTOR_INDEX to auto or memory. Until then papers are searched in memory."
)

logger = logging.getLogger(__name__)
_warming_up = Event()


def engine_of(model: EmbeddingModel) -> Engine:
    """Return the index of a model's vectors, as the database has them now."""
    engine: Engine = ENGINES[name()].current(model)
    return engine


def caught_up(model: EmbeddingModel, progress: bool = False) -> Engine:
    """Return the same index, after waiting until all vectors are in it."""
    engine: Engine = ENGINES[name()].caught_up(model, progress)
    return engine


def is_behind(model: EmbeddingModel) -> bool:
    """Tell whether papers are being read just now, so that some cannot be found yet."""
    return lexical.is_behind() or ENGINES[name()].is_behind(model)


def warm_up(progress: bool = False) -> None:
    """Read what the first search would have to wait for, or would not find."""
    _warming_up.set()
    try:
        lexical.caught_up(progress)
        if model := EmbeddingModel.objects.serving():
            caught_up(model, progress)
    finally:
        _warming_up.clear()


def is_warming_up() -> bool:
    """Tell whether this process is at it; one that never warms up reads at its first search."""
    return _warming_up.is_set()


def forget() -> None:
    """Empty every index: this process has turned to another database."""
    lexical.forget()
    for engine in ENGINES.values():
        engine.forget()
    _name.cache_clear()


def name() -> str:
    """Return the name of the engine that VECTOR_INDEX and the database allow."""
    return _name(settings.VECTOR_INDEX, connection.vendor)


@lru_cache(maxsize=8)
def _name(wanted: str, vendor: str) -> str:
    if wanted == MEMORY or vendor != "postgresql":
        return MEMORY
    if pgvector.is_installed():
        return PGVECTOR
    if wanted == PGVECTOR:
        logger.error(MISSING)
    return MEMORY
