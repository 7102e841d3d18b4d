"""A reader who names nothing, or mutes everything, is told what the digests bring, and how to have papers chosen."""

from collections.abc import Callable

import numpy as np
import pytest
from django.test import Client
from django.utils.timezone import now

from papers.models import Paper
from recommender.models import EmbeddingModel
from subscriptions.interests import feedback_profile
from subscriptions.models import Feedback, FeedbackKind, Interest, Subscriber
from tests.subscriptions.conftest import MORNING, axis, preferences
from tests.subscriptions.digests.test_compose import compose_all, picks
from tests.subscriptions.terms.test_terms import save

pytestmark = pytest.mark.django_db


def told(client: Client, reader: Subscriber) -> str:
    return client.get(preferences(reader)).content.decode()


def test_who_empties_all_interests_is_told_what_comes_instead_and_gets_it(
    client: Client, make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    make_paper(1, axis(5), title="On everybody’s lips", trend=0.9)
    ada = make_subscriber()
    assert "most noticed these days" not in told(client, ada)
    save(client, ada)
    assert "You have named no interest. So every digest brings the papers that are most noticed" in told(client, ada)
    Subscriber.objects.update(next_digest_at=MORNING)
    compose_all()
    assert picks(ada) == ["On everybody’s lips"]


def test_who_mutes_all_interests_is_told_so_and_who_mutes_one_of_two_is_not(
    client: Client, make_subscriber: Callable[..., Subscriber]
) -> None:
    ada, bob = make_subscriber(follows=(0, 1)), make_subscriber("bob@example.org", follows=(0, 1))
    Interest.objects.filter(subscriber=ada).update(muted=True)
    bob.interests.filter(pk=bob.interests.all()[0].pk).update(muted=True)
    assert "All your interests are muted. So every digest" in told(client, ada)
    assert "most noticed these days" not in told(client, bob)


@pytest.mark.parametrize(("word", "chooses"), [(FeedbackKind.MORE, True), (FeedbackKind.LESS, False)])
def test_a_paper_that_the_reader_liked_chooses_as_well(
    client: Client,
    make_subscriber: Callable[..., Subscriber],
    make_paper: Callable[..., Paper],
    model: EmbeddingModel,
    word: str,
    chooses: bool,
) -> None:
    ada, paper = make_subscriber(follows=()), make_paper(1, np.asarray(axis(0)))
    Feedback.objects.create(subscriber=ada, paper=paper, kind=word, at=now())
    feedback_profile.rebuild(ada, model)
    assert ("most noticed these days" not in told(client, ada)) is chooses


@pytest.mark.parametrize("typed", ["???", "whales\n123", "🙂"])
def test_an_interest_without_a_letter_is_refused_at_its_field_and_the_others_stay(
    client: Client, make_subscriber: Callable[..., Subscriber], typed: str
) -> None:
    ada = make_subscriber(follows=(0, 1))
    answer = save(client, ada, text=typed)
    page = answer.content.decode()  # type: ignore[attr-defined]
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert 'id="id_text_error"' in page
    assert "holds no letter. Say in words what you work on" in page
    assert ada.interests.count() == 2
