from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import Settings

from subscriptions.limits import rate_buckets
from subscriptions.models import DeliveryStatus, Digest, Subscriber
from subscriptions.transport import rate_limits
from tests.subscriptions.conftest import MORNING, plan

pytestmark = pytest.mark.django_db


@pytest.fixture
def digests(make_subscriber: Callable[..., Subscriber]) -> list[Digest]:
    for number in range(30):
        make_subscriber(f"reader{number}@example.org", follows=())
    plan()
    return list(Digest.objects.order_by("pk"))


def test_without_limits_all_go_at_once(digests: list[Digest]) -> None:
    allotted = rate_limits.allot(digests, MORNING)
    assert (allotted.going, allotted.start, allotted.later) == (digests, MORNING, [])


def test_beyond_the_days_limit_the_rest_waits_for_the_next_day(
    digests: list[Digest], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PROVIDER_RATE_PER_DAY = 20
    allotted = rate_limits.allot(digests, MORNING)
    [(held, until)] = allotted.later
    assert (len(allotted.going), len(held)) == (20, 10)
    assert until.date() == MORNING.date() + timedelta(days=1)
    assert "used up" in caplog.text
    assert rate_limits.allot(held, MORNING).going == []


def test_workers_get_turns_that_follow_each_other(digests: list[Digest], settings: Settings) -> None:
    settings.PROVIDER_RATE_PER_SECOND = 10.0
    starts = [rate_limits.allot(digests, MORNING).start for _ in range(3)]
    assert starts == [MORNING + timedelta(seconds=3 * nth) for nth in range(3)]


def test_who_would_wait_too_long_for_a_turn_gives_its_digests_back(digests: list[Digest], settings: Settings) -> None:
    settings.PROVIDER_RATE_PER_SECOND = 0.5
    rate_limits.allot(digests, MORNING)
    rate_limits.allot(digests, MORNING)
    allotted = rate_limits.allot(digests, MORNING)
    assert allotted.going == []
    assert allotted.later == [(digests, MORNING + timedelta(minutes=2))]


def test_second_attempts_have_a_budget_and_first_ones_none(digests: list[Digest]) -> None:
    for digest in digests[:25]:
        digest.attempts = 1
    allotted = rate_limits.allot(digests, MORNING)
    [(held, _)] = allotted.later
    assert len(held) == 25 - rate_limits.RETRIES_ALWAYS
    assert set(digests[25:]) <= set(allotted.going)


def test_the_budget_grows_with_what_is_sent(digests: list[Digest]) -> None:
    Digest.objects.filter(pk__in=[one.pk for one in digests[:20]]).update(
        status=DeliveryStatus.SENT, claimed_at=MORNING, finished_at=MORNING
    )
    again = digests[:25]
    for digest in again:
        digest.attempts = 1
    assert len(rate_limits.allot(again, MORNING).going) == rate_limits.RETRIES_ALWAYS + 2


def test_an_allowance_is_counted_by_windows() -> None:
    taken = [rate_buckets.take("x", 2, limit=5, period=rate_buckets.HOUR, now=MORNING) for _ in range(3)]
    assert taken == [True, True, False]
    assert rate_buckets.take_some("x", 4, limit=5, period=rate_buckets.HOUR, now=MORNING) == 1
    assert rate_buckets.take("x", 5, limit=5, period=rate_buckets.HOUR, now=MORNING + rate_buckets.HOUR)


def test_old_windows_are_forgotten_and_rates_per_second_are_not() -> None:
    rate_buckets.take("x", 1, limit=5, period=rate_buckets.HOUR, now=MORNING)
    rate_buckets.turns("y", 1, per_second=1, now=MORNING)
    assert rate_buckets.forget_old(MORNING + timedelta(days=3)) == 1


def test_a_pause_before_the_next_attempt_is_longer_after_more_of_them_and_never_shorter_than_asked() -> None:
    assert all(rate_limits.back_off(0) <= rate_limits.BACK_OFF for _ in range(50))
    assert max(rate_limits.back_off(5) for _ in range(200)) > 10 * rate_limits.BACK_OFF
    assert min(rate_limits.back_off(0, timedelta(minutes=7)) for _ in range(50)) >= timedelta(minutes=7)
    assert max(rate_limits.back_off(60) for _ in range(50)) <= rate_limits.LONGEST_BACK_OFF
