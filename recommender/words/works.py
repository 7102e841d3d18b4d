"""Which of n papers are parts of one work: by their titles, and by somebody who wrote both."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from papers.text.parts import Part, part_of
from recommender.words.authors import people_of


def works(titles: Iterable[str], authors: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    """Return (n,) the number of each paper's work, the same for all its parts; −1 for a work of one paper.

    Two papers are parts of one work if their titles name the same work and different parts, and share an author.
    """
    named: dict[str, list[tuple[int, Part]]] = defaultdict(list)
    for position, title in enumerate(titles):
        if part := part_of(title):
            named[part.work].append((position, part))
    numbers = np.full(len(authors), -1, dtype=np.int64)
    for group in named.values():
        first, *others = group
        mine = [position for position, part in others if part.number != first[1].number]
        mine = [position for position in mine if people_of([authors[position]]) & people_of([authors[first[0]]])]
        if mine:
            numbers[[first[0], *mine]] = first[0]
    return numbers
