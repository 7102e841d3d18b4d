"""A beat on each of two machines, of which one is killed."""

import time
from itertools import pairwise

import psycopg

from tests.machines.sending import Setting, only_if_long
from tests.services import eventually

MINUTES = 4
LAST = "SELECT extract(epoch FROM last_tick_at) FROM subscriptions_control"


@only_if_long
def test_while_one_of_two_beats_lives_planning_rests_for_a_minute_and_no_mail_is_doubled(setting: Setting) -> None:
    pair = setting.pair(pace=0.0)
    pair.other.machine.start("mail")
    for sender in (pair.one, pair.other):
        sender.machine.start("beat")
    ticks = [first_tick(setting.url)]
    pair.site.grow(200, "Subscriber.objects.update(next_digest_at=now())")
    end = time.monotonic() + 60 * MINUTES
    with psycopg.connect(setting.url, autocommit=True) as connection:
        while time.monotonic() < end:
            eventually(lambda: last_tick(connection) > ticks[-1], 90, lambda: pair.other.machine.log("beat"))
            ticks.append(last_tick(connection))
            if len(ticks) == 3:
                pair.one.machine.kill("beat")
    pair.site.tick_until_all_has_ended()
    pair.site.check()
    gaps = [later - earlier for earlier, later in pairwise(ticks)]
    print(f"{len(ticks)} ticks, longest gap {max(gaps):.1f} s")  # noqa: T201
    assert max(gaps) < 75


def first_tick(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        return eventually(lambda: last_tick(connection), 90)


def last_tick(connection: "psycopg.Connection[tuple[float | None]]") -> float:
    [[moment]] = connection.execute(LAST).fetchall()
    return float(moment or 0)
