"""What happened to papers that readers kept, as digests tell it: once, and not what is old."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from papers.models import ChangeKind, Paper, PaperChange
from subscriptions.digests import compose
from subscriptions.interests.kept_news import MOST, OLDEST, news
from subscriptions.models import (
    DeliveryStatus,
    Digest,
    DigestItem,
    Feedback,
    FeedbackKind,
    Role,
    SkipReason,
    Subscriber,
)
from tests.subscriptions.conftest import MORNING, TODAY, axis
from tests.subscriptions.digests.test_compose import compose_all, lease_all

KEPT_AT, LATER = MORNING - timedelta(days=3), MORNING - timedelta(days=1)
TOMORROW = MORNING + timedelta(days=1)


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    return make_subscriber(follows=(0,))


@pytest.fixture
def paper(make_paper: Callable[..., Paper]) -> Paper:
    """One that no digest of today has for a candidate."""
    return make_paper(100, axis(5), day=TODAY - timedelta(days=60))


def keep(reader: Subscriber, paper: Paper, kind: str = FeedbackKind.SAVE, at: datetime = KEPT_AT) -> None:
    Feedback.objects.create(subscriber=reader, paper=paper, kind=kind, at=at)


def change(paper: Paper, kind: str = ChangeKind.REVISED, detail: str = "v2", at: datetime = LATER) -> PaperChange:
    return PaperChange.objects.create(paper=paper, kind=kind, detail=detail, noticed_at=at)


def told(digest: Digest) -> list[tuple[int, list[str]]]:
    """Papers in the order of their ranks, each with the details of its changes."""
    items = digest.items.filter(role=Role.NEWS).order_by("rank")
    return [(item.paper_id, [one["detail"] for one in item.reason["changes"]]) for item in items]


def test_what_happened_after_a_paper_was_kept_is_told_the_newest_first(ada: Subscriber, paper: Paper) -> None:
    keep(ada, paper)
    before = change(paper, detail="v2", at=KEPT_AT - timedelta(hours=1))
    code = change(paper, ChangeKind.CODE_ADDED, "ada/code", at=LATER)
    newest = change(paper, detail="v3", at=LATER + timedelta(hours=1))
    [one] = news([ada.pk], MORNING)[ada.pk]
    assert one.paper_id == paper.pk
    assert one.changes == [
        {"id": newest.pk, "kind": "revised", "detail": "v3"},
        {"id": code.pk, "kind": "code added", "detail": "ada/code"},
    ]
    assert before.pk not in {seen["id"] for seen in one.changes}


@pytest.mark.parametrize("kind", [FeedbackKind.MORE, FeedbackKind.LESS, FeedbackKind.SEEN])
def test_only_of_kept_papers_news_are_told(ada: Subscriber, paper: Paper, kind: str) -> None:
    keep(ada, paper, kind)
    change(paper)
    assert news([ada.pk], MORNING) == {}


def test_what_others_kept_is_theirs(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], paper: Paper, ada: Subscriber
) -> None:
    bob, other = make_subscriber("bob@example.org"), make_paper(101, axis(6))
    keep(ada, paper)
    keep(bob, other)
    change(paper)
    change(other)
    found = news([ada.pk, bob.pk], MORNING)
    assert {reader: [one.paper_id for one in some] for reader, some in found.items()} == {
        ada.pk: [paper.pk],
        bob.pk: [other.pk],
    }


def test_old_news_are_no_news(ada: Subscriber, paper: Paper) -> None:
    keep(ada, paper, at=MORNING - timedelta(days=90))
    change(paper, at=MORNING - OLDEST - timedelta(seconds=1))
    change(paper, detail="v3", at=MORNING + timedelta(seconds=1))
    assert news([ada.pk], MORNING) == {}
    change(paper, detail="v4", at=MORNING - OLDEST)
    assert [seen["detail"] for seen in news([ada.pk], MORNING)[ada.pk][0].changes] == ["v4"]


def test_of_many_papers_those_that_were_withdrawn_come_first_and_then_the_newest(
    ada: Subscriber, make_paper: Callable[..., Paper]
) -> None:
    papers = [make_paper(number, axis(5), day=TODAY - timedelta(days=60)) for number in range(200, 208)]
    for number, one in enumerate(papers):
        keep(ada, one)
        change(one, at=LATER + timedelta(minutes=number))
    change(papers[0], ChangeKind.WITHDRAWN, "v2", at=LATER)
    change(papers[1], ChangeKind.WITHDRAWN, "v2", at=LATER - timedelta(hours=2))
    change(papers[1], ChangeKind.BACK, "v3", at=LATER - timedelta(hours=1))
    found = [one.paper_id for one in news([ada.pk], MORNING)[ada.pk]]
    assert found == [papers[0].pk, *(one.pk for one in papers[:-MOST:-1])]
    assert len(found) == MOST


def test_a_digest_with_picks_tells_news_and_the_next_one_does_not_again(
    ada: Subscriber, paper: Paper, some_papers: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    keep(ada, paper)
    first = change(paper)
    compose_all()
    item = DigestItem.objects.get(role=Role.NEWS)
    assert (item.rank, item.paper_id, item.subscriber_id) == (1, paper.pk, ada.pk)
    assert item.reason == {"changes": [{"id": first.pk, "kind": "revised", "detail": "v2"}]}
    make_paper(9, axis(0, 0.1), day=TODAY + timedelta(days=1))
    change(paper, detail="v3", at=TOMORROW - timedelta(hours=1))
    compose_all(TOMORROW)
    assert [told(digest) for digest in Digest.objects.order_by("local_date")] == [
        [(paper.pk, ["v2"])],
        [(paper.pk, ["v3"])],
    ]


def test_a_preview_tells_the_news_that_its_digest_would_and_stores_none(
    ada: Subscriber, paper: Paper, some_papers: list[Paper]
) -> None:
    keep(ada, paper)
    change(paper)
    _, items = compose.preview(ada, MORNING)
    assert not DigestItem.objects.exists()
    compose_all()
    previewed = [item.reason for item in items if item.role == Role.NEWS]
    assert previewed == [item.reason for item in DigestItem.objects.filter(role=Role.NEWS)]
    assert previewed


def test_a_digest_without_picks_is_skipped_and_its_news_wait(
    ada: Subscriber, paper: Paper, make_paper: Callable[..., Paper]
) -> None:
    make_paper(1, axis(4))
    keep(ada, paper)
    change(paper)
    compose_all()
    digest = Digest.objects.get()
    assert (digest.status, digest.reason, told(digest)) == (DeliveryStatus.SKIPPED, SkipReason.EMPTY, [])
    make_paper(9, axis(0, 0.1), day=TODAY + timedelta(days=1))
    compose_all(TOMORROW)
    assert told(Digest.objects.latest("local_date")) == [(paper.pk, ["v2"])]


def test_what_did_not_fit_comes_with_the_next_digest(
    ada: Subscriber, some_papers: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    for number in range(200, 201 + MOST):
        one = make_paper(number, axis(5), day=TODAY - timedelta(days=60))
        keep(ada, one)
        change(one, at=LATER + timedelta(minutes=number))
    compose_all()
    make_paper(9, axis(0, 0.1), day=TODAY + timedelta(days=1))
    compose_all(TOMORROW)
    assert [len(told(digest)) for digest in Digest.objects.order_by("local_date")] == [MOST, 1]


END = {
    "given up while planned": lambda pk: Digest.objects.drop(pk, DeliveryStatus.SKIPPED, "late", MORNING),
    "refused by the provider": lambda pk: _claimed(pk) and Digest.objects.refuse(pk, "no", MORNING),
    "given up while uncertain": lambda pk: _uncertain(pk) and Digest.objects.give_up([pk], MORNING),
}


def _claimed(pk: int) -> bool:
    return Digest.objects.claim(pk, lease_all(MORNING + timedelta(minutes=20)), MORNING + timedelta(minutes=20))


def _uncertain(pk: int) -> bool:
    return _claimed(pk) and Digest.objects.filter(pk=pk).update(status=DeliveryStatus.UNCERTAIN) == 1


@pytest.mark.parametrize("end", END.values(), ids=END)
def test_news_of_a_digest_that_ended_without_a_mail_are_told_again(
    ada: Subscriber, paper: Paper, some_papers: list[Paper], end: Callable[[int], object]
) -> None:
    keep(ada, paper)
    change(paper)
    compose_all()
    assert news([ada.pk], MORNING) == {}
    assert end(Digest.objects.get().pk)
    assert not DigestItem.objects.filter(role=Role.NEWS).exists()
    assert news([ada.pk], MORNING).keys() == {ada.pk}


def test_an_uncertain_digest_keeps_its_news(ada: Subscriber, paper: Paper, some_papers: list[Paper]) -> None:
    keep(ada, paper)
    change(paper)
    compose_all()
    assert _uncertain(Digest.objects.get().pk)
    assert news([ada.pk], MORNING) == {}


def test_the_queries_are_as_many_for_one_reader_and_for_forty(
    make_subscriber: Callable[..., Subscriber],
    make_paper: Callable[..., Paper],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    papers = [make_paper(number, axis(5)) for number in range(8)]
    readers = [make_subscriber(f"reader{number}@example.org") for number in range(40)]
    for one in papers:
        for reader in readers:
            keep(reader, one)
    with django_assert_num_queries(1):
        assert news([reader.pk for reader in readers], MORNING) == {}
    for one in papers:
        change(one)
    with django_assert_num_queries(2):
        assert len(news([reader.pk for reader in readers], MORNING)) == 40
    with django_assert_num_queries(2):
        assert len(news([readers[0].pk], MORNING)) == 1
    with django_assert_num_queries(0):
        assert news([], MORNING) == {}
