"""How much attention a paper gets, as arithmetic: no database, no clock."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def same_day_percentiles(upvotes: ArrayLike) -> NDArray[np.float64]:
    """(n,) counts of the papers listed on one day → (n,) percentiles within ]0, 1[.

    percentile(i) = (papers with fewer upvotes + half of the papers with as many, i itself included) / n

    This is the mid-rank: equal counts share one percentile, the mean over a day is ½ whatever the counts are, and a
    paper alone on its day stands at ½, since nothing was there to compare it with. Counts of different days are never
    compared, because they are read after different times. ValueError unless upvotes has one dimension.
    """
    counts = np.asarray(upvotes, dtype=np.int64)
    if counts.ndim != 1:
        raise ValueError(f"upvotes must have one dimension, not {counts.ndim}")
    in_order = np.sort(counts)
    fewer = np.searchsorted(in_order, counts, side="left")
    not_more = np.searchsorted(in_order, counts, side="right")
    return (fewer + not_more) / (2 * max(len(counts), 1))
