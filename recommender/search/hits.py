"""Turn an order of papers into the papers of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from django.db.models import QuerySet

from papers.models import Paper
from papers.models.prepared import Prepared
from recommender.index.hybrid import best
from recommender.index.layers import Ids, Mask
from recommender.vectors import Vector

SPARE = 20  # papers looked at beyond those asked for: some turn out to be withdrawn
DEPTH = 256  # papers that are put in order at first, by each kind of evidence: more than the pages of a search show
DEEPER = 8  # so many times more, where those are not enough
CHUNK = 2_048


class Fits(Protocol):
    """Tells which papers may be shown, until it has looked at enough of them."""

    @property
    def is_spent(self) -> bool: ...

    def __call__(self, ids: Ids) -> Mask: ...


@dataclass(frozen=True, slots=True)
class Hit:
    paper: Paper
    similarity: float | None  # cosine; None where meaning was not asked or the paper has no vector yet
    sentence: str = ""  # of its abstract, the one that answers best; '' where none was looked for or is known


@dataclass(frozen=True, slots=True)
class Ranking:
    """Some papers of an answer, best first."""

    ids: Ids
    similarities: Vector  # NaN where there is none

    @classmethod
    def of(cls, ids: Ids, scores: Vector, similarities: Vector) -> Ranking:
        """Return papers in the order of their scores, of equal ones the highest key first."""
        order = best(scores, ids, len(ids))
        return cls(ids[order], similarities[order])


Rank = Callable[[int], Ranking]  # how deep → the papers that are among so many by any kind of evidence


class Everything:
    is_spent = False

    def __call__(self, ids: Ids) -> Mask:
        return np.ones(len(ids), dtype=np.bool_)


EVERYTHING = Everything()


def page(rank: Rank, limit: int, offset: int = 0, fits: Fits = EVERYTHING) -> list[Hit]:
    """Return the hits from offset on. Papers that were withdrawn or do not fit take no place: no page has a gap.

    fits is asked about the best papers only, and about more of them until the page is full.
    """
    wanted = offset + limit
    shown: list[tuple[int, float]] = []
    for block in _blocks(rank, wanted):
        standing = _standing(block.ids)
        standing[standing] = fits(block.ids[standing])
        shown += zip(block.ids[standing].tolist(), block.similarities[standing].tolist(), strict=True)
        if len(shown) >= wanted or fits.is_spent:
            break
    return list(_hits(shown[offset:wanted]))


def _blocks(rank: Rank, wanted: int) -> Iterator[Ranking]:
    """Yield an order of all papers in blocks that grow; what was given at one depth stays when it goes deeper."""
    seen: Ids = np.empty(0, dtype=np.int64)
    depth, size = DEPTH, wanted + SPARE
    while True:
        ranking = rank(depth)
        new = np.flatnonzero(~np.isin(ranking.ids, seen))
        if not len(new):
            return
        start = 0
        while start < len(new):
            rows = new[start : start + size]
            yield Ranking(ranking.ids[rows], ranking.similarities[rows])
            start, size = start + size, min(2 * size, CHUNK)
        seen, depth = ranking.ids, depth * DEEPER


def _hits(shown: list[tuple[int, float]]) -> Iterator[Hit]:
    papers = Paper.by_key([key for key, _ in shown])
    for key, similarity in shown:
        if key in papers:
            yield Hit(papers[key], None if np.isnan(similarity) else similarity)


def _standing(ids: Ids) -> Mask:
    """Return a mask (n,) of the papers that are still there and were not withdrawn."""
    keys: list[int] = ids.tolist()
    present: list[int] = []
    for start in range(0, len(keys), CHUNK):
        present += [key for (key,) in _present(keys=keys[start : start + CHUNK])]
    return np.isin(ids, np.array(present, dtype=np.int64))


def _not_withdrawn(keys: Sequence[int]) -> QuerySet[Paper, Any]:
    return Paper.objects.filter(pk__one_of=keys, withdrawn_on=None).order_by().values_list("pk")


_present = Prepared(_not_withdrawn, keys=([1], [2]))
