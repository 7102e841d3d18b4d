"""Whatever a reader changes, and whatever the clock does: one digest a date, and half a day between two."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from subscriptions import lifecycle
from subscriptions.digests import planning
from subscriptions.models import Digest, Frequency, Run, Subscriber, SubscriberStatus
from subscriptions.people import calendar
from subscriptions.people.addresses import address_hash

ZONES = sorted(zoneinfo.available_timezones())
# Far apart, so that a change between two of them crosses the date line or a change of clocks.
FAR = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]


class Life(RuleBasedStateMachine):
    """One reader from the days before the clocks are put back on; planning comes as often, or as late, as it likes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 10, 23, 5, 30, tzinfo=UTC)
        self.person = Subscriber.objects.create(
            email="ada@example.org",
            address_hash=address_hash("ada@example.org"),
            status=SubscriberStatus.ACTIVE,
            confirmed_at=self.now,
            timezone="Europe/Berlin",
            next_digest_at=self.now,
        )
        lifecycle.change_schedule(self.person, self.now)

    def teardown(self) -> None:
        self.person.delete()
        Run.objects.all().delete()

    def fresh(self) -> Subscriber:
        self.person.refresh_from_db()
        return self.person

    @rule(minutes=st.integers(1, 90))
    def a_while_passes(self, minutes: int) -> None:
        self._pass(timedelta(minutes=minutes))

    @rule(hours=st.integers(1, 26))
    def hours_pass(self, hours: int) -> None:
        self._pass(timedelta(hours=hours))

    @rule(days=st.integers(1, 9))
    def the_machines_are_down_for_days(self, days: int) -> None:
        self._pass(timedelta(days=days))

    @rule(minutes=st.integers(1, 75))
    def the_clock_is_set_back(self, minutes: int) -> None:
        self._pass(-timedelta(minutes=minutes))

    def _pass(self, span: timedelta) -> None:
        self.now += span
        lifecycle.wake(self.now)
        planning.plan(self.now)
        person = self.fresh()
        assert person.status != SubscriberStatus.ACTIVE or person.next_digest_at > self.now

    @rule(zone=st.sampled_from(FAR) | st.sampled_from(ZONES))
    def another_zone(self, zone: str) -> None:
        self._change(timezone=zone)

    @rule(hour=st.integers(0, 23))
    def another_hour(self, hour: int) -> None:
        self._change(send_hour=hour)

    @rule(frequency=st.sampled_from(Frequency.values), day=st.integers(0, 6))
    def other_days(self, frequency: str, day: int) -> None:
        self._change(frequency=frequency, weekly_day=day)

    def _change(self, **fields: object) -> None:
        Subscriber.objects.filter(pk=self.person.pk).update(**fields)
        lifecycle.change_schedule(self.fresh(), self.now)

    @rule(days=st.none() | st.integers(0, 3))
    def pauses(self, days: int | None) -> None:
        until = None if days is None else self.now.date() + timedelta(days=days)
        lifecycle.pause(self.fresh(), until)

    @precondition(lambda self: self.fresh().status == SubscriberStatus.PAUSED)
    @rule()
    def resumes(self) -> None:
        lifecycle.resume(self.fresh(), self.now)

    @invariant()
    def half_a_day_lies_between_two_digests(self) -> None:
        moments = list(Digest.objects.order_by("due_at").values_list("due_at", flat=True))
        assert all(later - earlier >= calendar.APART for earlier, later in pairwise(moments)), moments

    @invariant()
    def each_date_has_one_and_they_follow_each_other(self) -> None:
        dates = list(Digest.objects.order_by("due_at").values_list("local_date", flat=True))
        assert all(earlier < later for earlier, later in pairwise(dates)), dates

    @invariant()
    def what_was_planned_is_counted(self) -> None:
        assert sum(Run.objects.values_list("eligible", flat=True)) == Digest.objects.count()


@pytest.mark.django_db
def test_changes_of_zone_hour_and_days_never_bring_two_digests_for_a_date_or_within_half_a_day() -> None:
    # Without shrinking, which takes minutes where each step asks a database.
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    run_state_machine_as_test(
        Life, settings=settings(max_examples=25, stateful_step_count=25, deadline=None, phases=phases)
    )
