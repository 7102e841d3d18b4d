"""What named papers do to a topic: they move its vector, towards those that belong and off those that do not.

That is Rocchio's formula, with less weight for few papers: one alone says as much of its own subject as of the topic's.
The weights are measured on real papers (docs/topics.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from papers.models import Topic
from recommender.encoding import encoder
from recommender.index.engines import RAW
from recommender.models import EmbeddingModel, PaperVector
from recommender.vectors import Vector, unit, unpack

BELONGING, FOREIGN = 0.5, 0.25  # what the mean of many papers counts, beside the topic's text with 1
HALF = 2  # papers whose mean counts half of that


class Known(NamedTuple):
    """A paper that was named as an example, as it is stored."""

    vector: Vector
    text_hash: bytes


def topic_text(topic: Topic) -> str:
    return encoder.paper_text(topic.name, topic.description)


def text_hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=16).digest()


def known(topics: Sequence[Topic], model: EmbeddingModel | None) -> dict[str, Known]:
    """Return the examples of all these topics that have a vector by this model, by identifier; at most one query."""
    named = {identifier for topic in topics for identifier in (*topic.examples, *topic.counterexamples)}
    if not named or model is None:
        return {}
    rows = PaperVector.objects.filter(model=model, paper__identifier__in=named)
    columns = rows.values_list("paper__identifier", RAW, "text_hash")
    return {identifier: Known(unpack(bytes(raw)), bytes(digest)) for identifier, raw, digest in columns}


def vector(topic: Topic, text: Vector, papers: Mapping[str, Known]) -> Vector:
    """Return the unit vector (d,) of a topic whose text has the unit vector text; papers holds its known examples."""
    moved = text.copy()
    for identifiers, weight in ((topic.examples, BELONGING), (topic.counterexamples, -FOREIGN)):
        if here := [papers[identifier].vector for identifier in identifiers if identifier in papers]:
            moved = moved + weight * len(here) / (len(here) + HALF) * np.mean(here, axis=0)
    return unit(moved)


def mark(topic: Topic, papers: Mapping[str, Known]) -> bytes:
    """Return 16 bytes that are others when a topic's vector must be made anew, or the papers under it be found anew.

    Without examples, and of a topic that is offered, they are the hash of its text.
    """
    parts = [topic_text(topic)]
    for kind, identifiers in (("belong", topic.examples), ("do not", topic.counterexamples)):
        if identifiers:
            named = (f"{one} {papers[one].text_hash.hex() if one in papers else ''}" for one in sorted(identifiers))
            parts += [kind, *named]
    return text_hash("\n\0".join(parts if topic.is_active else [*parts, "retired"]))
