"""The curated topics: those that come with the project, and what a curator decides about them.

A topic that was merged or retired keeps its row: its followers, its addresses and its name lead somewhere.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from django.db import transaction

from papers.models import Topic

TOPICS = Path(__file__).parent / "topics.json"
MOST_EXAMPLES = 20  # of each kind
LONGEST = 2_000  # characters of a description; a model reads the first few hundred words


class CannotMerge(Exception):
    """These two topics cannot be made one; the message says why."""


def load() -> int:
    """Create the topics that are missing, in the order of the file, and return their number; existing ones stay."""
    bundled = json.loads(TOPICS.read_text(encoding="utf-8"))
    known = set(Topic.objects.values_list("slug", flat=True))
    topics = [Topic(position=number, **topic) for number, topic in enumerate(bundled, 1) if topic["slug"] not in known]
    Topic.objects.bulk_create(topics, ignore_conflicts=True)
    return len(topics)


def retire(keys: Iterable[int]) -> int:
    """Offer these topics no longer, and return how many were; who follows one keeps getting its papers."""
    return Topic.objects.offered().filter(pk__in=set(keys)).update(is_active=False)


def offer_again(keys: Iterable[int]) -> int:
    """Offer retired topics again, and return how many were not; a merged one stays part of the other."""
    return Topic.objects.filter(pk__in=set(keys), is_active=False, merged_into=None).update(is_active=True)


def merge(key: int, into: int) -> Topic:
    """Make one topic part of another, to which its addresses lead from now on; return the other.

    Whoever knows its followers moves them. Of two curators who merge in a circle the second one is refused. Raises
    CannotMerge.
    """
    with transaction.atomic():
        rows = {topic.pk: topic for topic in Topic.objects.select_for_update(no_key=True).order_by("pk")}
        topic, other = rows.get(key), rows.get(into)
        if topic is None or other is None:
            raise CannotMerge("One of these topics is not there any more.")
        if topic == other:
            raise CannotMerge(f"“{topic}” cannot be merged into itself.")
        if topic.merged_into_id:
            raise CannotMerge(f"“{topic}” is part of “{rows[topic.merged_into_id]}” already.")
        if not other.is_active:
            raise CannotMerge(f"“{other}” is not offered: offer it again first, or choose another.")
        # What was merged into it before goes along, so that every address leads on in one step.
        Topic.objects.filter(merged_into=topic).update(merged_into=other)
        Topic.objects.filter(pk=topic.pk).update(merged_into=other, is_active=False)
    return other
