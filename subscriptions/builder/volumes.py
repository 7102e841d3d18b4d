"""How much each interest brings by itself, and what to do where that is too much or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from papers.models import Topic
from subscriptions.models import InterestKind
from subscriptions.people.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Volume:
    """What one interest brings by itself."""

    kind: str  # of InterestKind
    value: str  # a topic's key, a text or a name as it was typed; '' for named papers and a library
    label: str
    a_week: int  # papers of the last week that are near enough, before the length of a digest limits them
    advice: str  # a sentence with a remedy, or ''


def volumes(wishes: Wishes) -> tuple[Volume, ...]:
    """Return the volume of each interest, in the order in which they are stored."""
    topics = Topic.objects.filter(pk__in=wishes.topics).order_by("pk")
    named = {InterestKind.TEXT: wishes.texts, InterestKind.AUTHOR: wishes.authors, InterestKind.LAB: wishes.labs}
    found = [Volume(InterestKind.TOPIC.value, str(topic.pk), topic.name, 0, "") for topic in topics]
    found += [Volume(kind.value, text, text, 0, "") for kind, texts in named.items() for text in texts]
    found += [Volume(InterestKind.PAPERS.value, "", "papers you named", 0, "")] if wishes.arxiv_ids else []
    return (*found, *([Volume(InterestKind.LIBRARY.value, "", "your library", 0, "")] if wishes.library else []))


def topic_volumes(now: datetime) -> Mapping[int, int]:
    """Return how many papers a week each active topic brings, by its key."""
    return dict.fromkeys(Topic.objects.filter(is_active=True).values_list("pk", flat=True), 0)
