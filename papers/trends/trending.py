"""How much attention a paper gets, as arithmetic: no database, no clock.

Of each kind of count, upvotes, stars and comments, one knows what it gained in how many hours (see growth.py) and how
high it is. With "usual" for the median over the papers of the same field that came within the last 14 days, and ten
more that stand where most papers stood in recorded data (GENERAL), so that two or three papers do not make a custom:

    pace   = 24 · (gain + usual pace per hour · K) / (hours + K)                 a day, K = 24 hours
    points = log2((1 + pace) / (1 + usual pace)) + L · log2((1 + count) / (1 + usual count))         L = 0.05
    score  = points(upvotes) + points(stars) + ¼ points(comments) − age in days / 7
    trend  = the share of the field's papers of the last 14 days with a lower score, equal ones counted half

A count grows fast or slowly for its field; one point is twice the usual pace. What was watched for a short time is
drawn to what is usual, as if it had been watched for K hours more at the usual pace (the mean of a Poisson rate under
a gamma prior that weighs K hours). A count that nobody saw is unknown, not zero: it adds no points and takes none. A
week takes one point away. The figures were chosen on recorded data, see docs/trending.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of the formula; the defaults are the ones in use."""

    prior_hours: float = 24.0
    level: float = 0.05
    days_a_point: float = 7.0
    weights: Mapping[str, float] = field(default_factory=lambda: {"upvotes": 1.0, "stars": 1.0, "comments": 0.25})


SHIPPED = Rules()


@dataclass(frozen=True, slots=True)
class Grown:
    """What one kind of count did, an entry for each of n papers: NaN where it was never seen."""

    gain: Floats
    hours: Floats
    count: Floats


@dataclass(frozen=True, slots=True)
class Usual:
    """Medians of one kind of count within a field."""

    pace: float  # a day
    count: float


# Rounded medians of recorded data: the lists of June 2026, and for stars 222 papers on the second day after listing.
GENERAL = {"upvotes": Usual(2, 5), "stars": Usual(5, 10), "comments": Usual(0.3, 1)}
KINDS = tuple(GENERAL)
LENT = 10  # papers that stand at the general figures


def usual(grown: Grown, general: Usual) -> Usual:
    """Return what is usual among these papers: only those that were watched for some time count for the pace."""
    watched = grown.hours > 0
    paces = 24 * grown.gain[watched] / grown.hours[watched]
    return Usual(median(paces, general.pace), median(grown.count, general.count))


def median(values: Floats, general: float) -> float:
    """Return the median of the values that are not NaN and of LENT general ones."""
    return float(np.median([*values[~np.isnan(values)], *[general] * LENT]))


def pace(grown: Grown, typical: Usual, rules: Rules = SHIPPED) -> Floats:
    """Return (n,) counts a day, drawn to what is usual where little was watched; NaN stays NaN."""
    return (24 * grown.gain + typical.pace * rules.prior_hours) / (grown.hours + rules.prior_hours)


def points(grown: Grown, typical: Usual, rules: Rules = SHIPPED) -> Floats:
    """Return (n,) doublings over the usual pace, with a little of the level; NaN where the count is unknown."""
    faster = np.log2((1 + pace(grown, typical, rules)) / (1 + typical.pace))
    higher = np.log2((1 + grown.count) / (1 + typical.count))
    return np.asarray(faster + rules.level * higher, dtype=np.float64)


def scores(grown: Mapping[str, Grown], typical: Mapping[str, Usual], age: Floats, rules: Rules = SHIPPED) -> Floats:
    """Return (n,) scores of papers that are age (n,) days old; kinds that are not in grown count as unknown for all."""
    total = -age / rules.days_a_point
    for kind, growth_of_kind in grown.items():
        total = total + rules.weights[kind] * np.nan_to_num(points(growth_of_kind, typical[kind], rules))
    # Rounded, so that papers with the same figures are equal and stay so, however the sums came about.
    return np.round(total, 9)


def percentiles(scores: Floats, pool: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Map (n,) scores to (n,) places within ]0, 1[ in a pool of (m,) scores; inside tells whose own is in the pool.

    place = (papers of the pool that are lower + half of those that are equal, oneself included) / papers, oneself
    included: the mid-rank. Equal scores share a place, and a paper alone stands at ½: nothing was there to compare.
    """
    in_order = np.sort(pool)
    lower = np.searchsorted(in_order, scores, side="left")
    not_higher = np.searchsorted(in_order, scores, side="right")
    self_added = ~inside
    return np.asarray((lower + not_higher + self_added) / (2 * (len(pool) + self_added)), dtype=np.float64)
