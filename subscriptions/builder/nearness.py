"""Which papers one interest would bring by itself."""

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from recommender.ranking.day import Day
from recommender.vectors import Vector
from subscriptions.builder.described import Known
from subscriptions.models import OF_NAMES, InterestKind


def near(known: Known, day: Day) -> NDArray[np.bool_]:
    """Return a mask (n,) of the open papers that are near enough to an interest, or by the person or lab it names."""
    if known.interest.kind in OF_NAMES:
        return _written(known, day) & is_open(day)
    return is_open(day) & (nearness(known) >= day.floor(settings.RELEVANCE_FLOOR))


def is_open(day: Day) -> NDArray[np.bool_]:
    """Return a mask (n,) of the papers that are in question."""
    open_now = day.candidates.open
    return np.ones(len(day.candidates.ids), dtype=np.bool_) if open_now is None else open_now


def nearness(known: Known) -> Vector:
    """Return (n,) how near each paper is to the nearest subject of an interest."""
    return np.asarray(known.rows.max(axis=0, initial=-np.inf))


def _written(known: Known, day: Day) -> NDArray[np.bool_]:
    names = day.candidates.labs if known.interest.kind == InterestKind.LAB else day.candidates.authors
    mask = np.zeros(len(day.candidates.ids), dtype=np.bool_)
    mask[names.holding(known.interest.text)] = True
    return mask
