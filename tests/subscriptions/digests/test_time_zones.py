"""One digest for each date that exists, in every zone of the world, through every change of clocks."""

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import time_machine
from django.core import mail
from hypothesis import given
from hypothesis import strategies as st

from papers.models import Paper
from recommender.vectors import unit
from subscriptions import tasks
from subscriptions.models import Digest, Frequency, Subscriber
from subscriptions.people import calendar
from tests.subscriptions.conftest import DIMENSION

ZONES = sorted(zoneinfo.available_timezones())
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
zones, hours = st.sampled_from(ZONES), st.integers(0, 23)
days = st.dates(date(1990, 1, 1), date(2040, 12, 31))


def instants(day: date, zone: str) -> Iterator[datetime]:
    """Every minute that is of this date in the zone, found by looking at all that could be."""
    info = ZoneInfo(zone)
    start = datetime.combine(day, time(), tzinfo=UTC) - DAY
    return (moment for n in range(3 * 24 * 60) if (moment := start + n * MINUTE).astimezone(info).date() == day)


def expected_instant(found: list[datetime], hour: int, zone: str) -> datetime | None:
    """The first at which the hour has come; where it never does, the first of the date's last hour."""
    hours_of = [(one, one.astimezone(ZoneInfo(zone)).hour) for one in found]
    last = max((its_hour for _, its_hour in hours_of), default=0)
    return next((one for one, its_hour in hours_of if its_hour >= min(hour, last)), None)


@given(zones, days, hours)
def test_the_instant_is_the_first_of_its_date_at_which_the_hour_has_come(zone: str, day: date, hour: int) -> None:
    assert calendar.due_instant(day, hour, zone) == expected_instant(list(instants(day, zone)), hour, zone)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 10, 25)),
        ("Europe/Berlin", date(2027, 3, 28)),
        ("America/Havana", date(2026, 3, 8)),  # no midnight
        ("Australia/Lord_Howe", date(2026, 10, 4)),  # half an hour
        ("Africa/Cairo", date(2026, 4, 24)),
        ("America/Nuuk", date(2026, 3, 28)),  # the hour before midnight is left out
        ("Pacific/Apia", date(2011, 12, 30)),
        ("Pacific/Kiritimati", date(1994, 12, 31)),
    ],
)
def test_the_odd_days_of_the_year_hour_by_hour(zone: str, day: date) -> None:
    found = list(instants(day, zone))
    for hour in range(24):
        assert calendar.due_instant(day, hour, zone) == expected_instant(found, hour, zone)


def changes(zone: str, first: date, last: date) -> tuple[tuple[date, timedelta], ...]:
    """The days before which and on which the clocks of a zone change, with the hours that it is ahead by then."""
    info = ZoneInfo(zone)

    def ahead(day: date) -> timedelta:
        return datetime.combine(day, time(), tzinfo=info).utcoffset() or timedelta()

    weeks = [first + n * 7 * DAY for n in range((last - first).days // 7 + 1)]
    week_days = [week + n * DAY for week in weeks if ahead(week) != ahead(week + 7 * DAY) for n in range(1, 8)]
    return ((first, ahead(first)), *((day, ahead(day)) for day in week_days if ahead(day) != ahead(day - DAY)))


def test_each_hour_brings_one_digest_on_each_date_about_every_change_of_clocks_of_seven_years() -> None:
    """Zones whose clocks change alike are tried once; between changes each day is like any other."""
    alike = {changes(zone, date(2024, 1, 1), date(2030, 12, 31)): zone for zone in ZONES}
    tried = 0
    for (_, *changed), zone in alike.items():
        for day, _ in changed:
            dates = [day + n * DAY for n in range(-2, 3)]
            for hour in range(24):
                person, info = Subscriber(timezone=zone, send_hour=hour), ZoneInfo(zone)
                moment, seen = datetime.combine(dates[0] - DAY, time(23, 59), tzinfo=info).astimezone(UTC), []
                while (moment := calendar.next_due(person, moment)).astimezone(info).date() <= dates[-1]:
                    seen.append(moment.astimezone(info).date())
                assert seen == dates, (zone, hour)
                tried += 1
    assert tried > 24 * 100


@given(zones, days, hours, st.sampled_from(Frequency.values), st.integers(0, 6), st.integers(0, 24 * 60 - 1))
def test_the_next_digest_is_the_nearest_of_all_that_are_to_come(
    zone: str, day: date, hour: int, frequency: str, weekly_day: int, minute: int
) -> None:
    person = Subscriber(timezone=zone, send_hour=hour, frequency=frequency, weekly_day=weekly_day)
    after = datetime.combine(day, time(), tzinfo=UTC) + minute * MINUTE
    around = [day + n * DAY for n in range(-2, 17)]
    all_of_them = [calendar.due_instant(one, hour, zone) for one in around if calendar.is_mail_day(person, one)]
    assert calendar.next_due(person, after) == min(one for one in all_of_them if one and one > after)


@pytest.mark.parametrize("year", [2011, 2026])
def test_a_year_of_digests_at_two_in_the_night_has_each_date_of_each_zone_once(year: int) -> None:
    first, last = date(year, 1, 1), date(year, 12, 31)
    for zone in ZONES:
        person, info = Subscriber(timezone=zone, send_hour=2), ZoneInfo(zone)
        moment, seen = datetime.combine(first - DAY, time(12), tzinfo=info).astimezone(UTC), []
        while (moment := calendar.next_due(person, moment)).astimezone(info).date() <= last:
            seen.append(moment.astimezone(info).date())
        assert seen == [day for day in all_days(first, last) if has(zone, day)], zone


def all_days(first: date, last: date) -> Iterator[date]:
    return (first + n * DAY for n in range((last - first).days + 1))


def has(zone: str, day: date) -> bool:
    """Samoa and Tokelau left out a day when they crossed the date line."""
    noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))
    return noon.astimezone(UTC).astimezone(ZoneInfo(zone)).date() == day


@pytest.mark.parametrize("changed", [date(2026, 10, 25), date(2027, 3, 28)])
@pytest.mark.parametrize("hour", [2, 3])
def test_a_reader_gets_one_mail_a_day_while_the_clocks_change(
    make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper], changed: date, hour: int
) -> None:
    """Every ten minutes of four days, by the tasks as the site runs them."""
    papers_of_each_day(make_paper, changed)
    start = datetime.combine(changed - DAY, time(), tzinfo=UTC) - timedelta(hours=12)
    make_subscriber(timezone="Europe/Berlin", send_hour=hour, next_digest_at=start + timedelta(hours=14))
    Subscriber.objects.update(next_digest_at=calendar.next_due(Subscriber.objects.get(), start))
    for step in range(3 * 24 * 6):
        with time_machine.travel(start + step * 10 * MINUTE, tick=False):
            tasks.plan_due_digests()
            tasks.deliver_digests()
    wanted = [changed - DAY, changed, changed + DAY]
    assert list(Digest.objects.order_by("due_at").values_list("local_date", flat=True)) == wanted
    assert [digest.due_at for digest in Digest.objects.order_by("due_at")] == [
        calendar.due_instant(day, hour, "Europe/Berlin") for day in wanted
    ]
    assert len(mail.outbox) == 3


def papers_of_each_day(make_paper: Callable[..., Paper], changed: date) -> None:
    random = np.random.default_rng(0)
    for number in range(12):
        vector = unit(np.eye(DIMENSION, dtype=np.float32)[0] + unit(random.standard_normal(DIMENSION)) * 0.8)
        make_paper(number, vector.astype(np.float32), day=changed + (number % 4 - 2) * DAY)
