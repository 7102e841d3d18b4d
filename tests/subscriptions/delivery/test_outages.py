"""A provider that is away for a while, or wants less: few calls meanwhile, and everybody served afterwards."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from papers.models import Paper
from subscriptions.delivery import batches
from subscriptions.digests import planning
from subscriptions.models import DeliveryStatus, Digest, DigestItem, Role, SkipReason, Subscriber
from subscriptions.transport import circuit_breakers
from subscriptions.transport.rate_limits import RETRIES_ALWAYS
from tests.services import Provider
from tests.subscriptions.conftest import MORNING

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Clock:
    """Stands still but for those who wait."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def go_on(self, step: timedelta, until: datetime) -> None:
        """Two workers ask for work at each step."""
        while self.now < until:
            for _ in range(2):
                batches.deliver_waiting(self, self.wait)
            self.now += step


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def through(provider: Provider, settings: Settings) -> Provider:
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = provider.anymail
    return provider


@pytest.fixture
def due(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Callable[[int], None]:
    def make(count: int) -> None:
        for number in range(count):
            make_subscriber(f"reader{number}@example.org")
        planning.plan(MORNING)

    return make


def count(status: DeliveryStatus) -> int:
    return Digest.objects.filter(status=status).count()


def test_a_minute_of_outage_costs_a_handful_of_calls_and_nobody_their_digest(
    due: Callable[[int], None], through: Provider, clock: Clock
) -> None:
    due(500)
    through.mode = "unavailable"
    clock.go_on(2 * SECOND, MORNING + MINUTE)
    assert through.calls <= circuit_breakers.THRESHOLD + 3
    assert count(DeliveryStatus.PLANNED) == 500
    through.mode = "ok"
    clock.go_on(30 * SECOND, MORNING + HOUR)
    assert (count(DeliveryStatus.SENT), len(through.accepted)) == (500, 500)
    assert len({message["To"] for message in through.accepted}) == 500


def test_an_outage_that_takes_each_mail_one_by_one_is_met_with_a_budget_of_second_attempts(
    due: Callable[[int], None], through: Provider, clock: Clock
) -> None:
    """Each second mail is refused for now, so that the breaker never opens."""
    due(100)
    modes = iter(["ok", "unavailable"] * 200)
    through.odds.draw = lambda: next(modes)  # type: ignore[method-assign]
    clock.go_on(10 * SECOND, MORNING + 9 * MINUTE)
    again = sum(Digest.objects.values_list("attempts", flat=True)) - 100
    assert 0 < again <= RETRIES_ALWAYS + 10


def test_a_provider_that_names_a_time_is_left_alone_for_as_long(
    due: Callable[[int], None], through: Provider, clock: Clock
) -> None:
    due(3)
    through.mode = "throttled"
    batches.deliver_waiting(clock, clock.wait)
    through.mode = "ok"
    clock.go_on(SECOND, MORNING + timedelta(seconds=through.retry_after))
    assert through.calls == 1
    clock.go_on(MINUTE, MORNING + HOUR)
    assert count(DeliveryStatus.SENT) == 3


def test_no_second_has_more_mails_than_the_provider_takes(
    due: Callable[[int], None], through: Provider, clock: Clock, settings: Settings
) -> None:
    settings.PROVIDER_RATE_PER_SECOND = 5.0
    due(60)
    clock.go_on(SECOND, MORNING + MINUTE)
    moments = sorted(Digest.objects.filter(status=DeliveryStatus.SENT).values_list("claimed_at", flat=True))
    assert len(moments) == 60
    assert all(later - first >= SECOND for first, later in zip(moments, moments[5:], strict=False))


def test_what_passes_the_days_limit_waits_for_tomorrow_with_an_alarm(
    due: Callable[[int], None], through: Provider, clock: Clock, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PROVIDER_RATE_PER_DAY = 100
    due(300)
    clock.go_on(MINUTE, MORNING + 20 * MINUTE)
    assert (count(DeliveryStatus.SENT), count(DeliveryStatus.PLANNED)) == (100, 200)
    assert "are used up" in caplog.text
    assert not Digest.objects.waiting(MORNING + timedelta(hours=15)).exists()


@pytest.mark.parametrize(("hours", "ends"), [(2, DeliveryStatus.SENT), (8, DeliveryStatus.SKIPPED)])
def test_after_two_hours_of_outage_it_still_goes_and_after_eight_the_next_one_holds_its_papers(
    due: Callable[[int], None], through: Provider, clock: Clock, hours: int, ends: DeliveryStatus
) -> None:
    due(1)
    through.mode = "unavailable"
    clock.go_on(10 * MINUTE, MORNING + hours * HOUR)
    through.mode = "ok"
    clock.go_on(10 * MINUTE, MORNING + (hours + 1) * HOUR)
    [digest] = Digest.objects.all()
    assert (digest.status, digest.reason == SkipReason.LATE) == (ends, ends == DeliveryStatus.SKIPPED)
    clock.now = MORNING + 24 * HOUR
    planning.plan(clock.now)
    clock.go_on(10 * MINUTE, MORNING + 25 * HOUR)
    picks = DigestItem.objects.filter(role=Role.PICK)
    assert picks.filter(digest=digest).count() == 3 * (ends == DeliveryStatus.SENT)
    assert picks.exclude(digest=digest).count() == 3 * (ends == DeliveryStatus.SKIPPED)
