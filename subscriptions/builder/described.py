"""Wishes as the recommender sees them: what readers.load gives once somebody is a subscriber, without storing it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from django.conf import settings

from papers.models import Topic
from papers.remembered import Remembered
from recommender.candidates.stretch import Stretch
from recommender.encoding import query_encoder
from recommender.ranking import picks
from recommender.ranking.interest_clusters import Subject
from recommender.ranking.reader import Reader, ReaderInterest
from recommender.vectors import Matrix
from subscriptions.interests import feedback_profile, interest_vectors, known_authors, readers
from subscriptions.interests.feedback_profile import NOTHING_TAUGHT, Taste
from subscriptions.models import OF_NAMES, OF_PAPERS, Interest, InterestKind, Subscriber
from subscriptions.models.vectors import as_kept
from subscriptions.people.wishes import SETTINGS, Wishes

# Each with its nearness to some thousand papers: 30 kB for a topic or a text, 200 kB for a library.
TOPICS_KEPT, KEPT, TASTES_KEPT = 256, 192, 64


@dataclass(frozen=True, slots=True)
class Known:
    """What one interest says to the recommender."""

    interest: Interest  # unsaved
    evidence: ReaderInterest
    rows: Matrix  # (s, n) relevance of all papers of the stretch to its subjects
    people: Mapping[str, int]
    is_read: bool = True  # False: a free text that the query encoder could not read

    @property
    def tells(self) -> bool:
        """Tell whether the recommender hears of it."""
        return bool(self.evidence.subjects) or self.interest.kind in OF_NAMES


@dataclass(frozen=True, slots=True)
class Described:
    known: tuple[Known, ...]  # in the order in which they would be stored
    reader: Reader
    rows: Matrix  # (s, n) of all subjects of the reader

    @property
    def unread(self) -> int:
        """Count the texts that could not be read."""
        return sum(not known.is_read for known in self.known)


_topics: Remembered[Known] = Remembered(TOPICS_KEPT)
_known: Remembered[Known] = Remembered(KEPT)
_tastes: Remembered[tuple[Taste, Matrix]] = Remembered(TASTES_KEPT)


def as_subscriber(wishes: Wishes) -> Subscriber:
    """Return an unsaved subscriber with the settings that the wishes ask for."""
    asked = {name: getattr(wishes, name) for name in SETTINGS if getattr(wishes, name) is not None}
    return Subscriber(**{"digest_size": settings.DIGEST_SIZE} | asked)


def describe(wishes: Wishes, papers: Stretch, whose: str = "") -> Described:
    """Return the reader that somebody with these wishes would be, and how near the papers are to all they name.

    Texts are left out while the query encoder is away.
    """
    known = tuple(_interests(wishes, papers, whose))
    taste, liked_rows = _taste(wishes, papers, whose)
    # What it computes of all papers must not stay in memory with it.
    taste = replace(taste, less=taste.less and replace(taste.less, _last=[]))
    people = Counter[str]()
    for one in known:
        people.update(one.people)
    people.update(taste.people)
    asked = [one.evidence for one in known if one.tells]
    reader = readers.reader(as_subscriber(wishes), asked, _seen(wishes, papers), taught=taste, people=people)
    return described(known, reader, [liked_rows] if taste.interests else [], papers)


def described(known: tuple[Known, ...], reader: Reader, liked: list[Matrix], papers: Stretch) -> Described:
    """Put together what is known of a reader's interests, and the rows of what they liked."""
    return Described(known, reader, _within(reader, [*(one.rows for one in known if one.tells), *liked], papers))


def _within(reader: Reader, blocks: list[Matrix], papers: Stretch) -> Matrix:
    """Return the rows of those subjects that the reader may have."""
    kept = [block[: len(own.subjects)] for own, block in zip(reader.interests, blocks, strict=True)]
    return np.concatenate([np.empty((0, len(papers.candidates.ids)), dtype=np.float32), *kept])


def _seen(wishes: Wishes, papers: Stretch) -> set[int]:
    """Return the papers that are never sent, because the person named or judged them."""
    named = chain(wishes.arxiv_ids, wishes.library, wishes.more, wishes.less)
    return {papers.candidates.named[one] for one in named if one in papers.candidates.named}


def _interests(wishes: Wishes, papers: Stretch, whose: str) -> Iterator[Known]:
    yield from topics(wishes.topics, papers)
    texts = {InterestKind.TEXT: wishes.texts, InterestKind.AUTHOR: wishes.authors, InterestKind.LAB: wishes.labs}
    unsaved = [Interest(kind=kind, text=text) for kind, named in texts.items() for text in dict.fromkeys(named)]
    ids = {InterestKind.PAPERS: wishes.arxiv_ids, InterestKind.LIBRARY: wishes.library}
    unsaved += [Interest(kind=kind, arxiv_ids=list(dict.fromkeys(own))) for kind, own in ids.items() if own]
    yield from (named(interest, papers, whose) for interest in unsaved)


def named(interest: Interest, papers: Stretch, whose: str) -> Known:
    """Return what an unsaved interest says that is no topic."""
    key = whose, interest.kind, interest.text, interest.arxiv_ids, papers.version
    try:
        return _known.get(key, _computing(interest, papers))
    except query_encoder.EncoderAway:
        return replace(_plain(interest, papers), is_read=False)


def topics(wanted: tuple[int, ...], papers: Stretch) -> list[Known]:
    """Return the topics of these keys that exist, in the order of their keys."""
    rows, model = Topic.objects.in_bulk(wanted), papers.candidates.model
    subjects = readers.topic_subjects(rows, model) if model and rows else {}
    return [_topic(rows[pk], subjects.get(pk, ()), papers) for pk in sorted(rows)]


def _topic(topic: Topic, subjects: tuple[Subject, ...], papers: Stretch) -> Known:
    interest = Interest(kind=InterestKind.TOPIC, topic=topic)
    same = [(subject.vector[:4].tolist(), len(subject.terms.keys)) for subject in subjects]
    key = topic.pk, topic.name, same, papers.version
    return replace(_known.get(key, lambda: known_by(interest, subjects, papers, {})), interest=interest)


def _computing(interest: Interest, papers: Stretch) -> Callable[[], Known]:
    return lambda: _compute(interest, papers)


def _compute(interest: Interest, papers: Stretch) -> Known:
    """Return what an interest says; raise EncoderAway for a text that nothing can read now."""
    model, subjects = papers.candidates.model, list[Subject]()
    if model and interest.kind not in OF_NAMES:
        subjects = interest_vectors.subjects_of(interest, model, papers.background, keep=False)
    people = known_authors.of_named(interest.arxiv_ids) if interest.kind in OF_PAPERS else {}
    return known_by(interest, map(as_kept, subjects), papers, people)


def _plain(interest: Interest, papers: Stretch) -> Known:
    return known_by(interest, (), papers, {})


def known_by(interest: Interest, subjects: Iterable[Subject], papers: Stretch, people: Mapping[str, int]) -> Known:
    """Return what an interest with these subjects says."""
    evidence = readers.as_evidence(interest, subjects)
    return Known(interest, evidence, picks.rows_of(evidence, papers.candidates), people)


def _taste(wishes: Wishes, papers: Stretch, whose: str) -> tuple[Taste, Matrix]:
    model, nothing = papers.candidates.model, np.empty((0, 0), dtype=np.float32)
    if model is None or not (wishes.more or wishes.less):
        return NOTHING_TAUGHT, nothing

    def compute() -> tuple[Taste, Matrix]:
        taste = feedback_profile.told(wishes.more, wishes.less, model)
        rows = [picks.rows_of(interest, papers.candidates) for interest in taste.interests]
        return taste, rows[0] if rows else nothing

    return _tastes.get((whose, wishes.more, wishes.less, papers.version), compute)


def forget() -> None:
    """Compute everything anew."""
    for remembered in (_topics, _known, _tastes):
        remembered.forget()
