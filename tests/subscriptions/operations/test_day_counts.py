"""What is counted of each day: by whom it can be changed afterwards, and by whom not."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.models import (
    Consent,
    DayCount,
    DeliveryEvent,
    Departure,
    Digest,
    Fact,
    Feedback,
    LeftBecause,
    Meaning,
    Subscriber,
)
from subscriptions.operations import retention
from subscriptions.operations.charts import counting
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from subscriptions.reports import bounces
from tests.subscriptions.conftest import MORNING, TODAY, deliver_due

Subscribe = Callable[..., Subscriber]
DAY = timedelta(days=1)
EVENING = MORNING + timedelta(hours=12)
NEXT_MORNING = MORNING + DAY
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture(autouse=True)
def _in_the_morning() -> "object":
    with time_machine.travel(MORNING, tick=False):
        yield


def number(fact: Fact, of: str = "", day: date = TODAY) -> int | None:
    return DayCount.objects.filter(fact=fact, of=of, day=day).values_list("number", flat=True).first()


def left() -> list[str]:
    return list(Departure.objects.order_by("pk").values_list("reason", flat=True))


class TestLeaving:
    """Each way out leaves a row that says which it was, and not whose."""

    @pytest.fixture
    def ada(self, make_subscriber: Subscribe) -> Subscriber:
        return make_subscriber()

    @pytest.mark.parametrize(
        ("fields", "reason"), [(ONE_CLICK, LeftBecause.ONE_CLICK), ({}, LeftBecause.PAGE)], ids=["one click", "page"]
    )
    def test_unsubscribing(self, ada: Subscriber, client: Client, fields: dict[str, str], reason: str) -> None:
        url = reverse("unsubscribe", args=[tokens.make(Purpose.UNSUBSCRIBE, ada.handle)])
        for _ in range(2):
            client.post(url, fields)
        assert left() == [reason]

    @pytest.mark.parametrize(
        ("meaning", "reason"),
        [
            (Meaning.HARD, LeftBecause.HARD),
            (Meaning.COMPLAINT, LeftBecause.COMPLAINT),
            (Meaning.REFUSED, LeftBecause.REFUSED),
            (Meaning.UNSUBSCRIBED, LeftBecause.PROVIDER),
        ],
    )
    def test_what_the_provider_reports(self, ada: Subscriber, meaning: Meaning, reason: str) -> None:
        for _ in range(2):
            bounces.apply(meaning, bytes(ada.address_hash), MORNING)
        assert left() == [reason]

    def test_what_an_operator_does(self, ada: Subscriber, admin_client: Client) -> None:
        url = reverse("admin:subscriptions_subscriber_changelist")
        for action in ("unsubscribe", "suppress"):
            admin_client.post(url, {"action": action, "_selected_action": [ada.pk], "confirm": "yes"})
        assert left() == [LeftBecause.OPERATOR]

    def test_suppression_by_an_operator(self, ada: Subscriber) -> None:
        lifecycle.suppress(ada.email, reason="operator")
        assert left() == [LeftBecause.OPERATOR]

    def test_erasing_a_reader(self, ada: Subscriber) -> None:
        lifecycle.erase(ada)
        assert left() == [LeftBecause.ERASED]

    def test_who_left_before_does_not_leave_again(self, ada: Subscriber) -> None:
        lifecycle.unsubscribe(ada, MORNING)
        lifecycle.suppress(ada.email, reason="hard bounce")
        lifecycle.erase(ada)
        assert left() == [LeftBecause.PAGE]

    def test_nor_who_was_never_here(self, db: None) -> None:
        lifecycle.suppress("stranger@example.org", reason="operator")
        pending = Subscriber.objects.create(email="bob@example.org", address_hash=b"b" * 16)
        lifecycle.erase(pending)
        assert left() == []


@pytest.fixture
def busy_day(make_subscriber: Subscribe, some_papers: list[Paper]) -> list[Subscriber]:
    """Three readers get a digest; one rates, one complains, one is erased; somebody signs up."""
    people = [make_subscriber(f"{name}@example.org") for name in ("ada", "bob", "cleo")]
    for person in people:
        person.consents.create(form_text_hash="x", requested_at=MORNING, confirmed_at=MORNING)
    people[0].consents.create(form_text_hash="x", requested_at=MORNING)
    deliver_due()
    ada, bob, _ = people
    Feedback.objects.create(subscriber=ada, paper=some_papers[2], kind="more", at=MORNING)
    Feedback.objects.create(subscriber=ada, paper=some_papers[1], kind="less", at=MORNING)
    DeliveryEvent.objects.create(
        digest=Digest.objects.get(subscriber=bob), provider="test", event_id="1", event_type="complained",
        meaning=Meaning.COMPLAINT, happened_at=MORNING, received_at=MORNING,
    )  # fmt: skip
    bounces.complained(bytes(bob.address_hash), MORNING)
    return people


def test_all_of_a_day_is_counted(busy_day: list[Subscriber]) -> None:
    counting.count(EVENING)
    found = {f"{fact} {of}".strip(): number for fact, of, number in _rows()}
    assert found == {
        "readers active": 2,
        "readers paused": 0,
        "sign-ups": 4,
        "confirmed": 3,
        "left complaint": 1,
        "mails": 3,
        "reports complaint": 1,
        "rated": 1,
        "ratings topic more": 1,
        "ratings topic less": 1,
        "papers asked for": 4,
    }


def _rows() -> list[tuple[str, str, int]]:
    return list(DayCount.objects.filter(day=TODAY).values_list("fact", "of", "number"))


def test_to_count_again_changes_nothing(busy_day: list[Subscriber]) -> None:
    counting.count(EVENING)
    before = sorted(_rows())
    for later in (EVENING, NEXT_MORNING, NEXT_MORNING + DAY):
        counting.count(later)
        assert sorted(_rows()) == before


def test_erased_people_stay_in_what_was_counted(busy_day: list[Subscriber]) -> None:
    counting.count(EVENING)
    before = sorted(_rows())
    for person in busy_day:
        lifecycle.erase(person)
    DayCount.objects.update(counted_at=EVENING)
    counting.count(NEXT_MORNING)
    assert [row for row in sorted(_rows()) if row[0] != Fact.LEFT] == [row for row in before if row[0] != Fact.LEFT]
    assert number(Fact.LEFT, "complaint") == 1
    assert number(Fact.LEFT, "erased") == 2


def test_a_day_is_counted_once_more_when_it_is_over_and_then_never(busy_day: list[Subscriber]) -> None:
    counting.count(EVENING)
    lifecycle.unsubscribe(busy_day[0], EVENING)
    assert counting.count(NEXT_MORNING) == 2
    assert number(Fact.LEFT, "page") == 1
    lifecycle.unsubscribe(busy_day[2], EVENING)
    assert counting.count(NEXT_MORNING + timedelta(hours=1)) == 1
    assert number(Fact.LEFT, "page") == 1


def test_how_many_readers_there_were_is_noted_on_the_day_alone(busy_day: list[Subscriber]) -> None:
    counting.count(EVENING)
    lifecycle.unsubscribe(busy_day[0], EVENING)
    counting.count(NEXT_MORNING)
    assert number(Fact.READERS, "active") == 2
    assert number(Fact.READERS, "active", TODAY + DAY) == 1


def test_days_without_a_clock_are_counted_later_a_few_at_a_time(busy_day: list[Subscriber]) -> None:
    weeks_later = MORNING + 20 * DAY
    while counting.count(weeks_later) > 1:
        pass
    assert DayCount.objects.filter(fact=Fact.MAILS).count() == 21
    assert number(Fact.MAILS) == 3
    assert number(Fact.READERS, "active") is None


def test_nothing_is_counted_of_days_before_the_first(db: None) -> None:
    assert counting.count(MORNING) == 1


def test_latency_is_the_median_of_what_was_waited_for(busy_day: list[Subscriber]) -> None:
    announced = datetime(2026, 6, 30, tzinfo=UTC)  # at 20:00 in New York, the evening before
    for hours, paper in enumerate(Paper.objects.order_by("pk")[:3], 1):
        Paper.objects.filter(pk=paper.pk).update(announced_on=TODAY, created_at=announced + timedelta(hours=hours))
    old = Paper.objects.order_by("pk")[3]
    Paper.objects.filter(pk=old.pk).update(announced_on=TODAY - 60 * DAY, created_at=MORNING)
    counting.count(EVENING)
    assert number(Fact.LATENCY, "arXiv") == 120
    assert number(Fact.PAPERS, "arXiv") == 4


def test_departures_go_after_ninety_days_and_their_numbers_stay(busy_day: list[Subscriber]) -> None:
    counting.count(NEXT_MORNING)
    retention.purge(MORNING + 91 * DAY)
    assert not Departure.objects.exists()
    assert number(Fact.LEFT, "complaint") == 1


def test_it_asks_as_many_queries_however_many_there_are(busy_day: list[Subscriber], make_subscriber: Subscribe) -> None:
    counting.count(EVENING)
    with CaptureQueriesContext(
        connection,
    ) as few:
        counting.count(EVENING)
    for each in range(10):
        person = make_subscriber(f"{each}@example.org")
        person.consents.create(form_text_hash="x", requested_at=MORNING, confirmed_at=MORNING)
        lifecycle.unsubscribe(person, MORNING)
    with CaptureQueriesContext(connection) as many:
        counting.count(EVENING)
    assert len(many) == len(few)


def test_no_number_names_anybody(busy_day: list[Subscriber]) -> None:
    counting.count(EVENING)
    columns = {field.name for model in (DayCount, Departure) for field in model._meta.fields if field.is_relation}
    assert columns == set()
    assert Consent.objects.exists()
