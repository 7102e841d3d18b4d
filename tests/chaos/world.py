"""Papers, topics and subscribers of a chaos run: few vectors made directly, and people who become due all the time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.models import EmbeddingModel, PaperVector, TopicVector
from recommender.vectors import unit
from subscriptions.limits import kill_switch
from subscriptions.models import Interest, InterestKind, Subscriber, SubscriberStatus
from subscriptions.people.addresses import address_hash

TOPICS, PAPERS, DIMENSION = 4, 100, 32


def grow(subscribers: int, start: datetime, window: timedelta) -> None:
    """Everybody becomes due once within the window, as if it were their usual hour, and then on the next day."""
    kill_switch.ensure()
    random = np.random.default_rng(0)
    model = EmbeddingModel.objects.create(name="chaos", dimension=DIMENSION, serving=True)
    axes = np.eye(DIMENSION, dtype=np.float32)[:TOPICS]
    topics = [_topic(number, model, axes[number]) for number in range(TOPICS)]
    _papers(model, axes, start, random)
    _people(topics, list(_moments(subscribers, start, window)))


def _topic(number: int, model: EmbeddingModel, vector: np.ndarray) -> Topic:
    topic = Topic.objects.create(slug=f"topic-{number}", name=f"Topic {number}", field="cs", description="…")
    TopicVector.objects.create(topic=topic, model=model, vector=vector, text_hash=b"x" * 16)
    return topic


def _papers(model: EmbeddingModel, axes: np.ndarray, start: datetime, random: np.random.Generator) -> None:
    edition = Edition.objects.create(date=start.date())
    noise = unit(random.standard_normal((PAPERS, DIMENSION)).astype(np.float32))
    for number, vector in enumerate(unit(axes[np.arange(PAPERS) % TOPICS] + noise)):
        paper = Paper.objects.create(
            identifier=f"2611.{number:05d}", title=f"Paper {number}", abstract=f"What {number} found.", authors=["Ada"]
        )
        EditionEntry.objects.create(edition=edition, paper=paper)
        PaperVector.objects.create(
            paper=paper, model=model, vector=vector, text_hash=b"x" * 16, paper_updated_at=paper.updated_at
        )


def _moments(count: int, start: datetime, window: timedelta) -> Iterator[datetime]:
    return (start + window * number / count for number in range(count))


def _people(topics: list[Topic], moments: list[datetime]) -> None:
    people = Subscriber.objects.bulk_create(_subscriber(*one) for one in enumerate(moments))
    followed = [(person, topics[number % TOPICS]) for number, person in enumerate(people) if number % 20]
    Interest.objects.bulk_create(
        Interest(subscriber=person, kind=InterestKind.TOPIC, topic=topic) for person, topic in followed
    )


def _subscriber(number: int, moment: datetime) -> Subscriber:
    """The usual hour is the one before, so that the next digest is tomorrow's."""
    email = f"reader{number}@example.org"
    return Subscriber(
        email=email,
        address_hash=address_hash(email),
        status=SubscriberStatus.ACTIVE,
        confirmed_at=moment - timedelta(days=30),
        created_at=moment - timedelta(days=30),
        next_digest_at=moment,
        send_hour=(moment.astimezone(UTC).hour - 1) % 24,
        digest_size=5,
    )


def rest() -> None:
    """Nobody becomes due any more."""
    Subscriber.objects.filter(next_digest_at__isnull=False).update(next_digest_at=datetime(2100, 1, 1, tzinfo=UTC))
