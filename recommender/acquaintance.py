"""Who wrote a candidate, as evidence for a reader: people and labs they follow, and authors of papers they know."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recommender.reader import Candidates, Reader, ReaderInterest
from recommender.vectors import Vector

NAMES = ("author", "lab")
# What a paper gains by its authors: as much as lets one in that lies a little below the floor, and no more. Whom a
# reader cites is a strong hint at what they will read, but a digest is of subjects and not of one's friends.
GAIN, MOST_GAIN = 0.04, 0.10


def follows(reader: Reader) -> list[tuple[int, ReaderInterest]]:
    """The reader's interests that are names, with their positions."""
    return [(at, interest) for at, interest in enumerate(reader.interests) if interest.kind in NAMES]


def follows_among(reader: Reader, candidates: Candidates) -> Iterator[tuple[int, NDArray[np.int32]]]:
    """For each name that the reader follows its interest's position and the positions of the candidates, if any."""
    for at, interest in follows(reader):
        positions = positions_of(interest, candidates)
        if len(positions):
            yield at, positions


def positions_of(interest: ReaderInterest, candidates: Candidates) -> NDArray[np.int32]:
    if interest.kind == "lab":
        return candidates.labs.holding(interest.label)
    return candidates.authors.holding(interest.label)


def acquainted(reader: Reader, candidates: Candidates) -> Vector:
    """(n,) what each candidate gains by authors of papers that the reader named, kept or asked more of."""
    if not reader.people:
        return np.zeros(len(candidates.ids), dtype=np.float32)
    return np.asarray(np.minimum(GAIN * candidates.authors.shared(reader.people), MOST_GAIN), dtype=np.float32)
