"""What an item refers to cannot be deleted under it; on PostgreSQL the rows of a statement are checked together."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import NamedTuple

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation

from tests.racing import output
from tests.services import ROOT, PostgresServer, eventually, fresh_database, migrated_database, process_environment

PREPARE = """
from datetime import datetime, UTC
from papers.models import Paper
from subscriptions.models import Digest, DigestItem, Interest, Subscriber
from subscriptions.people.addresses import address_hash
now = datetime(2026, 6, 30, 8, tzinfo=UTC)
papers = Paper.objects.bulk_create(Paper(identifier=f"2606.{n:05d}", title="a") for n in range(2))
people = Subscriber.objects.bulk_create(
    Subscriber(email=f"{n}@example.org", address_hash=address_hash(f"{n}@example.org")) for n in range(2))
interests = [Interest.objects.create(subscriber=people[0], kind="text", text=text) for text in "ab"]
digest, other = Digest.objects.bulk_create(
    Digest(subscriber=one, local_date=now.date(), due_at=now, next_attempt_at=now) for one in people)
print(digest.pk, people[0].pk, papers[0].pk, interests[0].pk, other.pk, papers[1].pk, interests[1].pk)
"""
STORE = """
INSERT INTO subscriptions_digestitem
    (digest_id, subscriber_id, paper_id, interest_id, role, rank, score, relevance, reason)
    VALUES (%s, %s, %s, %s, %s, 1, 1, 1, '{}')
"""
PREPARED = "with_references"
TABLES = ("subscriptions_digest", "papers_paper", "subscriptions_interest")
Connection = psycopg.Connection[tuple[int, ...]]


class Keys(NamedTuple):
    digest: int
    subscriber: int
    paper: int
    interest: int
    others_digest: int
    other_paper: int
    other_interest: int

    def of(self, table: str) -> int:
        return dict(zip(TABLES, (self.digest, self.paper, self.interest), strict=True))[table]

    def item(self, role: str = "pick", **other: int) -> list[object]:
        one = self._replace(**other)
        return [one.digest, one.subscriber, one.paper, one.interest, role]


class Place(NamedTuple):
    url: str
    keys: Keys
    mine: Connection
    theirs: Connection
    watch: Connection

    def items(self) -> int:
        [count] = self.watch.execute("SELECT count(*) FROM subscriptions_digestitem").fetchone() or (-1,)
        return int(count)

    def waits(self, act: Callable[[], object], pool: ThreadPoolExecutor) -> Future[object]:
        """Begin what has to wait for me, and return when it does."""
        future, pid = pool.submit(act), self.theirs.info.backend_pid
        blocked = "SELECT cardinality(pg_blocking_pids(%s))"
        eventually(lambda: self.watch.execute(blocked, [pid]).fetchone() != (0,))
        return future


@pytest.fixture(scope="module")
def prepared(postgres_server: PostgresServer) -> Keys:
    """Of rows in a database that each test copies."""
    url = migrated_database(postgres_server, PREPARED)
    return Keys(*map(int, output(PREPARE, DATABASE_URL=url).split()))


@pytest.fixture
def place(postgres_server: PostgresServer, prepared: Keys) -> Iterator[Place]:
    url = fresh_database(postgres_server, "references", like=PREPARED)
    with (
        psycopg.connect(url) as mine,
        psycopg.connect(url) as theirs,
        psycopg.connect(url, autocommit=True) as watch,
    ):
        yield Place(url, prepared, mine, theirs, watch)
        mine.rollback()
        theirs.rollback()


def _delete(connection: Connection, table: str, key: int) -> None:
    connection.execute(f"DELETE FROM {table} WHERE id = {key}".encode())


@pytest.mark.parametrize("table", TABLES)
def test_what_is_being_deleted_is_waited_for_and_missed(place: Place, table: str) -> None:
    _delete(place.mine, table, place.keys.of(table))
    with ThreadPoolExecutor(1) as pool:
        storing = place.waits(lambda: place.theirs.execute(STORE, place.keys.item()), pool)
        place.mine.commit()
        with pytest.raises(ForeignKeyViolation, match="gone"):
            storing.result()
    assert place.items() == 0


@pytest.mark.parametrize("table", TABLES)
def test_what_an_item_under_way_refers_to_stays(place: Place, table: str) -> None:
    place.mine.execute(STORE, place.keys.item())
    with ThreadPoolExecutor(1) as pool:
        deleting = place.waits(lambda: _delete(place.theirs, table, place.keys.of(table)), pool)
        place.mine.commit()
        deleting.result()
        with pytest.raises(ForeignKeyViolation, match="still refer"):
            place.theirs.commit()
    assert place.items() == 1


@pytest.mark.parametrize("table", TABLES)
def test_deleting_both_in_any_order_is_allowed(place: Place, table: str) -> None:
    place.mine.execute(STORE, place.keys.item())
    place.mine.commit()
    _delete(place.mine, table, place.keys.of(table))
    place.mine.execute("DELETE FROM subscriptions_digestitem")
    place.mine.commit()
    assert place.items() == 0


def _write(copy: AbstractContextManager[psycopg.Copy], items: list[list[object]]) -> None:
    with copy as stream:
        for item in items:
            stream.write_row([*item, 1, 1.0, 1.0, "{}"])


@pytest.mark.parametrize("wrong", [{"paper": -1}, {"interest": -1}, {"digest": -1}, {"subscriber": -1}])
def test_one_bad_item_among_good_ones_refuses_all(place: Place, wrong: dict[str, int]) -> None:
    items = [place.keys.item(), place.keys.item("news"), place.keys.item("folded", **wrong)]
    columns = "digest_id, subscriber_id, paper_id, interest_id, role, rank, score, relevance, reason"
    copy = place.mine.cursor().copy(f"COPY subscriptions_digestitem ({columns}) FROM STDIN".encode())
    with pytest.raises(ForeignKeyViolation):
        _write(copy, items)
    place.mine.rollback()
    assert place.items() == 0


def test_an_item_belongs_to_the_reader_of_its_digest(place: Place) -> None:
    with pytest.raises(ForeignKeyViolation, match="another reader"):
        place.mine.execute(STORE, place.keys.item(digest=place.keys.others_digest))


def test_an_item_without_an_interest_is_a_good_one_and_can_get_one(place: Place) -> None:
    place.mine.execute(STORE, [*place.keys.item()[:3], None, "pick"])
    place.mine.execute("UPDATE subscriptions_digestitem SET interest_id = %s", [place.keys.other_interest])
    place.mine.commit()
    with pytest.raises(ForeignKeyViolation, match="interest"):
        place.mine.execute("UPDATE subscriptions_digestitem SET interest_id = -1")


def test_one_release_back_each_row_is_checked_again(place: Place) -> None:
    tells = "SELECT count(*) FILTER (WHERE contype = 'f'), count(*) FILTER (WHERE condeferred) FROM pg_constraint"
    constraints = f"{tells} WHERE conrelid = 'subscriptions_digestitem'::regclass".encode()
    assert place.watch.execute(constraints).fetchone() == (0, 0)
    for name, wanted in (("0050", (4, 4)), ("0051", (0, 0))):
        command = [sys.executable, "manage.py", "migrate", "-v0", "subscriptions", name]
        subprocess.run(command, cwd=ROOT, env=process_environment(DATABASE_URL=place.url), check=True)
        assert place.watch.execute(constraints).fetchone() == wanted
    place.mine.rollback()
    with pytest.raises(ForeignKeyViolation):
        place.mine.execute(STORE, place.keys.item(paper=-1))
