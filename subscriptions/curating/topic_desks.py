"""How topics stand, as a curator is shown them: followers, papers of the last fortnight, and what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from papers.models import Topic
from papers.remembered import KeptAWhile
from recommender.embedding import topic_overlaps
from recommender.embedding.topic_overlaps import NOTHING, Standing
from subscriptions.people import followers

_counts: KeptAWhile[Mapping[int, int]] = KeptAWhile(1)


@dataclass(frozen=True, slots=True)
class Shared:
    """What a topic has in common with another one."""

    topic: Topic
    share: float  # of the first one's papers of a fortnight
    cosine: float | None

    def __str__(self) -> str:
        nearness = "" if self.cosine is None else f", cosine {self.cosine:.2f}"
        return f"{self.topic.name}: {self.share:.0%} of its papers{nearness}"


@dataclass(frozen=True, slots=True)
class Desk:
    """One topic, as it stands."""

    followers: int
    standing: Standing
    overlaps: Sequence[Shared]
    state: str


@dataclass(frozen=True, slots=True)
class Desks:
    """What is known of all topics."""

    followers: Mapping[int, int]
    standings: Mapping[int, Standing]
    topics: Mapping[int, Topic]

    def of(self, topic: Topic) -> Desk:
        standing = self.standings.get(topic.pk, NOTHING)
        shared = [Shared(self.topics[one.topic], one.share, one.cosine) for one in standing.overlaps]
        return Desk(self.followers.get(topic.pk, 0), standing, shared, self._state(topic))

    def _state(self, topic: Topic) -> str:
        if topic.merged_into_id:
            return f"part of {self.topics[topic.merged_into_id]}"
        return "offered" if topic.is_active else "retired"


def desks(now: datetime) -> Desks:
    """Return how all topics stand, with followers as of a minute ago; as many queries for many as for few."""
    counts = _counts.get("", settings.PAGES_KEPT_SECONDS, followers.counts)
    return Desks(counts, topic_overlaps.standings(now), Topic.objects.in_bulk())


def desk(topic: Topic, now: datetime) -> Desk:
    """Return how one topic stands."""
    return Desks(followers.counts([topic.pk]), topic_overlaps.standings(now), Topic.objects.in_bulk()).of(topic)
