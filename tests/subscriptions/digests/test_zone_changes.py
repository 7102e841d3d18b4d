"""A new release of the rules moves a reader's next hour with the law: once, for everybody, and no date is lost."""

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from papers import zone_rules
from subscriptions import tasks
from subscriptions.digests import planning, zone_changes
from subscriptions.doctor import zones
from subscriptions.doctor.findings import Level
from subscriptions.limits import kill_switch
from subscriptions.models import Control, Digest, Frequency, HostRules, Subscriber
from subscriptions.pages.fields import TimezoneField
from subscriptions.people import calendar, tokens
from subscriptions.people.tokens import Purpose
from tests.old_zones import compiled

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
OLD_HOUR, NEW_HOUR = datetime(2026, 11, 30, 16, tzinfo=UTC), datetime(2026, 11, 30, 15, tzinfo=UTC)
Make = Callable[..., Subscriber]


@pytest.fixture
def planned_by_old_rules() -> None:
    """Whoever has a next hour has it by the release of 2025b."""
    Control.objects.update(zone_rules="2025b", new_zone_rules="", set_anew_to=0)


@pytest.fixture
def vancouver(make_subscriber: Make, planned_by_old_rules: None) -> Subscriber:
    return make_subscriber(timezone="America/Vancouver", send_hour=8, next_digest_at=OLD_HOUR)


@pytest.fixture
def other_rules(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Makes this process go by Vancouver's old law under any version."""

    def use(version: str) -> None:
        zone_rules.use_newest([str(compiled(tmp_path / version, version))])

    yield use
    zone_rules.use_newest()


def next_hour(person: Subscriber) -> datetime | None:
    person.refresh_from_db()
    return person.next_digest_at


def test_the_next_digest_comes_by_the_new_law_and_everybody_elses_stays(
    vancouver: Subscriber, make_subscriber: Make
) -> None:
    noon = datetime(2026, 11, 29, 7, tzinfo=UTC)
    berlin = make_subscriber("bob@example.org", timezone="Europe/Berlin", send_hour=8, next_digest_at=noon)
    assert zone_changes.set_anew(NOW) == 1
    assert (next_hour(vancouver), next_hour(berlin)) == (NEW_HOUR, noon)
    assert Control.objects.get().zone_rules == zone_rules.in_use().version
    assert zone_changes.set_anew(NOW) == 0


def test_planning_begins_with_it(vancouver: Subscriber, time_machine: object) -> None:
    time_machine.move_to(NOW, tick=False)
    tasks.plan_due_digests()
    assert next_hour(vancouver) == NEW_HOUR


def test_an_hour_that_is_just_over_by_the_new_law_is_not_lost(vancouver: Subscriber) -> None:
    half_past = NEW_HOUR + timedelta(minutes=30)
    zone_changes.set_anew(half_past)
    planning.plan(half_past)
    digest = Digest.objects.get()
    assert (digest.local_date, digest.due_at) == (date(2026, 11, 30), NEW_HOUR)
    assert next_hour(vancouver) == NEW_HOUR + timedelta(days=1)


def test_who_had_a_digest_today_gets_none_a_second_time(vancouver: Subscriber) -> None:
    Subscriber.objects.update(next_digest_at=NEW_HOUR)
    planning.plan(NEW_HOUR)
    Subscriber.objects.update(next_digest_at=OLD_HOUR + timedelta(days=1))  # as old rules had set it
    for minutes in range(0, 180, 20):
        zone_changes.set_anew(NEW_HOUR + timedelta(minutes=minutes))
        planning.plan(NEW_HOUR + timedelta(minutes=minutes))
    assert [digest.local_date for digest in Digest.objects.all()] == [date(2026, 11, 30)]
    assert next_hour(vancouver) == NEW_HOUR + timedelta(days=1)


@pytest.mark.parametrize(("frequency", "day"), [(Frequency.WEEKLY, 0), (Frequency.WEEKDAYS, 0), (Frequency.DAILY, 3)])
@pytest.mark.parametrize("hour", [0, 1, 8, 23])
def test_the_date_and_the_mail_day_stay_at_every_hour(
    make_subscriber: Make,
    planned_by_old_rules: None,
    other_rules: Callable[[str], None],
    frequency: str,
    day: int,
    hour: int,
) -> None:
    person = make_subscriber(timezone="America/Vancouver", send_hour=hour, frequency=frequency, weekly_day=day)
    other_rules("2998a")
    before = calendar.next_due(person, datetime(2026, 11, 29, 12, tzinfo=UTC))
    its_date = calendar.local_date(before, person.timezone)
    Subscriber.objects.update(next_digest_at=before)
    zone_rules.use_newest()
    assert zone_changes.set_anew(NOW) == 1
    after = next_hour(person)
    assert after == calendar.due_instant(its_date, hour, person.timezone) == before - timedelta(hours=1)


def test_it_goes_on_where_it_was_killed(
    make_subscriber: Make, planned_by_old_rules: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zone_changes, "AT_ONCE", 2)
    people = [
        make_subscriber(f"reader{n}@example.org", timezone="America/Vancouver", next_digest_at=OLD_HOUR)
        for n in range(5)
    ]
    control_row = Control.objects.get()
    assert zone_changes.set_some_anew(control_row, zone_rules.in_use().version) == 2
    half_way = Control.objects.get()
    assert (half_way.zone_rules, half_way.set_anew_to) == ("2025b", people[1].pk)
    assert zone_changes.set_anew(NOW) == 3
    assert {next_hour(person) for person in people} == {NEW_HOUR}
    assert zone_changes.set_some_anew(control_row, zone_rules.in_use().version) == 0, "a second process does no harm"
    assert Control.objects.get().zone_rules == zone_rules.in_use().version


def test_a_reader_whom_planning_moved_meanwhile_is_left_alone(vancouver: Subscriber) -> None:
    stale = Subscriber.objects.get()
    Subscriber.objects.update(next_digest_at=OLD_HOUR + timedelta(days=1))
    assert zone_changes.move([stale]) == 0
    assert next_hour(vancouver) == OLD_HOUR + timedelta(days=1)


def test_a_machine_with_older_rules_moves_nobody_back(
    vancouver: Subscriber, other_rules: Callable[[str], None]
) -> None:
    zone_changes.set_anew(NOW)
    Control.objects.update(zone_rules="2999a")
    assert zone_changes.set_anew(NOW) == 0
    assert (next_hour(vancouver), Control.objects.get().zone_rules) == (NEW_HOUR, "2999a")


def test_nor_does_it_begin_while_a_newer_one_is_at_it(vancouver: Subscriber) -> None:
    Control.objects.update(new_zone_rules="2999a", set_anew_to=10**9)
    assert zone_changes.set_anew(NOW) == 0
    assert Control.objects.get().set_anew_to == 10**9


def test_an_hour_that_was_no_sending_hour_is_never_moved_by_half_a_day(make_subscriber: Make) -> None:
    weekly = make_subscriber(frequency=Frequency.WEEKLY, weekly_day=0)
    thursday = datetime(2026, 11, 26, 3, tzinfo=UTC)
    assert zone_changes.nearest_due(weekly, thursday) == thursday


@hypothesis_settings(max_examples=200)
@given(
    zone=st.sampled_from(sorted(zone_rules.names())),
    hour=st.integers(0, 23),
    day=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    shift=st.sampled_from([-120, -60, -30, 0, 30, 60, 120]),
)
def test_whatever_a_law_moves_the_same_date_keeps_its_digest(zone: str, hour: int, day: date, shift: int) -> None:
    person = Subscriber(timezone=zone, send_hour=hour)
    instant = calendar.due_instant(day, hour, zone)
    if instant is not None:
        assert zone_changes.nearest_due(person, instant + timedelta(minutes=shift)) == instant


def test_new_installations_have_nothing_to_set_anew() -> None:
    assert Control.objects.get().zone_rules == zone_rules.in_use().version
    Control.objects.all().delete()
    assert kill_switch.ensure().zone_rules == zone_rules.in_use().version


def test_the_doctor_tells_which_rules_and_how_old_they_are(other_rules: Callable[[str], None]) -> None:
    [found] = zones.of_age(NOW)
    assert (found.level, zone_rules.in_use().version in found.what) == (Level.OK, True)
    assert "the package tzdata" in found.what
    [old] = zones.of_age(NOW + timedelta(days=5 * 366))
    assert (old.level, "Install the newest tzdata" in old.remedy) == (Level.WARNING, True)
    other_rules("2999a")
    [found] = zones.of_age(NOW)
    assert "2999a from the files in" in found.what


def test_the_doctor_tells_when_machines_differ_and_forgets_those_that_are_gone(time_machine: object) -> None:
    time_machine.move_to(NOW, tick=False)
    tasks.sweep()
    zone_changes.note_at_start("web")
    assert set(HostRules.objects.values_list("host", "kind")) == {
        (socket.gethostname(), "worker"),
        (socket.gethostname(), "web"),
    }
    assert [found.level for found in zones.of_machines(NOW)] == [Level.OK]
    HostRules.objects.create(host="old-machine", kind="web", version="2025b", source="the files in /x", noted_at=NOW)
    [found] = zones.of_machines(NOW)
    assert found.level == Level.ERROR
    assert "old-machine (web): 2025b from the files in /x, said on 28 November" in found.what
    later = NOW + zone_changes.BELIEVED
    assert [found.level for found in zones.of_machines(later)] == [Level.OK]
    assert zone_changes.forget_old(later) == 3


def test_what_a_process_goes_by_is_written_once_a_day(django_assert_num_queries: Callable[..., object]) -> None:
    zone_changes.note("worker", NOW)
    with django_assert_num_queries(1):
        zone_changes.note("worker", NOW + timedelta(hours=23))
    zone_changes.note("worker", NOW + timedelta(hours=25))
    assert HostRules.objects.get().noted_at == NOW + timedelta(hours=25)


def preferences(client: Client, person: Subscriber) -> str:
    url = reverse("preferences", args=[tokens.make(Purpose.PREFERENCES, person.handle)])
    return client.get(url).content.decode()


def test_a_zone_that_no_rules_know_falls_back_with_a_word(client: Client, make_subscriber: Make) -> None:
    person = make_subscriber(timezone="Nowhere/Atlantis")
    page = preferences(client, person)
    assert "(UTC, because your time zone Nowhere/Atlantis is not known any more)" in page
    assert "<option selected>UTC" in page
    [found] = zones.of_readers()
    assert "Nowhere/Atlantis" in found.what


def test_who_has_what_is_no_place_keeps_it_and_nobody_else_is_offered_it(client: Client, make_subscriber: Make) -> None:
    person, other = make_subscriber(timezone="Factory"), make_subscriber("bob@example.org")
    assert "<option selected>Factory" in preferences(client, person)
    assert "Factory" not in preferences(client, other)
    assert not list(zones.of_readers())


@pytest.mark.parametrize(
    ("said", "taken"),
    [("Asia/Calcutta", "Asia/Calcutta"), ("US/Pacific", "US/Pacific"), ("Factory", "UTC"), ("localtime", "UTC"),
     ("posixrules", "UTC"), ("Etc/Unknown", "UTC"), ("../../etc/passwd", "UTC"), ("", "UTC")],
)  # fmt: skip
def test_old_names_of_browsers_are_taken_and_what_is_no_place_is_not(said: str, taken: str) -> None:
    assert TimezoneField().clean(said) == taken
