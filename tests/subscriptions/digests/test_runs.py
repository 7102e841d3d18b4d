"""A run is what was planned within an hour, and it closes only if every digest of it is accounted for."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.digests import balance, planning, runs
from subscriptions.models import DeliveryStatus, Digest, Run, Subscriber
from tests.subscriptions.conftest import MORNING, deliver_due

NEXT_HOUR = MORNING + timedelta(hours=1)
pytestmark = pytest.mark.django_db


def test_a_run_counts_what_was_planned_in_its_hour(make_subscriber: Callable[..., Subscriber]) -> None:
    for number in range(3):
        make_subscriber(f"reader{number}@example.org")
    planning.plan(MORNING + timedelta(minutes=5))
    run = Run.objects.get()
    assert (run.hour, run.eligible) == (MORNING, 3)
    assert balance.of(Run.objects.all(), MORNING).by_status["planned"] == 3


def test_planning_again_does_not_count_twice(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    planning.plan(MORNING)
    Subscriber.objects.update(next_digest_at=MORNING)
    planning.plan(MORNING)
    assert Run.objects.get().eligible == 1


@pytest.mark.usefixtures("some_papers")
def test_a_run_closes_after_its_hour_when_all_has_ended(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    make_subscriber("nobody@example.org", follows=(7,), exploration=False)
    deliver_due()
    assert runs.close_finished(MORNING) == []
    [closed] = runs.close_finished(NEXT_HOUR)
    assert (closed.pk, balance.of_stored(Run.objects.all()).skipped) == (Run.objects.get().pk, {"empty": 1})
    assert Run.objects.get().closed_at == NEXT_HOUR


def test_a_run_with_a_digest_under_way_stays_open(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    planning.plan(MORNING)
    assert runs.close_finished(NEXT_HOUR) == []
    assert Run.objects.get().closed_at is None


@pytest.mark.usefixtures("some_papers")
def test_a_run_from_which_a_digest_vanished_does_not_close_and_says_so(
    make_subscriber: Callable[..., Subscriber], caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(2):
        make_subscriber(f"reader{number}@example.org")
    deliver_due()
    Digest.objects.first().delete()  # type: ignore[union-attr]
    assert runs.close_finished(NEXT_HOUR) == []
    assert Run.objects.get().note == "1 digests of 2 are missing."
    assert "does not balance" in caplog.text


@pytest.mark.usefixtures("some_papers")
def test_an_erased_persons_digests_are_accounted_for(make_subscriber: Callable[..., Subscriber]) -> None:
    ada = make_subscriber()
    deliver_due()
    run = Run.objects.get()
    lifecycle.erase(ada)
    assert not Digest.objects.exists()
    assert runs.close_finished(NEXT_HOUR) == [run]


def test_a_run_is_open_again_when_more_is_planned_into_it(make_subscriber: Callable[..., Subscriber]) -> None:
    planning.plan(MORNING)
    run = runs.of_hour(MORNING)
    Run.objects.update(closed_at=NEXT_HOUR)
    make_subscriber()
    planning.plan(MORNING)
    run.refresh_from_db()
    assert (run.closed_at, run.eligible) == (None, 1)


def test_a_schedule_that_cannot_be_read_holds_nobody_up(
    make_subscriber: Callable[..., Subscriber], some_papers: list[Paper], caplog: pytest.LogCaptureFixture
) -> None:
    odd = make_subscriber("odd@example.org")
    make_subscriber("good@example.org")
    Subscriber.objects.filter(pk=odd.pk).update(timezone="Nowhere/Lemuria", frequency="now and then")
    assert deliver_due() == 2
    assert set(Digest.objects.values_list("status", flat=True)) == {DeliveryStatus.SENT}
    assert "'Nowhere/Lemuria'; its readers' hours are taken as UTC" in caplog.text
    odd.refresh_from_db()
    assert odd.next_digest_at == MORNING + timedelta(days=1)


def test_an_erased_subscriber_is_not_planned(make_subscriber: Callable[..., Subscriber]) -> None:
    lifecycle.erase(make_subscriber())
    assert planning.plan(MORNING) == 0
