"""One paper from outside a reader's interests, so that a digest does not close in on itself: pure arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.reader import Candidates, Reader
from recommender.selection import NEAR_DUPLICATE, Chosen
from recommender.vectors import Matrix

LEAST_SIZE = 5  # in a shorter digest every place belongs to the interests
AMONG = 10  # of the most noticed
LEAST_TREND = 0.9  # who is shown something foreign gets something that many looked at


def most_noticed(candidates: Candidates) -> NDArray[np.int64]:
    """Positions of the candidates that many looked at, the most noticed first, of equally noticed ones the newest."""
    noticed = np.flatnonzero(candidates.trend >= LEAST_TREND)
    return noticed[np.lexsort((candidates.age[noticed], -candidates.trend[noticed]))]


def outside_of(reader: Reader, noticed: NDArray[np.int64], foreign: NDArray[np.bool_]) -> list[Chosen]:
    """One of the most noticed of the (n,) candidates that are foreign to a reader who wants that; else none.

    Readers take turns among the best of them, or all would be sent the same one.
    """
    if not reader.explore or reader.size < LEAST_SIZE:
        return []
    order = noticed[foreign[noticed]]
    return [Chosen(int(order[reader.key % min(AMONG, len(order))]))] if len(order) else []


def is_new(one: Chosen, chosen: Sequence[Chosen], vectors: Matrix) -> bool:
    """Whether it is not on the idea of a paper that was chosen."""
    return bool((vectors[[other.at for other in chosen]] @ vectors[one.at]).max(initial=-1.0) < NEAR_DUPLICATE)
