"""One request at a time and a rest after it, over processes that know nothing of each other."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection

from papers.fetching import host_locks
from papers.models import Turn
from tests.papers.sources.feed_server import Answer, FeedServer, Visit
from tests.processes import ROOT, eventually, process_environment
from tests.services import PostgresServer, migrated_database, migrated_file

SECOND = timedelta(seconds=1)
# arXiv's own limit takes minutes for a scripted week; PAPER_ROUND_PAUSE=3 runs the same with it.
PAUSE = float(os.environ.get("PAPER_ROUND_PAUSE", "0.3"))
ASK = """
import sys, django
django.setup()
from papers.fetching import http
for number in range(int(sys.argv[1])):
    http.get("test", f"{sys.argv[2]}/{number}", host="arxiv")
"""
HOLD = """
import sys, time, django
django.setup()
from datetime import timedelta
from papers.fetching import host_locks
with host_locks.turn("arxiv", timedelta(seconds=float(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return migrated_file(tmp_path / "turns.sqlite3")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return migrated_database(server, f"turns_{os.getpid()}")


@pytest.fixture
def environment(database: str, tmp_path: Path, feed_server: FeedServer) -> dict[str, str]:
    found = process_environment(
        DATABASE_URL=database, VAR_DIR=str(tmp_path), SOURCE_PAUSE=str(PAUSE), PYTHONPATH=str(ROOT), PYTHONWARNINGS=""
    )
    addresses = ("HUGGINGFACE_URL", "ARXIV_RSS_URL", "ARXIV_OAI_URL", "ARXIV_API_URL", "GITHUB_API_URL")
    found |= dict.fromkeys(addresses, feed_server.url)
    return found


def gaps(visits: list[Visit]) -> Iterator[float]:
    """Seconds from the end of each answer to the next request."""
    in_order = sorted(visits, key=lambda visit: visit.began)
    return (after.began - before.ended for before, after in pairwise(in_order))


def test_four_processes_ask_one_at_a_time_and_rest_between(
    environment: dict[str, str], feed_server: FeedServer
) -> None:
    feed_server.default = Answer(b"x")
    command = [sys.executable, "-c", ASK, "3", feed_server.url]
    processes = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(4)]
    assert [process.wait(720) for process in processes] == [0] * 4
    assert len(feed_server.visits) == 12
    # The database's clock has milliseconds on SQLite.
    assert min(gaps(feed_server.visits)) > PAUSE - 0.002


def test_a_turn_whose_holder_was_killed_ends_by_itself(environment: dict[str, str], feed_server: FeedServer) -> None:
    feed_server.default = Answer(b"x")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, "1.5"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    holder.kill()
    holder.communicate()
    subprocess.run(
        [sys.executable, "-c", ASK, "1", feed_server.url], env=environment, cwd=ROOT, check=True, timeout=360
    )
    assert len(feed_server.visits) == 1


@pytest.mark.django_db
def test_who_is_not_patient_enough_learns_for_how_long_to_wait(settings: object) -> None:
    with host_locks.turn("slow", SECOND) as held:
        held.rest = timedelta(hours=1)
    with pytest.raises(host_locks.Busy) as busy, host_locks.turn("slow", SECOND):
        pytest.fail("the host rests")
    assert timedelta(minutes=59) < busy.value.wait <= timedelta(hours=1)


@pytest.mark.django_db
def test_a_turn_is_given_back_when_asking_fails_and_hosts_do_not_wait_for_each_other() -> None:
    with pytest.raises(ZeroDivisionError), host_locks.turn("one", SECOND), host_locks.turn("other", SECOND):
        raise ZeroDivisionError
    assert set(Turn.objects.values_list("host", "holder")) == {("one", None), ("other", None)}


@pytest.mark.django_db(transaction=True)
def test_a_turn_that_ended_while_it_was_held_is_not_given_back_by_its_first_holder() -> None:
    late = host_locks.Held("one", rest=timedelta(hours=1))
    host_locks.wait_for(late, timedelta())
    with host_locks.turn("one", SECOND):
        Turn.objects.filter(host="one", holder=late.key).update(holder=None)
        assert eventually(lambda: Turn.objects.get(host="one").holder)
    assert connection.in_atomic_block is False
