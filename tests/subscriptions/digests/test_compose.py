from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from papers.models import EditionEntry, Paper
from recommender.models import EmbeddingModel
from recommender.vectors import unit
from subscriptions.digests import compose, planning
from subscriptions.interests import interest_vectors
from subscriptions.interests.paper_evidence import nearest_first
from subscriptions.mails import pick_cards
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    Interest,
    InterestKind,
    Role,
    SkipReason,
    Subscriber,
)
from tests.subscriptions.conftest import MORNING, TODAY, axis


def compose_all(now: datetime = MORNING) -> compose.Composed:
    planning.plan(now)
    return compose.compose(lease_all(now), now)


def lease_all(now: datetime = MORNING) -> UUID:
    return Digest.objects.lease(Digest.objects.values_list("pk", flat=True), now, until=now + timedelta(minutes=10))


def picks(subscriber: Subscriber) -> list[str]:
    items = DigestItem.objects.filter(subscriber=subscriber, role=Role.PICK).order_by("digest", "rank")
    return [item.paper.title for item in items.select_related("paper")]


def test_each_reader_gets_the_papers_of_their_own_topics(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada, bob = make_subscriber("ada@example.org", follows=(0,)), make_subscriber("bob@example.org", follows=(4,))
    assert len(compose_all().digests) == 2
    assert sorted(picks(ada)) == ["Paper 0", "Paper 1", "Paper 2"]
    assert picks(bob) == ["Paper 3"]


def test_a_reader_of_two_topics_gets_both(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> None:
    ada = make_subscriber(follows=(0, 4))
    compose_all()
    assert sorted(picks(ada)) == ["Paper 0", "Paper 1", "Paper 2", "Paper 3"]


def test_every_pick_says_which_interest_chose_it_and_how_close_it_is(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber(follows=(4,))
    compose_all()
    item = DigestItem.objects.get(role=Role.PICK)
    assert item.interest == Interest.objects.get()
    assert item.reason["kind"] == "topic"
    assert item.reason["label"] == "Topic 4"
    assert item.reason["closeness"] == 0.8  # a cosine of 1, bent as all that is high


def test_readers_of_one_topic_share_what_is_said_of_a_paper_and_each_is_told_what_alone_they_would_be(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    """Sharing saves the most of a batch's reasons; who follows an author, or two topics, is told so all the same."""
    follows = {"ada": (0,), "bob": (0,), "cy": (0, 4), "di": (0,)}
    people = [make_subscriber(f"{name}@example.org", follows=topics) for name, topics in follows.items()]
    people[3].interests.create(kind=InterestKind.AUTHOR, text="Ada Lovelace")
    alone = [_told(compose.preview(person, MORNING)[1]) for person in people]
    digests = [Digest(pk=person.pk, subscriber=person, local_date=TODAY) for person in people]
    items = compose.choose_papers(digests, MORNING)
    together = [[item for item in items if item.subscriber_id == person.pk] for person in people]
    assert [_told(found) for found in together] == alone
    assert alone[0] == alone[1] != alone[3]
    assert all(one.reason is other.reason for one, other in zip(together[0], together[1], strict=True))


def _told(items: Iterable[DigestItem]) -> list[tuple[int, str, Any]]:
    return [(item.paper_id, item.role, item.reason) for item in items]


def test_nothing_is_picked_twice_for_anybody(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    ada = make_subscriber(follows=(0,))
    compose_all()
    make_paper(9, axis(0, 0.1), day=TODAY + timedelta(days=1))
    compose_all(MORNING + timedelta(days=1))
    assert sorted(picks(ada)) == ["Paper 0", "Paper 1", "Paper 2", "Paper 9"]


def test_the_database_itself_refuses_a_second_pick(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber(follows=(0,))
    compose_all()
    item = DigestItem.objects.filter(role=Role.PICK)[0]
    item.pk, item.rank = None, 99
    with pytest.raises(IntegrityError), transaction.atomic():
        item.save()


def test_papers_that_readers_named_themselves_are_not_picked_for_them_but_their_neighbours_are(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=())
    interest = ada.interests.create(kind=InterestKind.PAPERS, arxiv_ids=[some_papers[0].identifier])
    assert interest_vectors.rebuild([interest], EmbeddingModel.objects.get()) == 1
    compose_all()
    assert "Paper 0" not in picks(ada)
    item = DigestItem.objects.get(paper=some_papers[2])
    assert item.reason["papers"] == [some_papers[0].identifier]
    assert "a paper you named: “Paper 0”" in pick_cards.cards([item])[0].why


def test_two_papers_on_one_idea_make_one_entry_and_the_other_does_not_come_the_day_after(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> None:
    ada = make_subscriber(follows=(0,))
    make_paper(1, axis(0, 0.10), trend=0.9)
    make_paper(2, axis(0, 0.11), trend=0.1)
    compose_all()
    [item] = DigestItem.objects.filter(role=Role.PICK)
    assert picks(ada) == ["Paper 1"]
    assert [other.title for other in pick_cards.cards([item])[0].also] == ["Paper 2"]
    compose_all(MORNING + timedelta(days=1))
    assert picks(ada) == ["Paper 1"]
    assert Digest.objects.latest("local_date").status == DeliveryStatus.SKIPPED


def test_a_day_without_a_fitting_paper_is_skipped_and_says_so(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber(follows=(6,))
    compose_all()
    digest = Digest.objects.get()
    assert (digest.status, digest.reason) == (DeliveryStatus.SKIPPED, SkipReason.EMPTY)


def test_a_day_without_any_paper_is_skipped_and_says_so(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    compose_all()
    assert Digest.objects.get().reason == SkipReason.NO_PAPERS


def test_a_paper_that_the_curator_hid_is_picked_for_nobody(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=(0,))
    EditionEntry.objects.filter(paper=some_papers[1]).update(hidden=True)
    compose_all()
    assert sorted(picks(ada)) == ["Paper 0", "Paper 2"]


def test_a_reader_without_interests_gets_what_trends(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=())
    compose_all()
    assert picks(ada)[0] == "Paper 3"


def test_a_digest_is_no_longer_than_its_reader_wants(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    ada = make_subscriber(follows=(0,), digest_size=2)
    compose_all()
    assert len(picks(ada)) == 2


def told(composed: compose.Composed) -> dict[int, list[tuple[str, int, int]]]:
    return {key: [(item.role, item.rank, item.paper_id) for item in items] for key, items in composed.items.items()}


def test_composing_again_stores_nothing_and_hands_over_the_same(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber()
    first = compose_all()
    before = list(DigestItem.objects.values_list("pk", flat=True))
    Digest.objects.update(lease_until=MORNING)
    again = compose_all()
    assert [one.subscriber.email for one in again.digests] == ["ada@example.org"]
    assert sorted(told(again)[again.digests[0].pk]) == sorted(told(first)[first.digests[0].pk])
    assert list(DigestItem.objects.values_list("pk", flat=True)) == before


def test_what_is_handed_over_is_what_is_stored(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber(follows=(0, 4), digest_size=2)
    [items] = compose_all().items.values()
    columns = ("digest_id", "subscriber_id", "paper_id", "role", "rank", "score", "relevance", "interest_id", "reason")
    stored = DigestItem.objects.order_by("role", "rank").values_list(*columns)
    in_hand = [tuple(getattr(item, name) for name in columns) for item in items]
    assert {item.role for item in items} == {Role.PICK, Role.NEAR_MISS}
    assert sorted(in_hand, key=lambda row: row[3:5]) == sorted(stored, key=lambda row: row[3:5])


def test_a_skipped_digest_is_not_handed_over(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber("ada@example.org", follows=(0,)), make_subscriber("bob@example.org", follows=(6,))
    composed = compose_all()
    assert [one.subscriber.email for one in composed.digests] == ["ada@example.org"]
    assert set(composed.items) == {composed.digests[0].pk}


def test_a_digest_that_was_composed_by_another_meanwhile_is_left_to_it(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber()
    planning.plan(MORNING)
    token = lease_all()
    [digest] = Digest.objects.select_related("subscriber")
    found = compose.choose_papers([digest], MORNING)
    Digest.objects.update(lease_token=uuid4())
    assert compose.store([digest], found, token, MORNING) == {}
    assert not DigestItem.objects.exists()
    assert Digest.objects.get().composed_at is None


def test_queries_do_not_grow_with_the_number_of_readers(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    counts = []
    for size in (1, 2, 40):  # the first one loads the candidates, which the process then keeps
        Subscriber.objects.all().delete()
        for number in range(size):
            make_subscriber(f"reader{number}@example.org", follows=(0, 4))
        planning.plan(MORNING)
        token = lease_all()
        with CaptureQueriesContext(connection) as captured:
            assert len(compose.compose(token, MORNING).digests) == size
        counts.append(len(captured))
    assert counts[1] == counts[2]


def test_a_preview_stores_nothing(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> None:
    _, items = compose.preview(make_subscriber(), MORNING)
    assert len([item for item in items if item.role == Role.PICK]) == 3
    assert not Digest.objects.exists()
    assert not DigestItem.objects.exists()


def test_no_model_yet_means_no_papers_and_no_crash(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    EmbeddingModel.objects.all().delete()
    compose_all()
    assert Digest.objects.get().status == DeliveryStatus.SKIPPED


def test_of_the_papers_that_a_reader_named_the_nearest_to_the_pick_is_told_first(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], model: EmbeddingModel
) -> None:
    named = [
        make_paper(1, axis(0, 0.5), day=TODAY - timedelta(days=90)),
        make_paper(2, axis(0, 1.5), day=TODAY - timedelta(days=90)),
    ]
    make_paper(3, axis(0, 0.3)), make_paper(4, axis(0, 2.0))
    ada = make_subscriber(follows=())
    interest = ada.interests.create(kind=InterestKind.PAPERS, arxiv_ids=[paper.identifier for paper in named])
    interest_vectors.rebuild([interest], model)
    compose_all()
    told = {item.paper.title: item.reason["papers"][0] for item in DigestItem.objects.filter(role=Role.PICK)}
    assert told == {"Paper 3": named[0].identifier, "Paper 4": named[1].identifier}


def test_a_pick_is_said_to_be_like_a_paper_only_if_it_is(make_paper: Callable[..., Paper]) -> None:
    papers = [make_paper(number, axis(number)).identifier for number in (1, 2)]
    near, far = unit(axis(2) + axis(5)), unit(axis(2) + 2 * axis(5))
    assert nearest_first([(papers, near), (papers, far)], EmbeddingModel.objects.get()) == [papers[::-1], []]
