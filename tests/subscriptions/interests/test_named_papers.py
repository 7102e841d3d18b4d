"""Papers that a subscriber names before we have them: asked of arXiv, embedded, and then part of the interest."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from papers.feeds import arxiv_lookups, wanted
from papers.models import Paper, WantedPaper
from recommender.embedding import embed
from recommender.models import EmbeddingModel, PaperVector
from subscriptions import lifecycle
from subscriptions.interests import interest_vectors
from subscriptions.lifecycle import Wishes
from subscriptions.models import Consent, Interest, InterestKind, InterestVector, Subscriber
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests import tiny_model
from tests.papers.sources.atom import arxiv
from tests.papers.sources.feed_server import FeedServer
from tests.subscriptions.conftest import MORNING, axis

pytestmark = pytest.mark.django_db
NAMED = Wishes(arxiv_ids=("2606.00001", "2606.00002"))


@pytest.fixture
def api(settings: object) -> Iterator[FeedServer]:
    with FeedServer() as server:
        settings.ARXIV_API_URL = f"{server.url}/api/query"
        server.respond = arxiv()
        yield server


def confirmed(wishes: Wishes) -> Subscriber:
    lifecycle.sign_up("ada@example.org", wishes, form_text_hash="hash", now=MORNING)
    assert lifecycle.confirm(Consent.objects.get(), MORNING)
    return Subscriber.objects.get()


def page(client: Client, subscriber: Subscriber) -> str:
    token = tokens.make(Purpose.PREFERENCES, subscriber.handle)
    return client.get(reverse("preferences", args=[token])).content.decode()


def named_by_vectors() -> list[str]:
    return sorted(name for row in InterestVector.objects.all() for name in row.papers)


def test_named_papers_are_looked_up_embedded_and_become_the_interest(
    api: FeedServer, tmp_path: Path, client: Client
) -> None:
    ada, model = confirmed(NAMED), str(tiny_model.build(tmp_path / "tiny"))
    assert "Being looked up at arXiv: 2606.00001, 2606.00002" in page(client, ada)
    assert arxiv_lookups.look_up(MORNING).created == 2
    embed.embed_missing(model)
    assert interest_vectors.rebuild_missing(model) == 1
    assert named_by_vectors() == ["2606.00001", "2606.00002"]
    assert "Being looked up" not in page(client, ada)


def test_a_stranger_who_has_not_confirmed_makes_us_ask_nobody() -> None:
    lifecycle.sign_up("ada@example.org", NAMED, form_text_hash="hash", now=MORNING)
    assert not WantedPaper.objects.exists()


def test_a_subscriber_is_told_that_arxiv_does_not_know_a_paper(api: FeedServer, client: Client) -> None:
    api.respond = arxiv(unknown=("2606.00002",))
    ada = confirmed(NAMED)
    arxiv_lookups.look_up(MORNING)
    shown = page(client, ada)
    assert "Unknown to arXiv: 2606.00002. Please check the number;" in shown
    assert "Being looked up" not in shown


def test_papers_named_on_the_preferences_page_are_looked_up_too(make_subscriber: Callable[..., Subscriber]) -> None:
    lifecycle.change_preferences(make_subscriber(), NAMED, MORNING)
    assert wanted.waiting(MORNING, 10) == ["2606.00001", "2606.00002"]


def test_more_papers_than_are_looked_up_at_once_are_refused_by_the_form(client: Client) -> None:
    papers = "\n".join(f"2606.{number:05}" for number in range(501))
    answer = client.post(reverse("subscribe"), {"email": "ada@example.org", "papers": papers})
    assert "Please keep to 500 papers; you named 501." in answer.content.decode()


def test_what_is_no_identifier_is_named_back_and_nothing_is_stored(client: Client) -> None:
    papers = "arXiv.2606.\n24775, 2613.00001, https://doi.org/10.1145/abc.12\nOn whales\n２６０６．００００２"
    answer = client.post(reverse("subscribe"), {"email": "ada@example.org", "papers": papers}).content.decode()
    assert "No arXiv id is in “2613.00001”, “https://doi.org/10.1145/abc.12”, “On whales”. Ids look like" in answer
    assert "２６０６．００００２" in answer, "what was typed stays in the form"
    assert not Consent.objects.exists()


def interest_in(subscriber: Subscriber, *numbers: int) -> Interest:
    ids = [f"2606.{number:05}" for number in numbers]
    return subscriber.interests.create(kind=InterestKind.PAPERS, arxiv_ids=ids)


def test_an_interest_of_some_known_papers_grows_when_another_one_comes(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], model: EmbeddingModel
) -> None:
    interest_in(make_subscriber(), 1, 2, 3)
    make_paper(1, axis(1))
    assert interest_vectors.rebuild_missing(model.name) == 1
    assert interest_vectors.rebuild_missing(model.name) == 0, "nothing has come since"
    make_paper(3, axis(3))
    assert interest_vectors.rebuild_missing(model.name) == 1
    assert named_by_vectors() == ["2606.00001", "2606.00003"]
    assert sorted(int(row.vector.argmax()) for row in InterestVector.objects.all()) == [1, 3]


def test_an_interest_of_many_papers_grows_too(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], model: EmbeddingModel
) -> None:
    numbers = range(1, 13)
    interest_in(make_subscriber(), *numbers)
    for number in numbers[:-1]:
        make_paper(number, axis(number % 8, 0.1 * number))
    assert interest_vectors.rebuild_missing(model.name) == 1
    make_paper(12, axis(4, 2.0))
    assert interest_vectors.rebuild_missing(model.name) == 1
    assert interest_vectors.rebuild_missing(model.name) == 0


def test_interests_whose_papers_never_come_do_not_hold_up_the_others(
    make_subscriber: Callable[..., Subscriber],
    make_paper: Callable[..., Paper],
    model: EmbeddingModel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interest_vectors, "AT_ONCE", 1)
    ada = make_subscriber()
    interest_in(ada, 8), interest_in(ada, 9)
    known = interest_in(ada, 1)
    make_paper(1, axis(1))
    assert interest_vectors.missing(model) == [known]


def test_each_model_has_an_interest_grow_by_itself(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], model: EmbeddingModel
) -> None:
    interest_in(make_subscriber(), 1, 2)
    papers = [make_paper(1, axis(1)), make_paper(2, axis(2))]
    interest_vectors.rebuild_missing(model.name)
    other = EmbeddingModel.objects.create(name="other", dimension=4)
    for paper in papers:
        vector = np.eye(4, dtype=np.float32)[0]
        PaperVector.objects.create(
            paper=paper, model=other, vector=vector, text_hash=b"x" * 16, paper_updated_at=paper.updated_at
        )
        assert interest_vectors.rebuild_missing("other") == 1
    assert InterestVector.objects.get(model=other).papers == ["2606.00001", "2606.00002"]
