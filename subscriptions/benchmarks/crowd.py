"""Many subscribers and papers for a benchmark: varied as real ones are, and always the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from django.conf import settings
from django.db import models
from tqdm import tqdm

from papers.editions import topics
from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.benchmarks import drawn
from recommender.candidates import background
from recommender.models import EmbeddingModel, PaperSentences, PaperVector, TopicVector
from recommender.ranking import interest_clusters
from recommender.ranking.interest_clusters import Background, Subject
from recommender.vectors import Matrix, pack, unit
from subscriptions.interests import known_authors
from subscriptions.interests.paper_evidence import evidence_of
from subscriptions.models import (
    OF_PAPERS,
    DeliveryStatus,
    Digest,
    DigestItem,
    Feedback,
    FeedbackKind,
    Interest,
    InterestKind,
    InterestVector,
    Subscriber,
    SubscriberStatus,
    TasteVector,
)
from subscriptions.models.vectors import columns

TODAY = date(2026, 6, 30)
MORNING = datetime(2026, 6, 30, 6, tzinfo=UTC)
A_DAY = 200  # papers
CENTRES = 100  # directions around which papers lie
APART = 1.2  # length of what a paper has beside the direction of its subject: two of one subject have a cosine of .4
SENTENCES = 9  # of a candidate
AT_ONCE = 5_000  # rows
AUTHORS, PEOPLE = 4, 20_000  # of a paper, and of all of them
LIBRARIES = 300  # readers share them, which costs no less
GIVEN = ("Ada", "Bo", "Chen", "Dina", "Emeka", "Fatima", "Goro", "Hana")
FOLLOWED = 3  # topics
WORDS_SAID = 30  # by one reader in ten
LESS_SAID = 10  # of these


@dataclass(frozen=True, slots=True)
class Library:
    """What papers that somebody named come to."""

    subjects: Sequence[Subject]
    people: dict[str, int]


@dataclass(frozen=True, slots=True)
class World:
    """What readers are made from."""

    model: EmbeddingModel
    topics: Sequence[Topic]
    papers: Sequence[int]  # keys, the newest last
    libraries: Sequence[Library]
    texts: Sequence[Subject]
    morning: datetime


def grow(subscribers: int, papers: int, morning: datetime = MORNING) -> None:
    """Fill an empty database; the same numbers always make the same people, whose digests are due that morning."""
    random = np.random.default_rng(0)
    centres = unit(random.standard_normal((CENTRES, drawn.DIMENSION), dtype=np.float32))
    model = EmbeddingModel.objects.create(name=settings.EMBEDDING_MODEL, dimension=drawn.DIMENSION, serving=True)
    _store(Paper, papers, _papers(papers, random))
    keys = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
    _store(PaperVector, papers, _vectors(keys, model, _around(centres[random.integers(CENTRES, size=papers)], random)))
    _editions(keys, morning.date())
    newest = Paper.objects.filter(pk__in=keys[-A_DAY * settings.CANDIDATE_DAYS :])
    _store(PaperSentences, newest.count(), (_sentences(one, model, random) for one in newest))
    topics.load()
    rows = list(Topic.objects.order_by("pk"))
    _store(TopicVector, len(rows), (_topic_vector(one, model, centres[one.pk % CENTRES]) for one in rows))
    background.refresh(morning)
    learned = background.current(model)
    world = World(model, rows, keys, list(_libraries(keys, model, learned)), _texts(centres, learned, random), morning)
    _people(subscribers, world)


def _around(centres: Matrix, random: np.random.Generator) -> Matrix:
    noise = unit(random.standard_normal(centres.shape, dtype=np.float32))
    return unit(centres + APART * noise)


def _store(model: type[models.Model], count: int, rows: Iterable[Any]) -> None:
    waiting = iter(tqdm(rows, total=count, desc=f"Making {model._meta.verbose_name_plural}", disable=None))
    while some := list(islice(waiting, AT_ONCE)):
        model._default_manager.bulk_create(some)


def _papers(count: int, random: np.random.Generator) -> Iterator[Paper]:
    for number, words in enumerate(drawn.made(count, random)):
        text = list(words)
        yield Paper(
            identifier=f"2606.{number:05d}",
            title=" ".join(text[:8]),
            abstract=" ".join(text[8:]),
            authors=[_name(one) for one in random.integers(PEOPLE, size=AUTHORS).tolist()],
            trend=number % 101 / 100 if number % 3 else None,
        )


def _name(number: int) -> str:
    return f"{GIVEN[number % len(GIVEN)]} Surname{number}"


def _vectors(keys: Sequence[int], model: EmbeddingModel, vectors: Matrix) -> Iterator[PaperVector]:
    for key, vector in zip(keys, vectors, strict=True):
        yield PaperVector(paper_id=key, model=model, vector=vector, text_hash=b"", paper_updated_at=MORNING)


def _sentences(paper: Paper, model: EmbeddingModel, random: np.random.Generator) -> PaperSentences:
    words = paper.abstract.split()
    texts = [" ".join(words[at::SENTENCES]) for at in range(SENTENCES)]
    vectors = unit(random.standard_normal((SENTENCES, drawn.DIMENSION), dtype=np.float32))
    known_by = paper.pk.to_bytes(16, "big")
    return PaperSentences(paper=paper, model=model, text_hash=known_by, texts=texts, vectors=pack(vectors))


def _topic_vector(topic: Topic, model: EmbeddingModel, vector: Any) -> TopicVector:
    return TopicVector(topic=topic, model=model, vector=vector, text_hash=b"")


def _editions(keys: Sequence[int], today: date) -> None:
    """Make editions with as many papers each day, the newest today."""
    ages = [at // A_DAY for at in reversed(range(len(keys)))]
    editions = {ago: Edition(date=today - timedelta(days=ago)) for ago in dict.fromkeys(ages)}
    Edition.objects.bulk_create(editions.values())
    entries = (EditionEntry(edition=editions[ago], paper_id=key) for ago, key in zip(ages, keys, strict=True))
    _store(EditionEntry, len(keys), entries)


def _libraries(keys: Sequence[int], model: EmbeddingModel, learned: Background) -> Iterator[Library]:
    """Make libraries of three to forty papers, without the candidates where there are others."""
    random = np.random.default_rng(1)
    old = keys[: -A_DAY * settings.CANDIDATE_DAYS] or keys
    for _ in range(LIBRARIES):
        chosen = random.choice(old, size=int(random.integers(3, 40))).tolist()
        rows = list(PaperVector.objects.filter(model=model, paper__in=chosen).select_related("paper"))
        evidence = evidence_of(rows, np.ones(len(rows), dtype=np.float32), learned)
        yield Library(interest_clusters.of_papers(evidence, learned), known_authors.of_liked(row.paper for row in rows))


def _texts(centres: Matrix, learned: Background, random: np.random.Generator) -> list[Subject]:
    words = [" ".join(islice(text, 6)) for text in drawn.made(CENTRES, random)]
    return interest_clusters.of_texts(words, _around(centres, random), learned)


def _people(count: int, world: World) -> None:
    _store(Subscriber, count, (_subscriber(number, world.morning) for number in range(count)))
    keys = list(Subscriber.objects.order_by("pk").values_list("pk", flat=True))
    _store(Interest, 0, (one for key in keys for one in _interests(key, world)))
    _store(InterestVector, 0, _interest_vectors(world))
    taught = keys[::10]
    _store(Feedback, WORDS_SAID * len(taught), (one for key in taught for one in _said(key, world)))
    _store(TasteVector, 0, (one for key in taught for one in _taught(key, world)))
    _earlier(keys[::5], world)


def _subscriber(number: int, morning: datetime) -> Subscriber:
    return Subscriber(
        email=f"reader{number}@example.org",
        address_hash=number.to_bytes(16, "big"),
        status=SubscriberStatus.ACTIVE,
        confirmed_at=morning,
        next_digest_at=morning,
        excluded_terms=["word7"] if number % 4 == 0 else [],
    )


def _interests(key: int, world: World) -> Iterator[Interest]:
    """Make three topics for everybody; some also follow a person, have a text, named papers or a library."""
    for nth in range(FOLLOWED):
        topic = world.topics[(key + 7 * nth) % len(world.topics)]
        yield Interest(subscriber_id=key, kind=InterestKind.TOPIC, topic=topic)
    if key % 2 == 0:
        yield Interest(subscriber_id=key, kind=InterestKind.TEXT, text="what they wrote")
    if key % 7 == 0:
        yield Interest(subscriber_id=key, kind=InterestKind.AUTHOR, text=_name(key % PEOPLE))
    people = world.libraries[key % len(world.libraries)].people
    if key % 3 == 0:
        yield Interest(subscriber_id=key, kind=InterestKind.PAPERS, arxiv_ids=_identifiers(key, 3), people=people)
    if key % 10 == 0:
        yield Interest(subscriber_id=key, kind=InterestKind.LIBRARY, arxiv_ids=_identifiers(key, 40), people=people)


def _identifiers(key: int, count: int) -> list[str]:
    return [f"2606.{(key * 31 + nth) % 20_000:05d}" for nth in range(count)]


def _interest_vectors(world: World) -> Iterator[InterestVector]:
    learned = background.newest_key()
    for interest in Interest.objects.filter(kind__in=(InterestKind.TEXT, *OF_PAPERS)).order_by("pk").iterator():
        for position, subject in enumerate(_subjects(interest, world)):
            yield InterestVector(
                interest=interest, model=world.model, position=position, background=learned, **columns(subject)
            )


def _subjects(interest: Interest, world: World) -> Sequence[Subject]:
    if interest.kind == InterestKind.TEXT:
        return [world.texts[interest.pk % len(world.texts)]]
    found = world.libraries[interest.subscriber_id % len(world.libraries)].subjects
    return found if interest.kind == InterestKind.LIBRARY else found[:2]


def _said(key: int, world: World) -> Iterator[Feedback]:
    """Make feedback on the newest papers, so that some of them are candidates."""
    for nth in range(WORDS_SAID):
        paper = world.papers[-1 - (key * 13 + nth * 37) % min(3_000, len(world.papers))]
        kind = FeedbackKind.LESS if nth < LESS_SAID else FeedbackKind.MORE
        yield Feedback(subscriber_id=key, paper_id=paper, kind=kind, at=world.morning - timedelta(days=nth))


def _taught(key: int, world: World) -> Iterator[TasteVector]:
    library, less = world.libraries[key % len(world.libraries)], world.texts
    found = [(True, one) for one in library.subjects] + [
        (False, less[(key + nth) % len(less)]) for nth in range(LESS_SAID)
    ]
    for position, (is_liked, subject) in enumerate(found):
        fields: dict[str, Any] = columns(subject) | {"liked": is_liked, "people": {} if position else library.people}
        yield TasteVector(subscriber_id=key, model=world.model, position=position, said_at=world.morning, **fields)


def _earlier(keys: Sequence[int], world: World) -> None:
    """Make a digest of ten of the newest papers for one reader in five."""
    before = world.morning - timedelta(days=1)
    sent = {"status": DeliveryStatus.SENT, "local_date": before.date(), "due_at": before, "next_attempt_at": before}
    _store(Digest, len(keys), (Digest(subscriber_id=key, claimed_at=before, **sent) for key in keys))
    _store(DigestItem, 10 * len(keys), (item for digest in Digest.objects.all() for item in _items(digest, world)))


def _items(digest: Digest, world: World) -> Iterator[DigestItem]:
    for rank in range(1, 11):
        paper = world.papers[-1 - (digest.subscriber_id * 17 + rank) % min(1_400, len(world.papers))]
        yield DigestItem(
            digest=digest, subscriber_id=digest.subscriber_id, paper_id=paper, rank=rank, score=0.5, relevance=0.5
        )
