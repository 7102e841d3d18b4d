"""A digest leaves at a moment of its own, and waits a while for the papers of its day and for interests being read."""

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytest_django import Settings

from papers.models import FeedState, Paper
from recommender.candidates import readiness
from recommender.models import EmbeddingModel, PaperVector
from subscriptions.delivery import batches
from subscriptions.digests import planning
from subscriptions.models import DeliveryStatus, Digest, Interest, InterestKind, Subscriber
from tests.subscriptions.conftest import MORNING, deliver_due

pytestmark = pytest.mark.django_db
WINDOW = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def _nothing_was_looked_at_before(settings: Settings) -> None:
    readiness.is_ready_since.cache_clear()
    settings.EDITION_WAIT_MINUTES = 90


def deliver(at: object = MORNING) -> int:
    return batches.deliver_waiting(lambda: at)  # type: ignore[arg-type, return-value]


def test_the_digests_of_an_hour_are_spread_over_its_first_minutes(
    make_subscriber: Callable[..., Subscriber], settings: Settings
) -> None:
    settings.SPREAD_MINUTES = 10
    for number in range(600):
        make_subscriber(f"reader{number}@example.org", follows=())
    planning.plan(MORNING)
    moments = list(Digest.objects.values_list("next_attempt_at", flat=True))
    assert min(moments) >= MORNING
    assert max(moments) < MORNING + WINDOW
    by_minute = Counter(moment.minute for moment in moments)
    assert len(by_minute) == 10
    assert max(by_minute.values()) < 2.5 * 60


def test_a_digest_that_has_its_moment_later_is_left_alone_until_then(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], settings: Settings
) -> None:
    settings.SPREAD_MINUTES = 10
    make_subscriber()
    planning.plan(MORNING)
    moment = Digest.objects.get().next_attempt_at
    assert deliver(moment - timedelta(seconds=1)) == 0
    assert deliver(moment) == 1


def test_the_moment_of_whoever_is_planned_late_is_soon(
    make_subscriber: Callable[..., Subscriber], settings: Settings
) -> None:
    settings.SPREAD_MINUTES = 10
    make_subscriber()
    planning.plan(MORNING + timedelta(hours=2))
    assert Digest.objects.get().next_attempt_at < MORNING + timedelta(hours=2) + WINDOW


def test_digests_wait_for_an_announcement_that_is_late(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber()
    FeedState.objects.create(source="arxiv", last_batch_on=date(2026, 6, 29))
    assert deliver_due() == 0
    assert Digest.objects.get().status == DeliveryStatus.PLANNED
    FeedState.objects.update(last_batch_on=date(2026, 6, 30))
    assert deliver_due(MORNING + batches.LOOK_AGAIN) == 1


def test_they_do_not_wait_for_ever(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> None:
    make_subscriber()
    FeedState.objects.create(source="arxiv", last_batch_on=date(2026, 6, 29))
    deliver_due()
    assert deliver_due(MORNING + timedelta(minutes=91)) == 1


def test_waiting_is_no_attempt(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> None:
    make_subscriber()
    FeedState.objects.create(source="arxiv", last_batch_on=date(2026, 6, 29))
    for minutes in range(0, 90, 3):
        deliver_due(MORNING + timedelta(minutes=minutes))
    assert Digest.objects.get().attempts == 0


def test_digests_wait_for_the_vectors_of_papers_that_have_just_come(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber()
    Paper.objects.update(created_at=MORNING - timedelta(minutes=10))
    vector = PaperVector.objects.get(paper=some_papers[3])
    vector.delete()
    assert deliver_due() == 0
    vector.pk = None
    vector.save()
    assert deliver_due(MORNING + batches.LOOK_AGAIN) == 1


def test_a_paper_that_never_gets_a_vector_holds_up_nobody(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber()
    Paper.objects.update(created_at=MORNING - timedelta(hours=7))
    PaperVector.objects.filter(paper=some_papers[3]).delete()
    assert deliver_due() == 1


def test_a_site_without_arxiv_waits_for_no_announcement(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]
) -> None:
    make_subscriber()
    FeedState.objects.create(source="huggingface", last_batch_on=date(2026, 6, 1))
    assert deliver_due() == 1


def test_a_text_that_is_being_read_is_waited_for_and_others_are_not_held_up(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], model: EmbeddingModel
) -> None:
    new, other = make_subscriber("new@example.org"), make_subscriber("other@example.org")
    Interest.objects.create(subscriber=new, kind=InterestKind.TEXT, text="what they do")
    assert deliver_due() == 1
    assert Digest.objects.get(subscriber=other).status == DeliveryStatus.SENT
    assert deliver_due(MORNING + batches.VECTORS_WITHIN + timedelta(minutes=1)) == 1
    assert Digest.objects.get(subscriber=new).status == DeliveryStatus.SENT
