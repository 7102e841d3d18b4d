"""Terms that a reader requires or excludes on the preferences page, and the digest that keeps to them."""

from collections.abc import Callable

import pytest
from django.test import Client

from papers.models import Paper
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import MORNING, axis, preferences
from tests.subscriptions.digests.test_compose import compose_all, picks

pytestmark = pytest.mark.django_db
SCHEDULE = {"timezone": "UTC", "send_hour": "8", "frequency": "daily"}
OTHER = {"digest_size": "10", "trend_weight": "0.5", "weekly_day": "0"}


def save(client: Client, subscriber: Subscriber, **fields: str) -> object:
    return client.post(preferences(subscriber), SCHEDULE | OTHER | fields)


def test_terms_are_saved_once_each_and_shown_again(client: Client, make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber()
    save(client, ada, excluded_terms="Survey, federated  learning\nsurvey", required_terms="Gödel")
    ada.refresh_from_db()
    assert ada.excluded_terms == ["Survey", "federated learning"]
    assert ada.required_terms == ["Gödel"]
    assert "Survey\nfederated learning</textarea>" in client.get(preferences(ada)).content.decode()


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ("survey, !!!", "“!!!” holds no letter or digit"),
        ("one two three four five six seven eight nine", "at most 8 words"),
        ("\n".join(f"term{number}" for number in range(51)), "Please keep to 50 terms; you gave 51"),
        ("x" * 3000, "at most 2000 characters"),
    ],
    ids=["signs", "a sentence", "too many", "too long"],
)
def test_nonsense_gets_one_clear_error_and_saves_nothing(
    client: Client, make_subscriber: Callable[..., Subscriber], typed: str, remedy: str
) -> None:
    ada = make_subscriber()
    answer = save(client, ada, excluded_terms=typed)
    assert answer.status_code == 400  # type: ignore[attr-defined]
    assert remedy in answer.content.decode()  # type: ignore[attr-defined]
    ada.refresh_from_db()
    assert ada.excluded_terms == []


def test_the_digest_keeps_to_the_terms(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    make_paper(1, axis(0, 0.6), title="A survey of sonar")
    make_paper(2, axis(0, -0.7), title="Sonar at sea", abstract="Unlike surveyors, we dive.")
    make_paper(3, axis(0, 0), title="Of whales")
    ada = make_subscriber("ada@example.org", excluded_terms=["survey"])
    bob = make_subscriber("bob@example.org", required_terms=["Sonar", "dolphins"])
    compose_all()
    assert sorted(picks(ada)) == ["Of whales", "Sonar at sea"]
    assert sorted(picks(bob)) == ["A survey of sonar", "Sonar at sea"]


def test_the_text_that_counts_is_the_one_that_people_see(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    make_paper(1, axis(0), title=r"Schr\"odinger's cat", plain_title="Schrödinger's cat")
    ada = make_subscriber(excluded_terms=["Schrodinger"])
    compose_all()
    assert picks(ada) == []


def test_plurals_count_until_a_reader_says_that_they_do_not(
    client: Client, make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    make_paper(1, axis(0), title="Two surveys of sonar")
    ada, bob = make_subscriber(excluded_terms=["survey"]), make_subscriber("bob@example.org")
    assert 'name="term_plurals" id="id_term_plurals" checked' in client.get(preferences(bob)).content.decode()
    save(client, bob, topics=str(bob.interests.get().topic_id), excluded_terms="survey")
    bob.refresh_from_db()
    assert not bob.term_plurals
    assert 'name="term_plurals" id="id_term_plurals">' in client.get(preferences(bob)).content.decode()
    Subscriber.objects.update(next_digest_at=MORNING)
    compose_all()
    assert (picks(ada), picks(bob)) == ([], ["Two surveys of sonar"])
