"""The next digest of somebody who is a subscriber, as it would be once a form is saved, and those of the days before.

Their ratings count. In the next one nothing comes that was sent before. In those of former days it does, and is told:
they show what the interests would have brought, and what of it really came.
"""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from django.conf import settings

from recommender.candidates import kept_stretch
from recommender.candidates.stretch import Stretch
from recommender.ranking import picks
from subscriptions.builder import editions
from subscriptions.builder.described import Described, Known, described, known_by, named, topics
from subscriptions.builder.editions import EDITIONS
from subscriptions.builder.preview import BEING_READ, UNREAD, Preview
from subscriptions.builder.volumes import volumes
from subscriptions.interests import feedback_profile, readers
from subscriptions.models import LEFT, SHOWN, DigestItem, Interest, PastPicks, Subscriber
from subscriptions.people.wishes import SETTINGS, Wishes, interests_once_saved


def preview_for(subscriber: Subscriber, wishes: Wishes, now: datetime, count: int = EDITIONS) -> Preview:
    """Return the digest that the subscriber would get now with these wishes, and so many in all; nothing is stored.

    Each interest that is not muted has its volume.
    """
    today = now.date()
    try:
        papers = kept_stretch.current(today)
    except kept_stretch.BeingRead:
        return Preview((), (), BEING_READ)
    interests = interests_once_saved(subscriber, wishes)
    reader = _described(subscriber, wishes, interests, papers, today)
    past = _past(subscriber, interests, papers)
    chosen = editions.made(reader, papers, today, count, seen_then=past.seen)
    note = UNREAD if reader.unread else ""
    return Preview(editions.previews(chosen), volumes(reader, papers, today), note, past.sent)


@dataclass(frozen=True, slots=True)
class _Past:
    """Papers by their keys."""

    sent: frozenset[int]  # that came in a digest
    seen: frozenset[int]  # that none can have brought: named by the reader, or rated elsewhere


def _past(subscriber: Subscriber, interests: Sequence[Interest], papers: Stretch) -> _Past:
    """Tell what a reader had in digests, however long ago, and what they know otherwise; with three queries."""
    came = DigestItem.objects.filter(subscriber=subscriber, role__in=SHOWN, digest__status__in=LEFT)
    gone = PastPicks.objects.came([subscriber.pk], papers.candidates.named.values())
    sent = frozenset([*came.order_by().values_list("paper", flat=True), *(paper for _, paper in gone)])
    rated = subscriber.feedback.order_by().values_list("paper", flat=True)
    named = (papers.candidates.named.get(name) for interest in interests for name in interest.arxiv_ids)
    return _Past(sent, frozenset([*rated, *filter(None, named)]) - sent)


def _described(
    subscriber: Subscriber, wishes: Wishes, interests: Sequence[Interest], papers: Stretch, today: date
) -> Described:
    """Return the reader that readers.load gives once the wishes are saved and their vectors are made."""
    known = _known([interest for interest in interests if not interest.muted], papers, f"reader {subscriber.pk}")
    model, taste = papers.candidates.model, feedback_profile.NOTHING_TAUGHT
    if model:
        taste = feedback_profile.load([subscriber.pk], model).get(subscriber.pk, taste)
    people = Counter[str]()
    for counted in (*(one.people for one in known), taste.people):
        people.update(counted)
    reader = readers.reader(
        _with_settings(subscriber, wishes),
        [one.evidence for one in known if one.tells],
        readers.seen(subscriber, interests, _in_question(papers, today)),
        taught=taste,
        people=people,
    )
    return described(known, reader, [picks.rows_of(liked, papers.candidates) for liked in taste.interests], papers)


def _with_settings(subscriber: Subscriber, wishes: Wishes) -> Subscriber:
    changed = copy(subscriber)
    for name in SETTINGS:
        if (value := getattr(wishes, name)) is not None:
            setattr(changed, name, value)
    return changed


def _known(interests: Sequence[Interest], papers: Stretch, whose: str) -> tuple[Known, ...]:
    """Return what each says: by its stored vectors where it has some, else by those that it will get."""
    model, wanted = papers.candidates.model, tuple(one.topic_id for one in interests if one.topic_id)
    of_topic = {one.interest.topic: one for one in topics(wanted, papers)}
    kept = [one.pk for one in interests if one.pk and one.kind in readers.WITH_VECTORS]
    stored = readers.own_subjects(kept, model) if model and kept else {}
    found = list[Known]()
    for interest in interests:
        if interest.topic_id:
            found += filter(None, [of_topic.get(interest.topic)])
        elif interest.pk in stored:
            found.append(known_by(interest, stored[interest.pk], papers, interest.people))
        else:
            found.append(named(interest, papers, whose))
    return tuple(found)


def _in_question(papers: Stretch, today: date) -> dict[str, int]:
    """Return the keys of the papers that may be picked today, by their identifiers."""
    is_open = papers.window(today, settings.CANDIDATE_DAYS).candidates.open
    ids = papers.candidates.ids if is_open is None else papers.candidates.ids[is_open]
    open_ids = set(np.asarray(ids).tolist())
    return {name: key for name, key in papers.candidates.named.items() if key in open_ids}
