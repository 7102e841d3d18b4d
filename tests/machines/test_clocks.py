"""Machines whose clocks differ: what they do goes by the database's clock, and beyond a minute they take no work."""

import pytest

from tests.fakes.odds import acceptances
from tests.machines.machine import Machine
from tests.machines.sending import Pair, Setting, only_if_long
from tests.racing import output
from tests.services import PostgresServer, eventually, program
from tests.subscriptions.delivery.test_real_services import libfaketime

PEOPLE, LATER = 40, 10
HOURS = 3600
# Some are due in twenty hours only, and somebody has six and a half of seven days behind to confirm in.
TENDER = f"""
from subscriptions.models import Digest
tomorrow = Subscriber.objects.filter(pk__in=Subscriber.objects.order_by("-pk").values("pk")[:{LATER}])
Digest.objects.filter(subscriber__in=tomorrow).delete()
tomorrow.update(next_digest_at=now() + timedelta(hours=20))
pending = Subscriber.objects.create(email="new@example.org", address_hash=b"new", status="pending")
pending.consents.create(requested_at=now() - timedelta(days=6, hours=12), wishes={{}})
"""
TENDER_ROWS = "SELECT count(*) FROM subscriptions_subscriber WHERE status = 'pending'"


def by_another_clock(machine: Machine, seconds: int) -> None:
    """Its processes see a clock so many seconds ahead; for what waits time goes by as it does for all."""
    program("faketime", "faketime")
    machine.environment |= another_clock(seconds)


def another_clock(seconds: int) -> dict[str, str]:
    return {"LD_PRELOAD": libfaketime(), "FAKETIME": f"{seconds:+d}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def a_run(pair: Pair, *begin: Machine) -> None:
    for machine in begin:
        machine.start("mail", wait=False)
    for machine in begin:
        machine.wait_for("mail")
    pair.site.grow(PEOPLE, TENDER)


def nothing_was_hurt(pair: Pair) -> bool:
    """All mails of today left once, none of tomorrow was planned, and nobody's sign-up is over."""
    pair.site.check()
    statuses = list(pair.site.statuses().values())
    return statuses == ["sent"] * (PEOPLE - LATER) and pair.site.rows(TENDER_ROWS) == [(1,)]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (25 * HOURS, "25 hours ahead of the database's"),
        pytest.param(-25 * HOURS, "25 hours behind the database's", marks=only_if_long),
        pytest.param(300, "5 minutes ahead of the database's", marks=only_if_long),
        pytest.param(-300, "5 minutes behind the database's", marks=only_if_long),
    ],
)
def test_a_machine_whose_clock_is_off_takes_no_work_and_hurts_nothing(
    setting: Setting, seconds: int, said: str
) -> None:
    pair = setting.pair(pace=0.0)
    by_another_clock(pair.one.machine, seconds)
    a_run(pair, pair.one.machine)
    eventually(lambda: f"clock is {said}" in pair.one.machine.log("mail"), 30, lambda: pair.one.machine.log("mail"))
    pair.site.tick()
    pair.other.machine.start("mail")
    pair.site.tick_until_all_has_ended()
    assert pair.one.handed_over() == 0
    assert nothing_was_hurt(pair)
    [(noted,)] = pair.site.rows("SELECT clock_ahead FROM subscriptions_hostrules WHERE host = 'mail-1'")
    assert abs(noted - seconds) < 5  # which the doctor names


LOOK = """
from datetime import timedelta
from django.db import connection
from django.utils import timezone
from papers import shared_clock
before = shared_clock.now() - timezone.now()
shared_clock.look()
with connection.cursor() as cursor:
    cursor.execute("SELECT clock_timestamp()")
    off = shared_clock.now() - cursor.fetchone()[0]
print(abs(before) < timedelta(seconds=5), abs(off) < timedelta(minutes=5), shared_clock.in_words(shared_clock.ahead()))
"""


def test_a_process_that_has_looked_goes_by_the_databases_clock(postgres_server: PostgresServer) -> None:
    program("faketime", "faketime")
    said = output(LOOK, DATABASE_URL=postgres_server.url("postgres"), **another_clock(-3 * HOURS))
    assert said.strip() == "True True 3 hours behind the database's"


@only_if_long
@pytest.mark.parametrize("seconds", [10, -10])
def test_a_clock_that_is_some_seconds_off_sends_nothing_before_its_time(setting: Setting, seconds: int) -> None:
    pair = setting.pair(pace=0.0)
    by_another_clock(pair.one.machine, seconds)
    a_run(pair)
    due = pair.site.rows(SOON_DUE)
    pair.one.machine.start("mail")
    pair.site.tick_until_all_has_ended()
    assert nothing_was_hurt(pair)
    moments = {name: float(moment) for name, moment in acceptances(pair.site.ledger)}
    early = [at.timestamp() - moments[bytes(name).hex()] for name, at in due]
    assert max(early) < 1  # second, for what the looks at the clock are wrong by
    print(f"{seconds} s off: the first came {-max(early):.1f} s after its time")  # noqa: T201


SOON_DUE = """
UPDATE subscriptions_digest SET next_attempt_at = now() + interval '20 seconds' RETURNING handle, next_attempt_at
"""


@only_if_long
def test_a_clock_that_is_set_while_a_worker_runs_stops_it_until_it_is_right_again(setting: Setting) -> None:
    pair = setting.pair(pace=0.0)
    machine = pair.one.machine
    file = machine.folder / "faketime"
    file.write_text("+0")
    by_another_clock(machine, 0)
    del machine.environment["FAKETIME"]
    machine.environment |= {"FAKETIME_TIMESTAMP_FILE": str(file), "FAKETIME_CACHE_DURATION": "1"}
    machine.start("mail")
    file.write_text(f"+{25 * HOURS}")
    eventually(lambda: "25 hours ahead" in machine.log("mail"), 30, lambda: machine.log("mail"))
    pair.site.grow(PEOPLE, TENDER)
    assert pair.one.handed_over() == 0
    file.write_text("+0")
    eventually(lambda: "right again" in machine.log("mail"), 30, lambda: machine.log("mail"))
    pair.site.tick_until_all_has_ended()
    assert nothing_was_hurt(pair)
