"""Who wrote the papers that a reader named, uploaded or kept."""

from collections.abc import Callable, Sequence

import pytest

from papers.models import Paper
from recommender.models import EmbeddingModel
from recommender.ranking.reader import Reader
from recommender.words.authors import Authors
from subscriptions.interests import feedback_profile, interest_vectors, known_authors, readers
from subscriptions.models import FeedbackKind, Interest, InterestKind, Subscriber
from tests.subscriptions.conftest import MORNING, axis

pytestmark = pytest.mark.django_db


def known(subscriber: Subscriber) -> dict[str, int]:
    return dict(loaded([subscriber])[0].people)


def loaded(people: Sequence[Subscriber]) -> list[Reader]:
    return readers.load(people, EmbeddingModel.objects.get(), {})


def say(subscriber: Subscriber, paper: Paper, kind: FeedbackKind) -> None:
    subscriber.feedback.create(paper=paper, kind=kind, at=MORNING)
    feedback_profile.rebuild(subscriber, EmbeddingModel.objects.get())


@pytest.fixture
def library(make_paper: Callable[..., Paper]) -> list[Paper]:
    return [
        make_paper(1, axis(0), authors=["Ada Lovelace", r"Ada Lovelace\'s son"], plain_authors=["Ada Lovelace"]),
        make_paper(2, axis(1), authors=["Lovelace, Ada", "Mary Somerville"]),
        make_paper(3, axis(2), authors=[f"Member {number}" for number in range(3000)]),
    ]


def name(subscriber: Subscriber, papers: Sequence[Paper], **fields: object) -> Interest:
    ids = [paper.identifier for paper in papers]
    interest = subscriber.interests.create(kind=InterestKind.PAPERS, arxiv_ids=[*ids, "2606.99999"], **fields)
    known_authors.remember(interest)
    return interest


def test_the_authors_of_named_papers_are_known_by_how_many_of_them_they_wrote(
    make_subscriber: Callable[..., Subscriber], library: list[Paper]
) -> None:
    ada = make_subscriber()
    name(ada, library)
    assert known(ada) == {"adalovelace": 2, "marysomerville": 1}


def test_papers_that_come_later_bring_their_authors(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    ada = make_subscriber()
    interest = name(ada, [])
    assert known(ada) == {}
    make_paper(99999, axis(0), authors=["Grace Hopper"])
    assert known_authors.remember(interest) == 1
    assert known(ada) == {"gracehopper": 1}


def test_kept_papers_count_and_disliked_ones_do_not(
    make_subscriber: Callable[..., Subscriber], library: list[Paper]
) -> None:
    ada = make_subscriber()
    name(ada, library[:1])
    say(ada, library[1], FeedbackKind.SAVE)
    say(ada, library[0], FeedbackKind.LESS)
    assert known(ada) == {"adalovelace": 2, "marysomerville": 1}


def test_a_muted_interest_knows_nobody(make_subscriber: Callable[..., Subscriber], library: list[Paper]) -> None:
    ada = make_subscriber()
    name(ada, library, muted=True)
    assert known(ada) == {}


def test_readers_of_a_batch_are_kept_apart(make_subscriber: Callable[..., Subscriber], library: list[Paper]) -> None:
    people = [make_subscriber(f"person{number}@example.org") for number in range(3)]
    name(people[0], library[:1])
    say(people[1], library[1], FeedbackKind.MORE)
    assert [dict(one.people) for one in loaded(people)] == [
        {"adalovelace": 1},
        {"adalovelace": 1, "marysomerville": 1},
        {},
    ]


def test_the_best_known_are_kept_where_there_are_too_many(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_authors, "MOST_PEOPLE", 2)
    papers = [make_paper(number, axis(number), authors=["Zoe Last", f"Member {number}a"]) for number in range(4)]
    ada = make_subscriber()
    name(ada, papers)
    assert known(ada) == {"zoelast": 4, "member0a": 1}


def test_those_known_are_met_again_among_the_candidates(
    make_subscriber: Callable[..., Subscriber], library: list[Paper]
) -> None:
    ada = make_subscriber()
    name(ada, library)
    candidates = Authors([["Charles Babbage"], ["Somerville, Mary", "A. Lovelace"]])
    assert candidates.known_on(0, known(ada)) == {}
    assert candidates.known_on(1, known(ada)) == {"Somerville, Mary": 1}


def test_followed_names_need_no_encoder(make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber(follows=())
    ada.interests.create(kind=InterestKind.AUTHOR, text="Ada Lovelace")
    ada.interests.create(kind=InterestKind.LAB, text="DeepMind")
    assert interest_vectors.rebuild_of(ada) == 0
    assert interest_vectors.rebuild_missing("test") == 0
