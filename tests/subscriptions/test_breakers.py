"""A provider that fails is left alone by everybody for a while, and then one mail finds out whether it is back."""

from datetime import timedelta

import pytest

from subscriptions import breakers
from subscriptions.breakers import FIRST, LONGEST, THRESHOLD, Leave
from subscriptions.models import Breaker
from subscriptions.verdicts import Outcome, Verdict
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
DOWN, SENT = Outcome(Verdict.NOT_ACCEPTED, "It is down."), Outcome(Verdict.SENT)


def fail(times: int = THRESHOLD, at: object = MORNING) -> list[bool]:
    return [breakers.heard("x", DOWN, at) for _ in range(times)]  # type: ignore[arg-type]


def test_some_failures_are_no_outage() -> None:
    assert fail(THRESHOLD - 1) == [False] * (THRESHOLD - 1)
    assert breakers.allowed("x", MORNING, 50) == Leave(50)


def test_failures_in_a_row_open_it_for_everybody() -> None:
    assert fail()[-1]
    assert breakers.allowed("x", MORNING + FIRST - SECOND, 50) == Leave(0)
    assert breakers.allowed("another", MORNING, 50) == Leave(50)


def test_a_success_in_between_starts_the_count_anew() -> None:
    fail(THRESHOLD - 1)
    breakers.heard("x", SENT, MORNING)
    assert not any(fail(THRESHOLD - 1))


def test_after_a_while_one_and_only_one_may_try() -> None:
    fail()
    later = MORNING + FIRST
    assert breakers.allowed("x", later, 50) == Leave(1, is_probe=True, until=later + breakers.PROBE)
    assert breakers.allowed("x", later, 50) == Leave(0)


def test_a_probe_that_succeeds_closes_it() -> None:
    fail()
    breakers.allowed("x", MORNING + FIRST, 50)
    breakers.heard("x", SENT, MORNING + FIRST)
    assert breakers.allowed("x", MORNING + FIRST, 50) == Leave(50)
    assert Breaker.objects.get().failures == 0


def test_a_probe_that_fails_doubles_the_pause_up_to_a_limit() -> None:
    fail()
    fail(1, MORNING + FIRST)
    assert Breaker.objects.get().open_until == MORNING + 3 * FIRST
    fail(30)
    assert Breaker.objects.get().open_until == MORNING + LONGEST


def test_a_probe_whose_process_died_lets_another_one_try_later() -> None:
    fail()
    breakers.allowed("x", MORNING + FIRST, 50)
    assert breakers.allowed("x", MORNING + FIRST + breakers.PROBE, 50).is_probe


def test_a_refused_key_opens_it_at_once_with_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    assert breakers.heard("x", Outcome(Verdict.MISCONFIGURED, "The key is wrong."), MORNING)
    assert breakers.allowed("x", MORNING, 50) == Leave(0)
    assert "The key is wrong." in caplog.text


def test_a_provider_that_asks_to_slow_down_gets_the_time_it_asks_for() -> None:
    breakers.heard("x", Outcome(Verdict.THROTTLED, wait=timedelta(seconds=7)), MORNING)
    assert breakers.allowed("x", MORNING + timedelta(seconds=6), 50) == Leave(0)
    assert breakers.allowed("x", MORNING + timedelta(seconds=7), 50).mails == 1
    assert Breaker.objects.get().failures == 0


@pytest.mark.parametrize("verdict", [Verdict.REFUSED_ADDRESS, Verdict.DEFERRED])
def test_what_is_wrong_with_an_address_says_nothing_about_the_provider(verdict: Verdict) -> None:
    assert not any(breakers.heard("x", Outcome(verdict), MORNING) for _ in range(20))


def test_a_probe_that_had_nothing_to_send_is_the_next_ones() -> None:
    fail()
    later = MORNING + FIRST
    breakers.not_tried("x", breakers.allowed("x", later, 50), later)
    assert breakers.allowed("x", later, 50).is_probe


def test_a_probe_that_had_nothing_to_send_shortens_no_pause_that_was_asked_for_meanwhile() -> None:
    fail()
    leave = breakers.allowed("x", MORNING + FIRST, 50)
    breakers.heard("x", Outcome(Verdict.THROTTLED, "Slowly!", wait=timedelta(hours=1)), MORNING + FIRST)
    breakers.not_tried("x", leave, MORNING + FIRST)
    assert breakers.allowed("x", MORNING + 2 * FIRST, 50) == Leave(0)
