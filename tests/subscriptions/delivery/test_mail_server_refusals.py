"""A mail server that refuses readers: whose fault it is taken for, and what that costs them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_django import Settings

from papers.models import Paper
from subscriptions.delivery import batches
from subscriptions.models import (
    BounceScore,
    Breaker,
    DeliveryEvent,
    DeliveryStatus,
    Digest,
    Meaning,
    Subscriber,
    Suppression,
)
from subscriptions.transport import backends, circuit_breakers
from tests.fakes.strict_smtp import StrictSmtp
from tests.subscriptions.conftest import MORNING, plan

SENT, PLANNED, FAILED = DeliveryStatus.SENT, DeliveryStatus.PLANNED, DeliveryStatus.FAILED
MINUTE = timedelta(minutes=1)
GONE = "gone@example.org"


@pytest.fixture
def server(settings: Settings) -> Iterator[StrictSmtp]:
    with StrictSmtp() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def due(make_subscriber: Callable[..., object], some_papers: list[Paper]) -> Callable[..., None]:
    def make(*addresses: str) -> None:
        for address in addresses:
            make_subscriber(address)
        plan()

    return make


def readers(count: int) -> list[str]:
    return [f"reader{number}@example.org" for number in range(count)]


def go_on(minutes: int, since: int = 0) -> None:
    """A worker looks for work each half minute."""
    for half in range(2 * minutes):
        at = MORNING + since * MINUTE + half * MINUTE / 2
        batches.deliver_waiting(lambda at=at: at)  # type: ignore[misc]


def statuses() -> dict[str, str]:
    return dict(Digest.objects.values_list("subscriber__email", "status"))


@pytest.mark.parametrize("answer", ["554 5.7.1 Relay access denied", "550 relay not permitted", "550 5.7.1 No"])
def test_relay_denied_to_everybody_fails_nobody_and_blames_no_address(
    due: Callable[..., None], server: StrictSmtp, answer: str
) -> None:
    due(*readers(60))
    server.manners.refused_all = answer
    go_on(20)
    assert set(statuses().values()) == {PLANNED}
    assert circuit_breakers.open_until(backends.name())
    assert len([word for _, word in server.said if word == "rcpt"]) < 15
    assert not BounceScore.objects.exists()
    assert not DeliveryEvent.objects.exists()
    server.manners.refused_all = ""
    go_on(60, since=20)
    assert set(statuses().values()) == {SENT}
    assert sorted(taken.recipient for taken in server.taken) == sorted(readers(60))


def test_nor_does_it_when_all_were_put_off_before(due: Callable[..., None], server: StrictSmtp) -> None:
    """All come for the second time when relaying ends: none was refused before."""
    due(*readers(20))
    server.manners.refused_all = "450 4.2.0 Greylisted"
    batches.deliver_waiting(lambda: MORNING)
    server.manners.refused_all = "554 5.7.1 Relay access denied"
    go_on(20, since=1)
    assert set(statuses().values()) == {PLANNED}
    assert not DeliveryEvent.objects.exists()


def test_one_reader_who_is_refused_without_a_reason_fails_at_the_second_attempt_and_stays(
    due: Callable[..., None], server: StrictSmtp
) -> None:
    due(*readers(10), GONE)
    server.manners.refused[GONE] = "550 Unrouteable address"
    batches.deliver_waiting(lambda: MORNING)
    assert statuses() == dict.fromkeys(readers(10), SENT) | {GONE: PLANNED}
    go_on(10)
    assert (statuses()[GONE], Digest.objects.get(subscriber__email=GONE).attempts) == (FAILED, 2)
    assert not Suppression.objects.exists()
    assert DeliveryEvent.objects.get().meaning == Meaning.SOFT  # half a point, as a mailbox that is full


def test_a_code_about_the_address_suppresses_it_at_once(due: Callable[..., None], server: StrictSmtp) -> None:
    due(*readers(3), GONE)
    server.manners.refused[GONE] = "550 5.1.1 User unknown"
    batches.deliver_waiting(lambda: MORNING)
    assert statuses()[GONE] == FAILED
    assert Suppression.objects.count() == 1


def test_many_dead_addresses_among_the_living_open_no_breaker(due: Callable[..., None], server: StrictSmtp) -> None:
    """Their second attempts come one after the other, and there was mail that was taken in between."""
    dead = [f"dead{number}@example.org" for number in range(12)]
    due(*[address for pair in zip(readers(12), dead, strict=True) for address in pair])
    server.manners.refused = dict.fromkeys(dead, "550 Unrouteable address")
    go_on(30)
    assert {address: statuses()[address] for address in dead} == dict.fromkeys(dead, FAILED)
    assert not Breaker.objects.open().exists()


@pytest.mark.parametrize("extensions", [["PIPELINING", "SIZE 1000000"], ["SIZE 1000000"]])
def test_mails_over_the_servers_limit_fail_alone(
    due: Callable[..., None], server: StrictSmtp, extensions: list[str]
) -> None:
    server.manners.extensions = extensions
    due("sample@example.org")
    Subscriber.objects.update(digest_size=1)
    batches.deliver_waiting(lambda: MORNING)
    server.manners.largest = len(server.taken[0].mail) + 500
    due(*readers(10))
    large = readers(10)[3:5]
    Subscriber.objects.exclude(email__in=large).update(digest_size=1)
    batches.deliver_waiting(lambda: MORNING)
    assert {address: statuses()[address] for address in large} == dict.fromkeys(large, FAILED)
    assert sorted(statuses().values()) == [FAILED, FAILED, *[SENT] * 9]
    assert not Breaker.objects.open().exists()
