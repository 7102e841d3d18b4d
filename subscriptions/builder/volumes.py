"""How much each interest brings by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from papers.models import Topic
from recommender.candidates import kept_stretch
from recommender.candidates.stretch import Stretch
from subscriptions.builder import advice
from subscriptions.builder.described import Described, topics
from subscriptions.builder.nearness import near


@dataclass(frozen=True, slots=True)
class Volume:
    """What one interest brings by itself."""

    kind: str  # of InterestKind
    value: str  # a topic's key, a text or a name as it was typed; '' for named papers and a library
    label: str
    a_week: int  # papers of the last week that are near enough, before the length of a digest limits them
    advice: str  # a sentence with a remedy, or ''


def volumes(described: Described, papers: Stretch, today: date) -> tuple[Volume, ...]:
    """Return the volume of each interest, in the order in which they are stored."""
    week, reader = papers.window(today, advice.WEEK), described.reader
    texts, n = papers.candidates.texts, len(papers.candidates.ids)
    allowed = texts.allowed(reader.required, reader.excluded, n, plurals=reader.plurals)
    others = _others(described, papers)
    found = []
    for known in described.known:
        brought, interest = near(known, week) & allowed & others, known.interest
        value = str(interest.topic.pk) if interest.topic else interest.text
        words = advice.words(known, brought, advice.Masks(allowed, others), papers, today)
        found.append(Volume(str(interest.kind), value, known.evidence.label, int(brought.sum()), words))
    return tuple(found)


def _others(described: Described, papers: Stretch) -> NDArray[np.bool_]:
    """Return a mask (n,) of the papers that nobody named or brought along: those never come."""
    identifiers = {one for known in described.known for one in known.interest.arxiv_ids}
    own = [papers.candidates.named[one] for one in identifiers if one in papers.candidates.named]
    return ~np.isin(papers.candidates.ids, own)


def topic_volumes(now: datetime) -> Mapping[int, int]:
    """Return how many papers a week each active topic brings, by its key; nothing while the papers are being read."""
    try:
        papers = kept_stretch.current(now.date())
    except kept_stretch.BeingRead:
        return {}
    week = papers.window(now.date(), advice.WEEK)
    active = tuple(Topic.objects.filter(is_active=True).values_list("pk", flat=True))
    return dict(zip(sorted(active), (int(near(one, week).sum()) for one in topics(active, papers)), strict=True))
