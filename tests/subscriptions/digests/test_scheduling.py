import zoneinfo
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscriptions.digests import planning
from subscriptions.models import Digest, Frequency, Subscriber, SubscriberStatus
from subscriptions.people import calendar
from tests.subscriptions.conftest import MORNING

ZONES = sorted(zoneinfo.available_timezones())


def test_eight_in_the_morning_is_eight_in_the_morning_in_summer_and_winter() -> None:
    assert calendar.due_instant(date(2026, 7, 1), 8, "Europe/Berlin") == datetime(2026, 7, 1, 6, tzinfo=UTC)
    assert calendar.due_instant(date(2026, 12, 1), 8, "Europe/Berlin") == datetime(2026, 12, 1, 7, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_becomes_the_first_instant_after_it() -> None:
    assert calendar.due_instant(date(2027, 3, 28), 2, "Europe/Berlin") == datetime(2027, 3, 28, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_is_the_first_of_the_two() -> None:
    assert calendar.due_instant(date(2026, 10, 25), 2, "Europe/Berlin") == datetime(2026, 10, 25, 0, tzinfo=UTC)


def test_a_date_that_a_zone_left_out_has_no_instant() -> None:
    assert calendar.due_instant(date(2011, 12, 30), 8, "Pacific/Apia") is None


@given(st.sampled_from(ZONES), st.dates(date(1990, 1, 1), date(2040, 12, 31)), st.integers(0, 23))
def test_every_date_has_an_instant_of_its_own_date(zone: str, day: date, hour: int) -> None:
    instant = calendar.due_instant(day, hour, zone)
    if instant is not None:
        local = instant.astimezone(ZoneInfo(zone))
        assert local.date() == day
        assert local.hour == hour or not _exists(day, hour, zone)


def _exists(day: date, hour: int, zone: str) -> bool:
    local = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("frequency", "weekly_day", "expected"),
    [
        (Frequency.DAILY, 0, date(2026, 7, 4)),
        (Frequency.WEEKDAYS, 0, date(2026, 7, 6)),
        (Frequency.WEEKLY, 2, date(2026, 7, 8)),
    ],
)
def test_the_next_digest_comes_on_the_next_mail_day(frequency: str, weekly_day: int, expected: date) -> None:
    subscriber = Subscriber(timezone="UTC", send_hour=8, frequency=frequency, weekly_day=weekly_day)
    friday_after_eight = datetime(2026, 7, 3, 9, tzinfo=UTC)
    assert calendar.next_due(subscriber, friday_after_eight).date() == expected


def test_the_first_digest_comes_at_the_next_sending_hour() -> None:
    subscriber = Subscriber(timezone="America/New_York", send_hour=7)
    assert calendar.next_due(subscriber, datetime(2026, 7, 1, 10, 59, tzinfo=UTC)) == datetime(
        2026, 7, 1, 11, tzinfo=UTC
    )


def test_planning_makes_one_digest_and_moves_the_next_one_on(make_subscriber: Callable[..., Subscriber]) -> None:
    subscriber = make_subscriber()
    assert planning.plan(MORNING) == 1
    digest = Digest.objects.get()
    subscriber.refresh_from_db()
    assert (digest.local_date, digest.due_at) == (date(2026, 6, 30), MORNING)
    assert subscriber.next_digest_at == MORNING + timedelta(days=1)


def test_planning_twice_makes_nothing_more(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    assert planning.plan(MORNING) == 1
    Subscriber.objects.update(next_digest_at=MORNING)
    assert planning.plan(MORNING) == 1
    assert Digest.objects.count() == 1


def test_after_an_outage_of_days_everybody_is_served_once(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    planning.plan(MORNING + timedelta(days=3))
    assert Digest.objects.count() == 1
    assert Subscriber.objects.get().next_digest_at == MORNING + timedelta(days=4)


@pytest.mark.parametrize("status", [status for status in SubscriberStatus if status != SubscriberStatus.ACTIVE])
def test_only_the_active_are_due(make_subscriber: Callable[..., Subscriber], status: str) -> None:
    make_subscriber(status=status)
    assert planning.plan(MORNING) == 0


def test_the_queries_of_planning_do_not_grow_with_readers(
    make_subscriber: Callable[..., Subscriber], django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(120):
        make_subscriber(f"reader{number}@example.org", follows=())
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        assert planning.plan(MORNING) == 120
