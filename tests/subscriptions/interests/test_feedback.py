"""What a reader says of the papers of a digest, and what the next digest makes of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.models import Paper
from recommender.models import EmbeddingModel
from recommender.vectors import unit
from subscriptions import lifecycle
from subscriptions.interests import feedback, feedback_profile, readers
from subscriptions.mails import pick_cards
from subscriptions.mails.emails import digest_message
from subscriptions.models import DigestItem, Feedback, FeedbackKind, Subscriber
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, TODAY, axis, preferences
from tests.subscriptions.digests.test_compose import compose_all, picks

pytestmark = pytest.mark.django_db
TOMORROW = MORNING + timedelta(days=1)


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    """She has a digest of papers 0, 1 and 2."""
    ada = make_subscriber(follows=(0,))
    compose_all()
    return ada


def page(subscriber: Subscriber) -> str:
    return reverse("digest", args=[tokens.make(Purpose.DIGEST, subscriber.digests.latest("local_date").handle)])


def said(subscriber: Subscriber) -> dict[str, str]:
    return dict(subscriber.feedback.values_list("paper__title", "kind"))


def say(subscriber: Subscriber, paper: Paper, word: str, days_ago: int = 0) -> None:
    Feedback.objects.create(subscriber=subscriber, paper=paper, kind=word, at=MORNING - timedelta(days=days_ago))
    feedback_profile.rebuild(subscriber, EmbeddingModel.objects.serving())


def relevance(subscriber: Subscriber, paper: Paper) -> float:
    return DigestItem.objects.get(subscriber=subscriber, paper=paper).relevance


def test_one_post_rates_the_whole_list_without_a_login(client: Client, ada: Subscriber) -> None:
    words = {"2606.00000": "save", "2606.00001": "less", "2606.00002": "seen"}
    answer = client.post(page(ada), words, follow=True)
    assert "Your next digest follows what you said" in answer.content.decode()
    assert said(ada) == {"Paper 0": "save", "Paper 1": "less", "Paper 2": "seen"}


def test_opening_the_page_changes_nothing(client: Client, ada: Subscriber) -> None:
    for method in (client.get, client.head):
        assert method(page(ada), {"2606.00000": "save"}).status_code == 200
    assert not Feedback.objects.exists()


def test_the_page_shows_what_was_said_before(client: Client, ada: Subscriber) -> None:
    client.post(page(ada), {"2606.00001": "more"})
    assert 'name="2606.00001" value="more" checked' in client.get(page(ada)).content.decode()


def test_the_last_word_on_a_paper_wins_and_no_word_takes_it_back(client: Client, ada: Subscriber) -> None:
    for word in ("more", "less"):
        client.post(page(ada), {"2606.00000": word})
    assert said(ada) == {"Paper 0": "less"}
    client.post(page(ada), {"2606.00000": ""})
    assert said(ada) == {}


def test_saying_the_same_again_does_not_make_it_newer(ada: Subscriber) -> None:
    digest = ada.digests.get()
    assert feedback.rate(digest, {"2606.00000": "save"}, MORNING) == 1
    assert feedback.rate(digest, {"2606.00000": "save"}, TOMORROW) == 0
    assert Feedback.objects.get().at == MORNING


@pytest.mark.parametrize(
    "nonsense",
    [{"2606.00000": "adore"}, {"2606.00003": "save"}, {"2699.00001": "save"}, {"": "more"}, {}],
    ids=["no such word", "not in this digest", "no such paper", "no name", "nothing"],
)
def test_nonsense_is_passed_over(client: Client, ada: Subscriber, nonsense: dict[str, str]) -> None:
    assert client.post(page(ada), nonsense).status_code == 302
    assert not Feedback.objects.exists()


def test_near_misses_are_rated_on_the_same_page(
    client: Client, make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    make_paper(0, axis(0)), make_paper(1, unit(0.3 * axis(0) + axis(3)))
    ada = make_subscriber(follows=(0,))
    compose_all()
    client.post(page(ada), {"2606.00001": "more"})
    assert said(ada) == {"Paper 1": "more"}


def test_a_token_of_another_page_rates_nothing(client: Client, ada: Subscriber) -> None:
    wrong = tokens.make(Purpose.PREFERENCES, ada.handle)
    assert client.post(reverse("digest", args=[wrong]), {"2606.00000": "save"}).status_code == 404
    assert not Feedback.objects.exists()


def test_both_parts_of_the_mail_link_to_the_rating(ada: Subscriber) -> None:
    digest = ada.digests.get()
    message = digest_message(digest, digest.items.all(), MORNING)
    html = str(message.alternatives[0][0])
    assert f"Read or rate: http://127.0.0.1:8000{page(ada)}" in message.body
    assert f'{page(ada)}#p1">rate</a>' in html


def test_a_kept_paper_brings_its_neighbours_and_is_named_as_the_reason(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=(4,))
    say(ada, some_papers[0], "save")
    compose_all()
    assert "Paper 2" in picks(ada)
    item = DigestItem.objects.get(paper=some_papers[2])
    assert item.reason["kind"] == "feedback"
    assert "a paper you kept or asked more of: “Paper 0”" in pick_cards.cards([item])[0].why


def test_feedback_alone_is_enough_to_choose_by(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=())
    say(ada, some_papers[0], "more")
    compose_all()
    assert picks(ada) == ["Paper 2"]


def test_less_lowers_the_neighbourhood_and_leaves_the_rest_alone(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    disliked = make_paper(9, axis(0, 0.3), day=TODAY - timedelta(days=30))
    near, far = make_paper(1, axis(0, 1.2)), make_paper(2, unit(axis(0) - 2 * axis(3)))
    content = make_subscriber("bob@example.org", follows=(0,))
    ada = make_subscriber(follows=(0,))
    say(ada, disliked, "less")
    compose_all()
    assert relevance(ada, near) < relevance(content, near) - 0.1
    assert relevance(ada, far) == pytest.approx(relevance(content, far))


@pytest.mark.parametrize("word", FeedbackKind.values)
def test_a_rated_paper_never_comes_again(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], word: str
) -> None:
    ada = make_subscriber(follows=(4,))
    say(ada, some_papers[3], word)
    compose_all()
    assert "Paper 3" not in picks(ada)


def test_an_old_word_counts_less_than_a_new_one(
    make_subscriber: Callable[..., Subscriber], model: EmbeddingModel, some_papers: list[Paper], settings: object
) -> None:
    settings.FEEDBACK_HALF_LIFE_DAYS = 10
    ada = make_subscriber()
    say(ada, some_papers[0], "save")
    say(ada, some_papers[3], "more", days_ago=10)
    say(ada, some_papers[2], "less", days_ago=20)
    found = feedback_profile.load([ada.pk], model)[ada.pk]
    assert [one.share for one in found.interests[0].subjects] == pytest.approx([2 / 3, 1 / 3])
    assert found.less.weights == pytest.approx([0.25])


def test_only_the_newest_words_are_evidence(
    make_subscriber: Callable[..., Subscriber], model: EmbeddingModel, make_paper: Callable[..., Paper]
) -> None:
    ada = make_subscriber()
    for number in range(feedback_profile.MOST + 5):
        say(ada, make_paper(number, axis(number % 8, 0.1)), "save" if number % 2 else "more", days_ago=number)
    [interest] = feedback_profile.load([ada.pk], model)[ada.pk].interests
    named = {name for subject in interest.subjects for name in subject.papers}
    assert named <= {f"2606.{number:05d}" for number in range(feedback_profile.MOST)}
    assert len(interest.subjects) == 8


def queries_to_load(people: list[Subscriber], model: EmbeddingModel, papers: list[Paper]) -> int:
    with CaptureQueriesContext(connection) as queries:
        readers.load(people, model, {paper.identifier: paper.pk for paper in papers})
    return len(queries)


def test_a_batch_of_readers_costs_the_same_queries_however_much_they_have_taught(
    make_subscriber: Callable[..., Subscriber], model: EmbeddingModel, some_papers: list[Paper]
) -> None:
    people = [make_subscriber(f"reader{number}@example.org") for number in range(4)]
    say(people[0], some_papers[0], "save")
    queries_to_load(people, model, some_papers)  # a process reads the topics once
    before = queries_to_load(people, model, some_papers)
    for person in people[1:]:
        for paper in some_papers:
            say(person, paper, "less")
    assert queries_to_load(people, model, some_papers) == before


def test_a_page_lists_what_was_taught_and_forgets_one_or_all(client: Client, ada: Subscriber) -> None:
    client.post(page(ada), {"2606.00000": "save", "2606.00001": "less", "2606.00002": "seen"})
    shown = client.get(preferences(ada, "taught")).content.decode()
    assert "What you have taught it" in shown
    assert "less like this" in shown
    client.post(preferences(ada, "forget"), {"paper": "2606.00001"})
    assert said(ada) == {"Paper 0": "save", "Paper 2": "seen"}
    answer = client.post(preferences(ada, "forget"), {"everything": "yes"}, follow=True)
    assert "Forgotten: 2 ratings" in answer.content.decode()
    assert said(ada) == {}


def test_forgetting_is_never_done_by_opening_a_link(client: Client, ada: Subscriber) -> None:
    client.post(page(ada), {"2606.00000": "save"})
    assert client.get(preferences(ada, "forget"), {"everything": "yes"}).status_code == 405
    assert said(ada) == {"Paper 0": "save"}


def test_erasing_a_subscriber_erases_the_feedback(client: Client, ada: Subscriber) -> None:
    client.post(page(ada), {"2606.00000": "save"})
    lifecycle.erase(ada)
    assert not Feedback.objects.exists()


def test_changing_the_interests_leaves_the_feedback_alone(client: Client, ada: Subscriber) -> None:
    client.post(page(ada), {"2606.00000": "save"})
    lifecycle.replace_interests(ada, lifecycle.Wishes(texts=("whale song",)), MORNING)
    assert said(ada) == {"Paper 0": "save"}
