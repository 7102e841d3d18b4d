"""One subscriber or paper with damaged data delays nobody: the others get their digests."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.digests import compose
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    InterestKind,
    InterestVector,
    Subscriber,
    TasteVector,
)
from tests.subscriptions.conftest import MORNING, TODAY, axis
from tests.subscriptions.digests.test_compose import compose_all, lease_all, picks


def wrong_terms(subscriber: Subscriber) -> None:
    Subscriber.objects.filter(pk=subscriber.pk).update(excluded_terms=5)


def wrong_identifiers(subscriber: Subscriber) -> None:
    Interest.objects.create(subscriber=subscriber, kind=InterestKind.PAPERS, arxiv_ids=7)


def wrong_people(subscriber: Subscriber) -> None:
    Interest.objects.filter(subscriber=subscriber).update(people=9)


def vector_of_another_length(subscriber: Subscriber) -> None:
    text = Interest.objects.create(subscriber=subscriber, kind=InterestKind.TEXT, text="what they wrote")
    short = np.ones(3, dtype=np.float32)
    InterestVector.objects.create(interest=text, model=EmbeddingModel.objects.get(), vector=short)


def half_a_term(subscriber: Subscriber) -> None:
    text = Interest.objects.create(subscriber=subscriber, kind=InterestKind.TEXT, text="what they wrote")
    model = EmbeddingModel.objects.get()
    InterestVector.objects.create(interest=text, model=model, vector=axis(0), terms=b"seven b")


def wrong_taste(subscriber: Subscriber) -> None:
    model = EmbeddingModel.objects.get()
    TasteVector.objects.create(
        subscriber=subscriber, model=model, liked=False, vector=np.ones(3, dtype=np.float32), said_at=MORNING
    )


def papers_that_are_no_list(subscriber: Subscriber) -> None:
    """Raises only when the reason is written."""
    subscriber.interests.all().delete()
    text = Interest.objects.create(subscriber=subscriber, kind=InterestKind.PAPERS, arxiv_ids=["2606.99999"])
    model = EmbeddingModel.objects.get()
    InterestVector.objects.create(interest=text, model=model, vector=axis(0), papers=[["a"], ["b"]])


POISON = [
    wrong_terms,
    wrong_identifiers,
    wrong_people,
    vector_of_another_length,
    half_a_term,
    wrong_taste,
    papers_that_are_no_list,
]


@pytest.mark.django_db
@pytest.mark.parametrize("poison", POISON, ids=lambda one: one.__name__)
def test_a_subscriber_whose_data_raises_fails_alone(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], poison: Callable[[Subscriber], None]
) -> None:
    people = [make_subscriber(f"{name}@example.org") for name in ("ada", "bob", "cyd")]
    poison(people[1])
    composed = compose_all()
    assert {one.subscriber for one in composed.digests} == {people[0], people[2]}
    assert sorted(picks(people[0])) == sorted(picks(people[2])) == ["Paper 0", "Paper 1", "Paper 2"]
    mine = Digest.objects.get(subscriber=people[1])
    assert set(composed.failed) == {mine.pk}
    assert isinstance(composed.failed[mine.pk], Exception)
    assert (mine.status, mine.composed_at) == (DeliveryStatus.PLANNED, None)
    assert not DigestItem.objects.filter(subscriber=people[1]).exists()


def planned(subscriber: Subscriber, day: date = TODAY) -> Digest:
    return Digest.objects.create(subscriber_id=subscriber.pk, local_date=day, due_at=MORNING, next_attempt_at=MORNING)


@pytest.mark.django_db
def test_a_damaged_paper_is_in_no_digest_and_the_others_are(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada = make_subscriber()
    Paper.objects.filter(pk=some_papers[1].pk).update(authors=5)
    assert not compose_all().failed
    assert sorted(picks(ada)) == ["Paper 0", "Paper 2"]


@pytest.mark.django_db
def test_two_digests_of_one_subscriber_in_a_batch_share_no_paper(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    """The database refuses the second pick, so that each is composed alone, one after the other."""
    ada, bob = make_subscriber("ada@example.org", digest_size=2), make_subscriber("bob@example.org")
    first, second, other = planned(ada), planned(ada, TODAY + timedelta(days=1)), planned(bob)
    composed = compose.compose(lease_all(), MORNING)
    assert not composed.failed
    assert composed.digests == [first, second, other]
    assert sorted(picks(ada)) == ["Paper 0", "Paper 1", "Paper 2"]
    assert sorted(picks(bob)) == ["Paper 0", "Paper 1", "Paper 2"]
