"""What a person wishes to read about, and the stored interests that are made of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from papers.feeds import wanted
from papers.models import Topic
from subscriptions.bibliographies.entries import MOST_ENTRIES
from subscriptions.enqueue import enqueue
from subscriptions.models import Frequency, Interest, InterestKind, Subscriber
from subscriptions.people import awaited_entries
from subscriptions.people.library import Matched

INTERESTS = ("topics", "texts", "arxiv_ids", "authors", "labs", "library")
LISTS = (*INTERESTS, "excluded_terms", "required_terms", "more", "less")
# What they say of a subscriber that is no interest, under the names of its columns.
SETTINGS = (
    "digest_size",
    "reading_minutes",
    "trend_weight",
    "weekly_day",
    "term_plurals",
    "exploration",
    "excluded_terms",
    "required_terms",
)


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
    library: tuple[str, ...] = ()  # identifiers of the papers of a bibliography
    more: tuple[str, ...] = ()  # identifiers of papers that the person wants more like
    less: tuple[str, ...] = ()  # and of those they want less like
    excluded_terms: tuple[str, ...] = ()
    required_terms: tuple[str, ...] = ()
    # Settings: None where nothing was said, so that what holds already stays.
    digest_size: int | None = None
    reading_minutes: int | None = None  # 0: the length counts in papers
    trend_weight: float | None = None
    weekly_day: int | None = None
    term_plurals: bool | None = None
    exploration: bool | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Wishes":
        return cls(**{**data, **{key: tuple(data.get(key, ())) for key in LISTS}})

    def name_interests(self) -> bool:
        return any(getattr(self, key) for key in INTERESTS)


def wishes_of(subscriber: Subscriber) -> Wishes:
    """Return what is stored as wishes; a library, which is uploaded on its own, is none."""
    named: dict[str, list[Interest]] = {}
    for interest in subscriber.interests.all():
        named.setdefault(interest.kind, []).append(interest)

    def texts(kind: InterestKind) -> tuple[str, ...]:
        return tuple(interest.text for interest in named.get(kind, ()))

    return Wishes(
        topics=tuple(interest.topic_id for interest in named.get(InterestKind.TOPIC, ()) if interest.topic_id),
        texts=texts(InterestKind.TEXT),
        arxiv_ids=tuple(paper for interest in named.get(InterestKind.PAPERS, ()) for paper in interest.arxiv_ids),
        authors=texts(InterestKind.AUTHOR),
        labs=texts(InterestKind.LAB),
        timezone=subscriber.timezone,
        send_hour=subscriber.send_hour,
        frequency=subscriber.frequency,
        **{name: getattr(subscriber, name) for name in SETTINGS},
    )


def replace_interests(subscriber: Subscriber, wishes: Wishes, now: datetime) -> None:
    """Bring the stored interests in line with the wishes; what stays the same keeps its row and its vectors."""
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)  # a form sent twice is handled one after the other
        _, new, gone = _compared(subscriber, wishes)
        subscriber.interests.filter(pk__in=[interest.pk for interest in gone]).delete()
        Interest.objects.bulk_create(new)
        _note_change(subscriber, now)
        # Here and not at sign-up: a stranger must not make us ask arXiv for whatever comes to their mind.
        wanted.want(wishes.arxiv_ids, now)
    enqueue("embed_interests")


def interests_once_saved(subscriber: Subscriber, wishes: Wishes) -> list[Interest]:
    """Return the interests that replace_interests would leave, in order: those that stay, then new unsaved ones."""
    staying, new, _ = _compared(subscriber, wishes)
    return [*staying, *new]


def _compared(subscriber: Subscriber, wishes: Wishes) -> tuple[list[Interest], list[Interest], list[Interest]]:
    """Return the stored interests that stay, new ones for the other wishes, and the stored ones that are to go."""
    stored = {interest.handle: interest for interest in subscriber.interests.select_related("topic")}
    wished = {interest.handle: interest for interest in _rows(subscriber, wishes)}
    # A library is uploaded and removed on its own.
    stays = {handle for handle, one in stored.items() if handle in wished or one.kind == InterestKind.LIBRARY}
    gone = [interest for handle, interest in stored.items() if handle not in stays]
    new = _as_quiet([interest for handle, interest in wished.items() if handle not in stored], gone)
    return [interest for handle, interest in stored.items() if handle in stays], new, gone


def _rows(subscriber: Subscriber, wishes: Wishes) -> Iterator[Interest]:
    # A wish may be older than a merging: it may wait for a confirmation, or stand on a page that was open meanwhile.
    topics = Topic.objects.filter(pk__in=wishes.topics).current()
    yield from (Interest(subscriber=subscriber, kind=InterestKind.TOPIC, topic=topic) for topic in topics)
    texts = {InterestKind.TEXT: wishes.texts, InterestKind.AUTHOR: wishes.authors, InterestKind.LAB: wishes.labs}
    for kind, texts_of_kind in texts.items():
        yield from (Interest(subscriber=subscriber, kind=kind, text=text) for text in texts_of_kind)
    if ids := list(dict.fromkeys(wishes.arxiv_ids)):
        yield Interest(subscriber=subscriber, kind=InterestKind.PAPERS, arxiv_ids=ids)


def _as_quiet(new: list[Interest], gone: Iterable[Interest]) -> list[Interest]:
    """Keep the list of named papers muted when a paper is added to it: it is one interest."""
    muted = any(interest.muted for interest in gone if interest.kind == InterestKind.PAPERS)
    for interest in new:
        interest.muted = muted and interest.kind == InterestKind.PAPERS
    return new


def _note_change(subscriber: Subscriber, now: datetime) -> None:
    subscriber.interests_changed_at = now
    subscriber.save(update_fields=["interests_changed_at"])


def mute(subscriber: Subscriber, handle: str, now: datetime, *, muted: bool = True) -> Interest | None:
    """Silence an interest, or let it be heard again; return it, or None if this subscriber has none by that handle.

    Its row and its vectors stay.
    """
    interest = next(
        (candidate for candidate in subscriber.interests.select_related("topic") if candidate.handle == handle), None
    )
    if interest is None:
        return None
    with transaction.atomic():
        interest.muted = muted
        interest.save(update_fields=["muted"])
        _note_change(subscriber, now)
    return interest


def add_library(subscriber: Subscriber, matched: Matched, now: datetime) -> None:
    """Make the papers of an uploaded bibliography an interest, which keeps those of an earlier upload."""
    with transaction.atomic():
        Subscriber.objects.select_for_update().get(pk=subscriber.pk)
        before = subscriber.interests.filter(kind=InterestKind.LIBRARY).first()
        ids = list(dict.fromkeys([*matched.here, *matched.wanted, *(before.arxiv_ids if before else [])]))
        _library_of(subscriber).delete()
        if ids:
            muted = before is not None and before.muted
            subscriber.interests.create(kind=InterestKind.LIBRARY, arxiv_ids=ids[:MOST_ENTRIES], muted=muted)
        awaited_entries.note(subscriber, matched, now)
        for start in range(0, len(matched.wanted), wanted.MOST):
            wanted.want(matched.wanted[start : start + wanted.MOST], now)
    enqueue("embed_interests")


def take_library(subscriber: Subscriber, identifiers: Sequence[str], now: datetime) -> None:
    """Make papers of a bibliography, read before there was a subscriber, an interest as add_library does."""
    if not identifiers:
        return
    kept = list(dict.fromkeys(identifiers))[:MOST_ENTRIES]
    wanting = wanted.missing(kept)
    lacking = set(wanting)
    here = tuple(identifier for identifier in kept if identifier not in lacking)
    add_library(subscriber, Matched(here=here, wanted=tuple(wanting), unknown=0), now)


def remove_library(subscriber: Subscriber) -> bool:
    """Delete the library's interest, and what waits for its papers; return False if there is none."""
    subscriber.awaited_entries.all().delete()
    return bool(_library_of(subscriber).delete()[0])


def _library_of(subscriber: Subscriber) -> QuerySet[Interest]:
    return subscriber.interests.filter(kind=InterestKind.LIBRARY)
