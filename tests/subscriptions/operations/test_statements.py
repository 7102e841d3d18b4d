"""An UPDATE that is compiled once means the same as Django's own."""

import tracemalloc
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import Error, IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from subscriptions.digests.bulk_writes import rows_of_digests, store_digests
from subscriptions.limits import kill_switch
from subscriptions.models import Breaker, Control, DeliveryStatus, Digest, Handed, StopReason, Subscriber
from subscriptions.models.statements import Pair, Statement
from tests.subscriptions.conftest import MORNING, plan

pytestmark = pytest.mark.django_db
UNTIL = MORNING + timedelta(minutes=10)


@pytest.fixture
def two(make_subscriber: Callable[..., Subscriber]) -> list[int]:
    make_subscriber("one@example.org")
    make_subscriber("two@example.org")
    return plan()


def test_each_call_means_the_row_it_is_given(two: list[int]) -> None:
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    later = MORNING + timedelta(minutes=1)
    assert Digest.objects.claim(two[0], token, MORNING, "x")
    assert Digest.objects.claim(two[1], token, later, "y")
    assert list(Digest.objects.order_by("pk").values_list("status", "claimed_at", "attempts")) == [
        (DeliveryStatus.SENDING, MORNING, 1),
        (DeliveryStatus.SENDING, later, 1),
    ]


def test_each_lease_is_its_own(two: list[int]) -> None:
    mine = Digest.objects.lease(two[:1], MORNING, until=UNTIL)
    Digest.objects.lease(two[1:], MORNING, until=UNTIL)
    assert not Digest.objects.claim(two[1], mine, MORNING)
    assert Digest.objects.claim(two[0], mine, MORNING)


def test_a_breaker_holds_its_own_provider_only(two: list[int]) -> None:
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    Breaker.objects.create(provider="x", open_until=UNTIL)
    assert not Digest.objects.claim(two[0], token, MORNING, "x")
    assert Digest.objects.claim(two[0], token, MORNING, "y")


def test_a_stop_and_a_resume_are_seen_by_the_next_claim(two: list[int]) -> None:
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    kill_switch.stop(StopReason.OPERATOR, "", MORNING)
    assert not Digest.objects.claim(two[0], token, MORNING)
    kill_switch.resume()
    assert Digest.objects.claim(two[0], token, MORNING)


def test_another_instance_claims_nothing(two: list[int], settings: Settings) -> None:
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    assert Digest.objects.claim(two[0], token, MORNING)
    settings.INSTANCE_ID = "a restored copy"
    assert not Digest.objects.claim(two[1], token, MORNING)
    Control.objects.update(instance_id="a restored copy")
    assert Digest.objects.claim(two[1], token, MORNING)


@pytest.mark.parametrize("before", [DeliveryStatus.SENDING, DeliveryStatus.UNCERTAIN])
def test_whoever_heard_that_it_was_taken_records_it_as_sent(two: list[int], before: str) -> None:
    Digest.objects.filter(pk=two[0]).update(status=before, claimed_at=MORNING, reason="unclear")
    assert Digest.objects.record_sent(two[0], UNTIL, "id-1")
    found = Digest.objects.get(pk=two[0])
    assert (found.status, found.finished_at, found.provider_id, found.reason) == ("sent", UNTIL, "id-1", "")


@pytest.mark.parametrize("before", [DeliveryStatus.PLANNED, DeliveryStatus.SKIPPED, DeliveryStatus.FAILED])
def test_what_was_never_handed_over_cannot_become_sent(two: list[int], before: str) -> None:
    Digest.objects.filter(pk=two[0]).update(status=before, reason="why")
    assert not Digest.objects.record_sent(two[0], UNTIL, "")


def ended(pk: int, reason: str) -> tuple[models.QuerySet[Digest], dict[str, str]]:
    return Digest.objects.filter(pk=pk), {"status": DeliveryStatus.SKIPPED, "reason": reason}


def rows() -> list[tuple[object, ...]]:
    columns = ("status", "claimed_at", "attempts", "finished_at", "provider_id", "reason")
    return list(Digest.objects.order_by("pk").values_list(*columns))


def record_and_claim(two: list[int]) -> bool:
    """Record the first, which is in flight, and claim the second."""
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    assert Digest.objects.claim(two[0], token, MORNING, "x")
    return Digest.objects.record_sent_and_claim(Handed(two[0], "id-1"), two[1], token, now=MORNING, provider="x")


@pytest.mark.django_db(transaction=True)
def test_the_driver_alone_changes_what_django_changes(two: list[int]) -> None:
    assert record_and_claim(two)
    alone = rows()
    assert [row[0] for row in alone] == ["sent", "sending"]
    before = {"status": DeliveryStatus.PLANNED, "claimed_at": None, "finished_at": None, "provider_id": ""}
    Digest.objects.update(**before, attempts=0, lease_until=None)
    with CaptureQueriesContext(connection) as watched:
        assert record_and_claim(two)
    assert rows() == alone
    assert any("UPDATE" in query["sql"] for query in watched)


@pytest.mark.django_db(transaction=True)
def test_where_the_second_fails_the_first_changes_nothing_and_no_transaction_stays_open(two: list[int]) -> None:
    both = Pair(Statement(ended, pk=(1, 2), reason=("", "x")), Statement(ended, pk=(1, 2), reason=("", "x")))
    with pytest.raises(IntegrityError):  # what was skipped says why
        both(None, {"pk": two[0], "reason": "late"}, {"pk": two[1], "reason": ""})
    assert [row[0] for row in rows()] == ["planned", "planned"]
    assert both(None, {"pk": two[0], "reason": "late"}, {"pk": two[1], "reason": "empty"}) == 1
    connection.close()
    assert [row[0] for row in rows()] == ["skipped", "skipped"]


on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no sessions.")


@pytest.mark.django_db(transaction=True)
@on_postgresql
def test_after_a_lost_connection_the_next_claim_gets_a_new_one(two: list[int]) -> None:
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    assert Digest.objects.claim(two[0], token, MORNING, "x")
    assert connection.connection is not None
    connection.connection.close()
    with pytest.raises(Error):
        Digest.objects.claim(two[1], token, MORNING, "x")
    assert Digest.objects.claim(two[1], token, MORNING, "x")


@pytest.mark.django_db(transaction=True)
@on_postgresql
def test_postgresql_plans_a_claim_once_for_each_session(two: list[int]) -> None:
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    assert [Digest.objects.claim(pk, token, MORNING, "x") for pk in two] == [True, True]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE%claimed_at%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
@on_postgresql
def test_postgresql_plans_once_what_stores_a_digest(two: list[int]) -> None:
    with transaction.atomic():
        store_digests(rows_of_digests(Digest.objects.filter(pk__in=two)))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'UPDATE%composed_at%'")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
@on_postgresql
def test_the_driver_keeps_no_text_of_what_django_executes(two: list[int]) -> None:
    """They hold all values: the last hundred of each connection made a web worker twenty megabytes larger."""
    token = Digest.objects.lease(two, MORNING, until=UNTIL)
    assert Digest.objects.claim(two[0], token, MORNING, "x")
    tracemalloc.start()
    try:
        with connection.cursor() as cursor:
            for number in range(50):
                cursor.execute("SELECT length(%s)", [f"{number:06}" * 10_000])
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1_000_000  # of three millions that were said
