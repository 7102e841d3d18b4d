"""Whose interests are still to be turned into vectors, so that their first digest can wait for that."""

from collections.abc import Callable

import pytest

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.interests.interest_vectors import under_way
from subscriptions.models import Interest, InterestKind, InterestVector, Subscriber
from tests.subscriptions.conftest import axis

pytestmark = pytest.mark.django_db
CASES = {
    "a free text": ({"kind": InterestKind.TEXT, "text": "robots"}, True),
    "a muted free text": ({"kind": InterestKind.TEXT, "text": "robots", "muted": True}, False),
    "a paper that is here": ({"kind": InterestKind.PAPERS, "arxiv_ids": ["2606.00000", "2606.99999"]}, True),
    "a paper that is not here": ({"kind": InterestKind.PAPERS, "arxiv_ids": ["2606.99999"]}, False),
    "a library with a paper that is here": ({"kind": InterestKind.LIBRARY, "arxiv_ids": ["2606.00000"]}, True),
    "an empty library": ({"kind": InterestKind.LIBRARY}, False),
    "a person": ({"kind": InterestKind.AUTHOR, "text": "Ada Lovelace"}, False),
}


@pytest.mark.parametrize(("fields", "expected"), CASES.values(), ids=CASES)
def test_interests_that_will_have_vectors_in_minutes_are_under_way(
    make_subscriber: Callable[..., Subscriber],
    some_papers: list[Paper],
    model: EmbeddingModel,
    fields: dict[str, object],
    expected: bool,
) -> None:
    ada, bob = make_subscriber("ada@example.org"), make_subscriber("bob@example.org")
    interest = Interest.objects.create(subscriber=ada, **fields)
    assert under_way([ada.pk, bob.pk]) == ({ada.pk} if expected else set())
    assert under_way([bob.pk]) == set()
    InterestVector.objects.create(interest=interest, model=model, vector=axis(0))
    assert under_way([ada.pk, bob.pk]) == set()


def test_vectors_by_another_model_do_not_count(
    make_subscriber: Callable[..., Subscriber], model: EmbeddingModel
) -> None:
    ada, other = make_subscriber(), EmbeddingModel.objects.create(name="other", dimension=8)
    interest = Interest.objects.create(subscriber=ada, kind=InterestKind.TEXT, text="robots")
    InterestVector.objects.create(interest=interest, model=other, vector=axis(0))
    assert under_way([ada.pk]) == {ada.pk}
