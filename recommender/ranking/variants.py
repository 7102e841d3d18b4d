"""Named variants of the ranking, which an experiment compares: each changes what decides for a reader, and no promise.

What was sent before, the floor and the words shut out hold in all of them. The floor itself is no variant: it decides
how many papers come, and interleaving compares in which order.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from recommender.ranking.reader import Reader

AS_SHIPPED = "as shipped"


class Variant(NamedTuple):
    says: str
    change: Callable[[Reader], Reader]


def _trend(by: float) -> Callable[[Reader], Reader]:
    return lambda reader: replace(reader, trend_weight=min(1.0, max(0.0, reader.trend_weight + by)))


def _relevance_share(share: float) -> Callable[[Reader], Reader]:
    return lambda reader: replace(reader, relevance_share=share)


VARIANTS: dict[str, Variant] = {
    AS_SHIPPED: Variant("as every other reader has it", lambda reader: reader),
    "more trend": Variant("attention counts a quarter more than the reader chose, as far as it goes", _trend(0.25)),
    "less trend": Variant("attention counts a quarter less than the reader chose", _trend(-0.25)),
    "no trend": Variant("nearness alone, whatever the reader chose", _trend(-1.0)),
    "more varied": Variant("what sets a paper apart from the others counts .3 instead of .2", _relevance_share(0.7)),
    "less varied": Variant("what sets a paper apart from the others counts .1 instead of .2", _relevance_share(0.9)),
    "known authors aside": Variant(
        "who wrote papers that the reader named or liked counts nothing", lambda reader: replace(reader, people={})
    ),
}


def varied(reader: Reader, name: str) -> Reader:
    """Return the reader as a variant sees them; KeyError for a name that is none."""
    return VARIANTS[name].change(reader)
