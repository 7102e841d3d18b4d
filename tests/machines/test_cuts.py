"""A machine that sends loses the way to PostgreSQL and Redis in the middle of a run, and finds it again."""

import subprocess
import sys
import time
from pathlib import Path
from shlex import join
from urllib.parse import urlsplit

import pytest

from subscriptions.digests.planning import BATCH
from tests.machines.databases import Primary
from tests.machines.network import Network
from tests.machines.sending import SOON, Pair, Setting, only_if_long
from tests.racing import output
from tests.services import ROOT, PostgresServer, eventually, migrated_database, process_environment, program
from tests.stack import MAIL_CHILDREN

PEOPLE = 200
# Some are due on another day.
LATER = """
from subscriptions.models import Digest
Digest.objects.filter(subscriber__in=Subscriber.objects.order_by("-pk").values("pk")[:20]).delete()
"""
NOW = """
UPDATE subscriptions_subscriber SET next_digest_at = now()
WHERE id NOT IN (SELECT subscriber_id FROM subscriptions_digest) RETURNING 1
"""


def a_run_in_flight(pair: Pair, people: int = PEOPLE) -> None:
    for sender in (pair.one, pair.other):
        sender.machine.start("mail", wait=False)
    for sender in (pair.one, pair.other):
        sender.machine.wait_for("mail")
    pair.site.grow(people, LATER)
    eventually(
        lambda: min(pair.one.handed_over(), pair.other.handed_over()) > 5, 60, lambda: pair.one.machine.log("mail")
    )


def check_that_it_works_again(pair: Pair) -> None:
    """The one that was cut off sends without having been started anew, while the other one rests."""
    pair.other.machine.stop("mail")
    before = pair.one.handed_over()
    late = len(pair.site.rows(NOW))
    pair.site.tick_until_all_has_ended()
    assert pair.one.handed_over() - before == late == 20
    pair.site.check()


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize(
    ("way", "patience"),
    [
        ("what is sent", SOON),
        pytest.param("what is sent", "", marks=only_if_long),
        pytest.param("what comes", "", marks=only_if_long),
    ],
)
def test_a_machine_that_is_cut_off_hands_over_nothing_it_has_not_claimed_and_works_when_it_is_back(
    setting: Setting, way: str, patience: str
) -> None:
    setting.common["DATABASE_URL"] += patience
    pair, host = setting.pair(), setting.network.host
    a_run_in_flight(pair)
    place, machine = pair.one.machine.place, pair.one.machine
    place.lose_what_is_sent(host) if way == "what is sent" else place.lose_what_comes()
    before, began = pair.one.handed_over(), time.monotonic()
    pair.site.tick_until_all_has_ended()
    eventually(lambda: "The database is away" in machine.log("mail"), 70, lambda: machine.log("mail"))
    noticed = time.monotonic() - began
    assert pair.one.handed_over() - before <= MAIL_CHILDREN  # those whose claims were committed when the cable was cut
    uncertain = list(pair.site.statuses().values()).count("uncertain")
    assert uncertain <= MAIL_CHILDREN
    pair.site.check()
    place.mend(host)
    began = time.monotonic()
    check_that_it_works_again(pair)
    tell(f"cut, {way}", f"noticed within {noticed:.0f} s, back after {time.monotonic() - began:.0f} s", uncertain)


def tell(what: str, times: str, uncertain: int) -> None:
    """For whoever runs with -s or -rP."""
    print(f"{what}: {times}, {uncertain} uncertain")  # noqa: T201


LOSSY = """
table inet lossy {
    chain comes { type filter hook input priority 0; numgen random mod 100 < 5 drop; }
    chain goes { type filter hook output priority 0; numgen random mod 100 < 5 drop; }
}
"""


@only_if_long
@pytest.mark.usefixtures("apart")
def test_over_a_slow_network_that_loses_packets_each_mail_leaves_once(setting: Setting, tmp_path: Path) -> None:
    """Answers come after a fifth of a second, and a twentieth of all packets is lost."""
    far = setting.network.another_host()
    for port in (setting.redis.port, urlsplit(setting.url).port or 0):
        setting.network.let_through(port, far, late=0.1)
    for name in ("DATABASE_URL", "REDIS_URL"):
        setting.common[name] = setting.common[name].replace(setting.network.host, far)
    pair = setting.pair(pace=0.0, LEASE_SECONDS="60", UNCERTAIN_AFTER_SECONDS="90")
    rules = tmp_path / "rules"
    rules.write_text(LOSSY)
    for sender in (pair.one, pair.other):
        command = sender.machine.place.command(f"{program('nft', 'nftables', '../sbin')} -f {rules}")
        subprocess.run(["/bin/sh", "-c", command], check=True)
    began, people = time.monotonic(), 2 * MAIL_CHILDREN * BATCH  # or one machine's children would take them all at once
    a_run_in_flight(pair, people)
    pair.site.tick_until_all_has_ended(300)
    pair.site.check()
    statuses = list(pair.site.statuses().values())
    assert set(statuses) <= {"sent", "uncertain"}
    tell("slow network", f"{people} mails in {time.monotonic() - began:.0f} s", statuses.count("uncertain"))


LOCK = """
from django.db import connection, transaction
from subscriptions.models import Control
with transaction.atomic():
    Control.objects.select_for_update().get(pk=1)
    print("locked", flush=True)
    input()
"""


@only_if_long
@pytest.mark.usefixtures("apart")
def test_what_a_lost_machine_has_locked_is_free_after_a_minute(
    setting: Setting, network: Network, primary: Primary
) -> None:
    setting.common["DATABASE_URL"] = migrated_database(primary, "machines")
    machine = setting.pair().one.machine
    lock = machine.place.command(join((sys.executable, "manage.py", "shell", "-v0", "-c", LOCK)))
    pipe = subprocess.PIPE
    place = {"cwd": ROOT, "env": process_environment(**machine.environment)}
    with subprocess.Popen(["/bin/sh", "-c", lock], **place, stdin=pipe, stdout=pipe) as process:  # type: ignore[call-overload]
        assert process.stdout.readline().strip() == b"locked"
        machine.place.lose_what_is_sent(network.host)
        began = time.monotonic()
        primary.execute("UPDATE subscriptions_control SET note = ''", "machines")
        process.kill()
    seconds = time.monotonic() - began
    tell("locks of a lost machine", f"free after {seconds:.0f} s", 0)
    assert seconds < 75


def test_each_session_tells_postgresql_how_soon_to_end_it_but_for_a_poolers(postgres_server: PostgresServer) -> None:
    url = postgres_server.url("postgres")
    assert output(LIMITS, DATABASE_URL=url, DATABASE_POOLED="false").split() == ["30", "5min"]
    assert output(LIMITS, DATABASE_URL=url, DATABASE_POOLED="true").split()[1:] == ["0"]


LIMITS = """
from django.db import connection
with connection.cursor() as cursor:
    for name in ("tcp_keepalives_idle", "idle_in_transaction_session_timeout"):
        cursor.execute(f"SHOW {name}")
        print(cursor.fetchone()[0])
"""
