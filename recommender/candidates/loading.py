"""The papers that may go into the digests of a day, as arrays; loaded once per worker and kept until they change."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import count
from typing import Any

import numpy as np
from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from papers.among import among
from papers.models import EditionEntry, Paper
from papers.text.reading_time import reading_seconds
from recommender.candidates import background, take_offs
from recommender.candidates.cache_key import CacheKey, cache_key, span
from recommender.models import EmbeddingModel, PaperVector
from recommender.ranking import evidence
from recommender.ranking.reader import Candidates
from recommender.words import lexicon
from recommender.words.authors import Authors, lab_text
from recommender.words.occurrences import BREAK
from recommender.words.phrases import Phrases
from recommender.words.terms import Texts
from recommender.words.works import works

logger = logging.getLogger(__name__)
AT_ONCE = 500  # texts whose words are in memory as words
MANY = 100  # candidates; a full search for garbage takes a tenth of a second
SELDOM = 100  # loads of candidates, between two looks at what was exempted from searches for garbage

# Of a paper, in the order in which _plain takes them apart; the rest is what people see of it.
COLUMNS = (
    "pk",
    "trend",
    "featured",
    "newest",
    "identifier",
    "organization",
    "authors",
    "plain_authors",
    "title",
    "abstract",
    "plain_title",
    "plain_abstract",
)
Rows = list[tuple[Any, ...]]


def load(today: date, days: int) -> Candidates:
    """Return the candidates of today by the serving model, none if there is none; a constant number of queries.

    A damaged paper is left out, and named in the log.
    """
    model = EmbeddingModel.objects.serving()
    if model is None:
        return empty(0)
    vectors = PaperVector.objects.filter(model=model, paper=OuterRef("pk")).values("vector")
    papers = _papers(today, days).annotate(vector=Subquery(vectors)).exclude(vector=None)
    candidates = sound(papers, lambda rows: with_vectors(rows, today, model), "vector")
    return _with_take_offs(candidates or replace(empty(model.dimension), model=model), today, days)


def load_unembedded(today: date, days: int) -> Candidates:
    """Return the candidates that have no vector by the serving model, with their categories; (n, 0) vectors."""
    vectors = PaperVector.objects.filter(model__serving=True, paper=OuterRef("pk"))
    papers = _papers(today, days).filter(~Exists(vectors))
    candidates = sound(papers, lambda rows: _without_vectors(rows, today), "categories")
    return _with_take_offs(candidates or empty(0), today, days)


def _with_take_offs(candidates: Candidates, today: date, days: int) -> Candidates:
    window = span(today, days)
    return replace(candidates, took_off=take_offs.between(take_offs.load(*window), *window))


def _papers(today: date, days: int) -> QuerySet[Paper]:
    entries = EditionEntry.objects.filter(paper=OuterRef("pk"), edition__date__range=span(today, days))
    newest = entries.order_by("-edition__date").values("edition__date")[:1]
    return Paper.objects.candidates(today, days).annotate(
        featured=Exists(entries.filter(featured=True)), newest=Subquery(newest)
    )


def sound(papers: QuerySet[Paper], make: Callable[[Rows], Candidates], column: str) -> Candidates | None:
    """Make candidates of those papers that allow it, None for none; the others are named in the log.

    The papers have COLUMNS, and one column more.
    """
    rows = papers.order_by("pk").values_list(*COLUMNS, column)
    try:
        rows_read = list(rows)
        return make(rows_read) if rows_read else None
    except DatabaseError:
        raise
    except Exception:
        logger.exception("Some candidates are damaged; looking for them.")
    rows_read = _halves(rows, list(papers.order_by("pk").values_list("pk", flat=True)), make)
    return make(rows_read) if rows_read else None


def _halves(rows: QuerySet[Paper, Any], keys: Sequence[int], make: Callable[[Rows], Candidates]) -> Rows:
    """Return the rows of papers that can be read, halving what cannot be, until a damaged paper is alone."""
    try:
        found = list(among(rows, "id", keys))
        make(found)
    except DatabaseError:
        raise
    except Exception as error:
        if len(keys) == 1:
            logger.error("Paper %d is in no digest, because it is damaged: %r", keys[0], error)
            return []
        middle = len(keys) // 2
        return _halves(rows, keys[:middle], make) + _halves(rows, keys[middle:], make)
    return found


def with_vectors(rows: Rows, today: date, model: EmbeddingModel) -> Candidates:
    """Make candidates of rows that end with a vector; raise ValueError for one of another dimension."""
    candidates, vectors = _plain(rows, today), np.stack([row[-1] for row in rows])
    if vectors.shape[1] != model.dimension:
        raise ValueError(f"A vector has {vectors.shape[1]} numbers instead of {model.dimension}.")
    vocabulary = background.vocabulary_of(background.newest_key())
    plain = candidates.texts.plain
    steps = (lexicon.unit_rows(plain[at : at + AT_ONCE], vocabulary) for at in range(0, len(plain), AT_ONCE))
    words = evidence.paper_terms([terms for rows in steps for terms in lexicon.stored(rows, vocabulary)])
    return replace(candidates, vectors=vectors, words=words, model=model)


def _without_vectors(rows: Rows, today: date) -> Candidates:
    return replace(_plain(rows, today), categories=tuple(frozenset(row[-1]) for row in rows))


def _plain(rows: Rows, today: date) -> Candidates:
    ids, trend, featured, dates, names, organizations, authors, plain_authors, *columns = zip(
        *(row[:-1] for row in rows), strict=True
    )
    people = [_names(plain or served) for plain, served in zip(plain_authors, authors, strict=True)]
    return Candidates(
        ids=np.array(ids, dtype=np.int64),
        vectors=np.empty((len(ids), 0), dtype=np.float32),
        trend=np.array(trend, dtype=np.float32),  # None becomes NaN
        featured=np.array(featured, dtype=np.bool_),
        age=np.array([(today - day).days for day in dates], dtype=np.int64),
        texts=Texts(map(text_of, *columns)),
        authors=Authors(people),
        labs=Phrases(map(lab_text, organizations, people)),
        works=works([plain or title for title, _, plain, _ in zip(*columns, strict=True)], people),
        named=dict(zip(names, ids, strict=True)),
        seconds=np.array([_seconds(*text) for text in zip(*columns, strict=True)], dtype=np.int64),
    )


def text_of(title: str, abstract: str, plain_title: str, plain_abstract: str) -> str:
    """Return what the reader sees; no phrase bridges title and abstract."""
    return f"{_line(plain_title or title)}{BREAK}{_line(plain_abstract or abstract)}"


def _seconds(title: str, abstract: str, plain_title: str, plain_abstract: str) -> int:
    return reading_seconds(plain_title or title, plain_abstract or abstract)


def _line(text: str) -> str:
    return " ".join(text.split())


def _names(authors: list[object]) -> list[str]:
    """Return the names: anything else belongs to a damaged paper, which must not keep the others from readers."""
    return [name for name in authors if isinstance(name, str)]


def empty(dimension: int) -> Candidates:
    return Candidates(
        ids=np.empty(0, dtype=np.int64),
        vectors=np.empty((0, dimension), dtype=np.float32),
        trend=np.empty(0, dtype=np.float32),
        featured=np.empty(0, dtype=np.bool_),
        age=np.empty(0, dtype=np.int64),
    )


def cached(today: date, days: int) -> Candidates:
    """Return what load does, kept by this process for as long as the cache key stays the same."""
    return _loaded(cache_key(today, days))


def unembedded(today: date, days: int) -> Candidates:
    """Return what load_unembedded does, kept as cached is."""
    return _loaded_unembedded(cache_key(today, days))


@lru_cache(maxsize=1)
def _loaded_unembedded(key: CacheKey) -> Candidates:
    return load_unembedded(key.today, key.days)


@lru_cache(maxsize=2)
def _loaded(key: CacheKey) -> Candidates:
    candidates = load(key.today, key.days)
    if len(candidates.ids) >= MANY:
        spare_the_collector()
    return candidates


_rounds = count(1)


def spare_the_collector() -> None:
    """Exempt what is loaded from garbage collection, which every batch of readers sets off.

    What was exempted before is looked at again at each hundredth time alone: it is little that goes in circles, and
    looking at it copies all that this process shares with the one that it was forked from.
    """
    if next(_rounds) % SELDOM == 0:
        gc.unfreeze()
    gc.collect()
    gc.freeze()
