"""A provider that fails is left alone by everybody for a while, and then one mail finds out whether it is back."""

from datetime import timedelta

import pytest

from subscriptions.models import Breaker
from subscriptions.providers.results import SendResult
from subscriptions.transport import circuit_breakers
from subscriptions.transport.circuit_breakers import FIRST, LONGEST, THRESHOLD, SendPermit
from subscriptions.transport.outcomes import Outcome
from tests.subscriptions.conftest import MORNING

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
DOWN, SENT = Outcome(SendResult.NOT_ACCEPTED, "It is down."), Outcome(SendResult.SENT)


def fail(times: int = THRESHOLD, at: object = MORNING) -> list[bool]:
    return [circuit_breakers.note_outcome("x", DOWN, at) for _ in range(times)]  # type: ignore[arg-type]


def test_some_failures_are_no_outage() -> None:
    assert fail(THRESHOLD - 1) == [False] * (THRESHOLD - 1)
    assert circuit_breakers.allowed("x", MORNING, 50) == SendPermit(50)


def test_failures_in_a_row_open_it_for_everybody() -> None:
    assert fail()[-1]
    assert circuit_breakers.allowed("x", MORNING + FIRST - SECOND, 50) == SendPermit(0)
    assert circuit_breakers.allowed("another", MORNING, 50) == SendPermit(50)


def test_a_success_in_between_starts_the_count_anew() -> None:
    fail(THRESHOLD - 1)
    circuit_breakers.note_outcome("x", SENT, MORNING)
    assert not any(fail(THRESHOLD - 1))


def test_after_a_while_one_and_only_one_may_try() -> None:
    fail()
    later = MORNING + FIRST
    assert circuit_breakers.allowed("x", later, 50) == SendPermit(
        1, is_probe=True, until=later + circuit_breakers.PROBE
    )
    assert circuit_breakers.allowed("x", later, 50) == SendPermit(0)


def test_a_probe_that_succeeds_closes_it() -> None:
    fail()
    circuit_breakers.allowed("x", MORNING + FIRST, 50)
    circuit_breakers.note_outcome("x", SENT, MORNING + FIRST)
    assert circuit_breakers.allowed("x", MORNING + FIRST, 50) == SendPermit(50)
    assert Breaker.objects.get().failures == 0


def test_a_probe_that_fails_doubles_the_pause_up_to_a_limit() -> None:
    fail()
    fail(1, MORNING + FIRST)
    assert Breaker.objects.get().open_until == MORNING + 3 * FIRST
    fail(30)
    assert Breaker.objects.get().open_until == MORNING + LONGEST


def test_a_probe_whose_process_died_lets_another_one_try_later() -> None:
    fail()
    circuit_breakers.allowed("x", MORNING + FIRST, 50)
    assert circuit_breakers.allowed("x", MORNING + FIRST + circuit_breakers.PROBE, 50).is_probe


def test_a_refused_key_opens_it_at_once_with_an_alarm(caplog: pytest.LogCaptureFixture) -> None:
    assert circuit_breakers.note_outcome("x", Outcome(SendResult.MISCONFIGURED, "The key is wrong."), MORNING)
    assert circuit_breakers.allowed("x", MORNING, 50) == SendPermit(0)
    assert "The key is wrong." in caplog.text


def test_a_provider_that_asks_to_slow_down_gets_the_time_it_asks_for() -> None:
    circuit_breakers.note_outcome("x", Outcome(SendResult.THROTTLED, wait=timedelta(seconds=7)), MORNING)
    assert circuit_breakers.allowed("x", MORNING + timedelta(seconds=6), 50) == SendPermit(0)
    assert circuit_breakers.allowed("x", MORNING + timedelta(seconds=7), 50).mails == 1
    assert Breaker.objects.get().failures == 0


@pytest.mark.parametrize("result", [SendResult.REFUSED_ADDRESS, SendResult.DEFERRED])
def test_what_is_wrong_with_an_address_says_nothing_about_the_provider(result: SendResult) -> None:
    assert not any(circuit_breakers.note_outcome("x", Outcome(result), MORNING) for _ in range(20))


def test_a_probe_that_had_nothing_to_send_is_the_next_ones() -> None:
    fail()
    later = MORNING + FIRST
    circuit_breakers.give_back("x", circuit_breakers.allowed("x", later, 50), later)
    assert circuit_breakers.allowed("x", later, 50).is_probe


def test_a_probe_that_had_nothing_to_send_shortens_no_pause_that_was_asked_for_meanwhile() -> None:
    fail()
    permit = circuit_breakers.allowed("x", MORNING + FIRST, 50)
    circuit_breakers.note_outcome(
        "x", Outcome(SendResult.THROTTLED, "Slowly!", wait=timedelta(hours=1)), MORNING + FIRST
    )
    circuit_breakers.give_back("x", permit, MORNING + FIRST)
    assert circuit_breakers.allowed("x", MORNING + 2 * FIRST, 50) == SendPermit(0)
