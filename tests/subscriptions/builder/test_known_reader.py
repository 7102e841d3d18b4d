"""What the preferences page promises a reader is what they get once it is saved."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from papers.models import Paper, Topic
from recommender.models import EmbeddingModel
from subscriptions import lifecycle
from subscriptions.builder.editions import EDITIONS
from subscriptions.builder.known_reader import preview_for
from subscriptions.builder.preview import Preview
from subscriptions.digests import compose
from subscriptions.interests import feedback, interest_vectors
from subscriptions.models import SHOWN, DeliveryStatus, Digest, FeedbackKind, Interest, InterestKind, Subscriber
from subscriptions.people.wishes import SETTINGS, Wishes, wishes_of
from tests.subscriptions.builder.test_same_as_digest import TEXTS, confirmed, some
from tests.subscriptions.builder.test_same_as_digest import wishes_of as asked_at_random
from tests.subscriptions.conftest import MORNING, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("encoder_answers")]


@pytest.fixture
def model(world: list[Paper]) -> EmbeddingModel:
    return EmbeddingModel.objects.get()


def live(subscriber: Subscriber, random: Random) -> None:
    """Yesterday's digest came, and some of its papers were rated."""
    yesterday = MORNING - timedelta(days=1)
    made = {"local_date": yesterday.date(), "due_at": yesterday, "next_attempt_at": yesterday}
    digest = subscriber.digests.create(**made)
    for item in compose.choose_papers([digest], yesterday):
        item.digest, item.subscriber = digest, subscriber
        item.save()
    shown = list(digest.items.values_list("paper__identifier", flat=True))
    feedback.rate(digest, {one: random.choice(FeedbackKind.values) for one in some(random, shown, len(shown))}, MORNING)


def mute_some(subscriber: Subscriber, random: Random) -> None:
    for interest in subscriber.interests.all():
        if random.random() < 0.2:
            Interest.objects.filter(pk=interest.pk).update(muted=True)


def composed(subscriber: Subscriber) -> tuple[list[Any], int]:
    digest = Digest(subscriber=Subscriber.objects.get(pk=subscriber.pk), local_date=TODAY)
    items = compose.choose_papers([digest], MORNING)
    return [(item.paper_id, item.rank) for item in items if item.role == "pick"], digest.considered


def promised(preview: Preview) -> tuple[list[Any], int]:
    edition = preview.editions[0]
    return [(card.paper_id, card.rank) for card in edition.cards], edition.considered


def saved(subscriber: Subscriber, wishes: Wishes, model: EmbeddingModel) -> None:
    others = {name: getattr(wishes, name) for name in SETTINGS if getattr(wishes, name) is not None}
    lifecycle.change_preferences(subscriber, wishes, MORNING, **others)
    interest_vectors.rebuild_missing(model.name)


@pytest.mark.parametrize("seed", range(3))
def test_the_preview_is_the_digest_of_a_reader_with_a_past_before_and_after_a_change_is_saved(
    world: list[Paper], model: EmbeddingModel, seed: int
) -> None:
    random = Random(seed)
    for _ in range(6):
        with transaction.atomic():
            reader = confirmed(asked_at_random(random, world))
            live(reader, random)
            mute_some(reader, random)
            assert promised(preview_for(reader, wishes_of(reader), MORNING)) == composed(reader)
            asked = asked_at_random(random, world)
            expected = promised(preview_for(reader, asked, MORNING))
            saved(reader, asked, model)
            assert composed(reader) == expected
            transaction.set_rollback(True)


def test_nothing_that_was_sent_or_rated_is_in_it(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping",), digest_size=20))
    live(reader, Random(1))
    known = {
        *reader.feedback.values_list("paper", flat=True),
        *reader.digests.get().items.values_list("paper", flat=True),
    }
    edition = preview_for(reader, Wishes(texts=("quantum error correction",), digest_size=20), MORNING).editions[0]
    assert edition.cards
    assert not known & {card.paper_id for card in edition.cards}


def test_it_tells_what_each_interest_brings_but_of_muted_ones(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping", "speech learning")))
    reader.interests.filter(text="speech learning").update(muted=True)
    reader = Subscriber.objects.get()
    brought = preview_for(reader, wishes_of(reader), MORNING).volumes
    assert [volume.value for volume in brought] == ["robot grasping"]


def test_a_library_counts_though_no_form_names_it(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(library=tuple(paper.identifier for paper in world[:9])))
    assert wishes_of(reader).library == ()
    assert promised(preview_for(reader, Wishes(), MORNING)) == composed(reader)
    assert [volume.kind for volume in preview_for(reader, Wishes(), MORNING).volumes] == [InterestKind.LIBRARY]


def test_what_is_stored_comes_back_as_the_same_wishes(world: list[Paper], model: EmbeddingModel) -> None:
    for seed in range(5):
        with transaction.atomic():
            reader = confirmed(asked_at_random(Random(seed), world))
            before = set(reader.interests.values_list("pk", flat=True))
            saved(reader, wishes_of(reader), model)
            assert set(reader.interests.values_list("pk", flat=True)) == before
            transaction.set_rollback(True)


def test_it_stores_nothing_and_asks_no_more_for_many_interests(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping",)))
    topics = tuple(Topic.objects.values_list("pk", flat=True))
    few = Wishes(texts=TEXTS[:1], topics=topics[:1], authors=("Ada Lovelace",))
    many = Wishes(texts=TEXTS, topics=topics, authors=tuple(f"Ada Lovelace {number}" for number in range(9)))
    counts = []
    for asked in (many, few, many):  # at first texts are read, once; titles are asked for where a reason names some
        with CaptureQueriesContext(connection) as queries:
            preview_for(reader, asked, MORNING)
        counts.append(len(queries))
        assert not [query for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert 0 <= counts[2] - counts[1] <= 1
    assert counts[2] <= 20


def had(reader: Subscriber) -> set[int]:
    return set(reader.digests.get().items.filter(role__in=SHOWN).values_list("paper", flat=True))


def test_the_days_before_have_what_was_sent_and_say_so(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping",), digest_size=20))
    live(reader, Random(1))
    reader.digests.update(status=DeliveryStatus.SENT, claimed_at=MORNING)
    preview = preview_for(reader, wishes_of(reader), MORNING)
    following, *before = preview.editions
    shown = {card.paper_id for edition in before for card in edition.cards}
    assert len(preview.editions) == EDITIONS
    assert preview.sent == had(reader)
    assert shown & preview.sent, "though some of them were rated"
    assert not {card.paper_id for card in following.cards} & preview.sent


def test_no_paper_comes_on_two_of_the_days_before(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping",), digest_size=20))
    live(reader, Random(1))
    _, *before = preview_for(reader, wishes_of(reader), MORNING).editions
    shown = [card.paper_id for edition in before for card in edition.cards]
    assert len(shown) == len(set(shown)) > 0


def test_what_was_planned_only_was_not_sent(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping",), digest_size=20))
    live(reader, Random(1))
    assert had(reader)
    assert preview_for(reader, wishes_of(reader), MORNING).sent == frozenset()


def test_what_somebody_named_or_rated_by_themselves_is_on_no_day(world: list[Paper], model: EmbeddingModel) -> None:
    reader = confirmed(Wishes(texts=("robot grasping",), digest_size=20))
    _, *before = preview_for(reader, wishes_of(reader), MORNING).editions
    rated, named = [card for edition in before for card in edition.cards][:2]
    reader.feedback.create(paper_id=rated.paper_id, kind=FeedbackKind.LESS, at=MORNING)
    wishes = Wishes(texts=("robot grasping",), arxiv_ids=(named.identifier,), digest_size=20)
    _, *after = preview_for(reader, wishes, MORNING).editions
    assert not {rated.paper_id, named.paper_id} & {card.paper_id for edition in after for card in edition.cards}
