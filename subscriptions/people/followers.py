"""Who follows a topic, and how followers go along when topics become one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.timezone import now

from papers.editions import topics
from papers.models import Topic
from subscriptions.enqueue import enqueue
from subscriptions.models import DigestItem, Interest, Subscriber, SubscriberStatus

AT_ONCE = 200  # followers in a transaction
FOLLOWING = (SubscriberStatus.ACTIVE, SubscriberStatus.PAUSED)
NOT_FOLLOWING = tuple(status for status in SubscriberStatus if status not in FOLLOWING)


def counts(topics: Collection[int] | None = None) -> Mapping[int, int]:
    """Return how many active or paused subscribers follow each topic that somebody follows, or each of these.

    All who follow it less the few who have ended: an index tells both, where a join would read all subscribers.
    """
    rows = Interest.objects.filter(topic__isnull=False).order_by()
    mine = rows if topics is None else rows.filter(topic__in=topics)
    found = dict(mine.values_list("topic").annotate(followers=Count("pk")))
    ended = mine.filter(subscriber__status__in=NOT_FOLLOWING)
    for topic, count in ended.values_list("topic").annotate(followers=Count("pk")):
        found[topic] -= count
    return {topic: count for topic, count in found.items() if count > 0}


def shared(one: Topic, other: Topic) -> int:
    """Return how many active or paused subscribers follow both."""
    others = Interest.objects.filter(topic=other).values("subscriber")
    return Interest.objects.filter(topic=one, subscriber__status__in=FOLLOWING, subscriber__in=others).count()


def merge(topic: int, into: int) -> Topic:
    """Make one topic part of another and let its followers follow that; return the other. Raises topics.CannotMerge.

    Followers are moved soon after, a few hundred at a time; until then their digests choose by the old topic, whose
    vector stays.
    """
    with transaction.atomic():
        other = topics.merge(topic, into)
        enqueue("embed_interests")
    return other


def settle(most: int | None = None) -> int:
    """Let followers of merged topics follow what these went into; return how many interests were moved or joined.

    Harmless to repeat, and it is: somebody may save a page of wishes that was open during a merging.
    """
    done = 0
    # Topics first, which are few: to look for them among the interests of everybody would read all of these.
    merged = list(Topic.objects.filter(merged_into__isnull=False).values_list("pk", flat=True))
    while most is None or done < most:
        left = Interest.objects.filter(topic__in=merged).order_by("subscriber")
        keys = list(left.values_list("subscriber_id", flat=True)[:AT_ONCE])
        if not keys:
            break
        done += _move(keys)
    return done


def _move(subscriber_ids: Iterable[int]) -> int:
    moment = now()
    with transaction.atomic():
        # In the order of locks: people before what is theirs.
        people = list(Subscriber.objects.select_for_update().filter(pk__in=set(subscriber_ids)).order_by("pk"))
        rows = (
            Interest.objects.filter(subscriber__in=people, topic__isnull=False).select_related("topic").order_by("pk")
        )
        following = {(row.subscriber_id, row.topic_id): row for row in rows}
        moved = [row for row in following.values() if row.topic and row.topic.merged_into_id]
        names = {row.topic_id: row.topic.name for row in moved if row.topic}
        goes_to = defaultdict[tuple[int | None, int | None], list[int]](list)
        for interest in moved:
            into = interest.topic.merged_into_id if interest.topic else None
            if kept := following.get((interest.subscriber_id, into)):
                _join(interest, kept, moment)
            else:
                following[interest.subscriber_id, into] = interest
                goes_to[into, interest.topic_id].append(interest.pk)
        for (into, topic), keys in goes_to.items():
            Interest.objects.filter(pk__in=keys).update(topic=into, came_from=names[topic], came_at=moment)
    return len(moved)


def _join(interest: Interest, kept: Interest, moment: datetime) -> None:
    """Let one interest stand for two; what somebody wants to hear of is not silenced by a curator's click."""
    kept.muted = kept.muted and interest.muted
    name = interest.topic.name if interest.topic else ""
    Interest.objects.filter(pk=kept.pk).update(muted=kept.muted, came_from=name, came_at=moment)
    DigestItem.objects.filter(interest=interest).update(interest=kept)
    interest.delete()
