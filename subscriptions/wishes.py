"""What a person wishes to read about, and the stored interests that follow it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from papers import wanted
from papers.models import Topic
from subscriptions.library import MOST_ENTRIES, Matched
from subscriptions.models import Frequency, Interest, InterestKind, Subscriber
from subscriptions.nudges import nudge

LISTS = ("topics", "texts", "arxiv_ids", "authors", "labs")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asks for at sign-up or on the preferences page; plain values, kept with the consent as JSON."""

    topics: tuple[int, ...] = ()
    texts: tuple[str, ...] = ()
    arxiv_ids: tuple[str, ...] = ()
    timezone: str = "UTC"
    send_hour: int = 8
    frequency: str = Frequency.DAILY
    authors: tuple[str, ...] = ()  # people to follow, as typed
    labs: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Wishes":
        return cls(**{**data, **{key: tuple(data.get(key, ())) for key in LISTS}})

    def name_interests(self) -> bool:
        return any(getattr(self, key) for key in LISTS)


def replace_interests(subscriber: Subscriber, wishes: Wishes, now: datetime) -> None:
    """Bring the stored interests in line with the wishes; what stays the same keeps its row and its vectors."""
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)  # a form that is sent twice is read twice
        # A library is uploaded and removed on its own.
        stored = {one.handle: one for one in subscriber.interests.exclude(kind=InterestKind.LIBRARY)}
        wished = {one.handle: one for one in _rows(subscriber, wishes)}
        gone = [one for handle, one in stored.items() if handle not in wished]
        new = [one for handle, one in wished.items() if handle not in stored]
        subscriber.interests.filter(pk__in=[one.pk for one in gone]).delete()
        Interest.objects.bulk_create(_as_quiet(new, gone))
        _note_change(subscriber, now)
        # Here and not at sign-up: a stranger must not make us ask arXiv for whatever comes to their mind.
        wanted.want(wishes.arxiv_ids, now)
    nudge("embed_interests")


def _rows(subscriber: Subscriber, wishes: Wishes) -> Iterator[Interest]:
    topics = Topic.objects.filter(pk__in=wishes.topics).order_by("pk").values_list("pk", flat=True)
    yield from (Interest(subscriber=subscriber, kind=InterestKind.TOPIC, topic_id=pk) for pk in topics)
    texts = {InterestKind.TEXT: wishes.texts, InterestKind.AUTHOR: wishes.authors, InterestKind.LAB: wishes.labs}
    for kind, found in texts.items():
        yield from (Interest(subscriber=subscriber, kind=kind, text=text) for text in found)
    if ids := list(dict.fromkeys(wishes.arxiv_ids)):
        yield Interest(subscriber=subscriber, kind=InterestKind.PAPERS, arxiv_ids=ids)


def _as_quiet(new: list[Interest], gone: Iterable[Interest]) -> list[Interest]:
    """The list of named papers is one interest: it stays muted when a paper is added to it."""
    muted = any(one.muted for one in gone if one.kind == InterestKind.PAPERS)
    for one in new:
        one.muted = muted and one.kind == InterestKind.PAPERS
    return new


def _note_change(subscriber: Subscriber, now: datetime) -> None:
    subscriber.interests_changed_at = now
    subscriber.save(update_fields=["interests_changed_at"])


def mute(subscriber: Subscriber, handle: str, now: datetime, *, muted: bool = True) -> Interest | None:
    """Silence an interest, or let it be heard again; the interest, or None if this subscriber has none by that handle.

    Its row and its vectors stay.
    """
    interest = next((one for one in subscriber.interests.select_related("topic") if one.handle == handle), None)
    if interest is None:
        return None
    with transaction.atomic():
        interest.muted = muted
        interest.save(update_fields=["muted"])
        _note_change(subscriber, now)
    return interest


def add_library(subscriber: Subscriber, matched: Matched, now: datetime) -> None:
    """The papers of an uploaded bibliography become an interest; those of an earlier upload stay in it."""
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        before = subscriber.interests.filter(kind=InterestKind.LIBRARY).first()
        ids = list(dict.fromkeys([*matched.here, *matched.wanted, *(before.arxiv_ids if before else [])]))
        remove_library(subscriber)
        if ids:
            muted = before is not None and before.muted
            subscriber.interests.create(kind=InterestKind.LIBRARY, arxiv_ids=ids[:MOST_ENTRIES], muted=muted)
        for start in range(0, len(matched.wanted), wanted.MOST):
            wanted.want(matched.wanted[start : start + wanted.MOST], now)
    nudge("embed_interests")


def remove_library(subscriber: Subscriber) -> bool:
    return bool(subscriber.interests.filter(kind=InterestKind.LIBRARY).delete()[0])
