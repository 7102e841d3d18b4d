"""The authors of a candidate as evidence: people and labs whom a reader follows, and authors of papers they know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from recommender.ranking.reader import Candidates, Reader, ReaderInterest
from recommender.vectors import Vector

NAMES = ("author", "lab")
# What a paper gains by its authors: enough to let one in that lies a little below the floor, and no more. The people
# a reader cites are a strong hint at what they will read, but a digest is about subjects and not about friends.
GAIN, MOST_GAIN = 0.04, 0.10


def followed_names(reader: Reader) -> list[tuple[int, ReaderInterest]]:
    """Return the reader's interests that are names, with their positions."""
    return [(position, interest) for position, interest in enumerate(reader.interests) if interest.kind in NAMES]


def followed_candidates(reader: Reader, candidates: Candidates) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """Yield, for each followed name on a candidate, its interest's position and the candidates' (m,) positions."""
    for interest_at, interest in followed_names(reader):
        positions = _positions_of(interest, candidates)
        if len(positions):
            yield interest_at, positions


def _positions_of(interest: ReaderInterest, candidates: Candidates) -> NDArray[np.int32]:
    if interest.kind == "lab":
        return candidates.labs.holding(interest.label)
    return candidates.authors.holding(interest.label)


def known_author_gain(reader: Reader, candidates: Candidates) -> Vector:
    """Return (n,) what each candidate gains by authors of papers that the reader named, kept or asked more of."""
    gained = np.zeros(len(candidates.ids), dtype=np.float32)
    at, gains = known_authors([reader], candidates)
    gained[at] = gains
    return gained


def known_authors(readers: Sequence[Reader], candidates: Candidates) -> tuple[NDArray[np.int64], Vector]:
    """Return where readers know an author, as (m,) numbers reader · n + position, and what that gains."""
    n, numbers, near = len(candidates.ids), list[int](), list[float]()
    for at, reader in enumerate(readers):
        if reader.people:
            found = candidates.authors.near(reader.people)
            numbers += [at * n + position for position in found]
            near += found.values()
    gains = np.minimum(GAIN * np.array(near, dtype=np.float32), MOST_GAIN)
    return np.array(numbers, dtype=np.int64), np.asarray(gains, dtype=np.float32)
