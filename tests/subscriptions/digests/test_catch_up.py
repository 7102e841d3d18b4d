"""After several empty days one mail with what came nearest, and not again for a week."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from papers.models import Paper
from subscriptions.digests import catch_up, compose
from subscriptions.models import DeliveryStatus, Digest, DigestItem, Frequency, Role, SkipReason, Subscriber
from tests.subscriptions.conftest import DIMENSION, MORNING, TODAY, deliver_due

DAY = timedelta(days=1)
Subscribe = Callable[..., Subscriber]


def nearly(filler: int, nearness: float = 0.3) -> np.ndarray:
    """A vector so near to axis 0, and otherwise along another."""
    vector = np.zeros(DIMENSION, dtype=np.float32)
    vector[0], vector[filler] = nearness, np.sqrt(1 - nearness**2)
    return vector


@pytest.fixture
def near_misses(make_paper: Callable[..., Paper]) -> list[Paper]:
    """Seven papers below the floor of somebody who follows topic 0; one of them is too far for a near miss."""
    papers = [make_paper(number, nearly(number, 0.26 + number / 100)) for number in range(1, 7)]
    return [*papers, make_paper(7, nearly(7, 0.1))]


def empty(subscriber: Subscriber, day: date, reason: str = SkipReason.EMPTY) -> Digest:
    at = MORNING + (day - TODAY)
    return Digest.objects.create(
        subscriber=subscriber, local_date=day, due_at=at, next_attempt_at=at, status="skipped", reason=reason
    )


def sent(subscriber: Subscriber, day: date) -> Digest:
    at = MORNING + (day - TODAY)
    return Digest.objects.create(
        subscriber=subscriber, local_date=day, due_at=at, next_attempt_at=at, claimed_at=at, status="sent"
    )


def after_a_week_of_nothing(subscriber: Subscriber) -> Subscriber:
    for days in range(1, 7):
        empty(subscriber, TODAY - days * DAY)
    return subscriber


def picks(subscriber: Subscriber) -> list[DigestItem]:
    return list(DigestItem.objects.filter(subscriber=subscriber, role=Role.PICK).select_related("paper"))


def test_on_the_seventh_empty_day_the_nearest_of_the_week_come(
    make_subscriber: Subscribe, near_misses: list[Paper]
) -> None:
    ada = after_a_week_of_nothing(make_subscriber())
    assert deliver_due() == 1
    assert [item.paper for item in picks(ada)] == near_misses[5:0:-1]


def test_its_mail_says_that_these_did_not_come_close_enough(
    make_subscriber: Subscribe, near_misses: list[Paper]
) -> None:
    after_a_week_of_nothing(make_subscriber())
    deliver_due()
    said = "For seven days no paper came close enough to your interests. These 5 of 7 recent papers came nearest."
    assert said in " ".join(str(mail.outbox[0].body).split())
    assert said in " ".join(str(mail.outbox[0].alternatives[0][0]).split())  # type: ignore[attr-defined]


def test_its_reasons_say_that_it_is_a_catch_up_and_those_of_other_digests_do_not(
    make_subscriber: Subscribe, near_misses: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    ada, bob = after_a_week_of_nothing(make_subscriber()), make_subscriber("bob@example.org", follows=(7,))
    deliver_due()
    assert {item.reason.get("catch_up") for item in picks(ada)} == {True}
    assert {item.reason.get("catch_up") for item in picks(bob)} == {None}


def test_nothing_comes_before_the_seventh_day(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    ada = make_subscriber()
    for days in range(1, 6):
        empty(ada, TODAY - days * DAY)
    assert deliver_due() == 0
    assert ada.digests.get(local_date=TODAY).reason == SkipReason.EMPTY


def test_nothing_comes_where_a_digest_came_in_the_week(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    ada = make_subscriber()
    for days in range(1, 6):
        empty(ada, TODAY - days * DAY)
    sent(ada, TODAY - 6 * DAY)
    assert deliver_due() == 0


@pytest.mark.parametrize("reason", [SkipReason.LATE, SkipReason.PAUSED])
def test_days_without_a_mail_for_another_reason_are_no_empty_days(
    make_subscriber: Subscribe, near_misses: list[Paper], reason: SkipReason
) -> None:
    ada = make_subscriber()
    for days in range(1, 7):
        empty(ada, TODAY - days * DAY, reason if days == 3 else SkipReason.EMPTY)
    assert deliver_due() == 0


def test_it_comes_once_in_seven_days_and_then_with_other_papers(
    make_subscriber: Subscribe, near_misses: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    ada = after_a_week_of_nothing(make_subscriber())
    deliver_due()
    assert [deliver_due(MORNING + days * DAY) for days in range(1, 7)] == [0] * 6
    fresh = make_paper(20, nearly(1, 0.34), day=TODAY + 6 * DAY)
    assert deliver_due(MORNING + 7 * DAY) == 1
    again = ada.digests.get(local_date=TODAY + 7 * DAY)
    assert [item.paper for item in picks(ada) if item.digest == again] == [fresh]


def test_who_does_not_want_it_gets_none(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    after_a_week_of_nothing(make_subscriber(catch_up=False))
    assert deliver_due() == 0


def test_no_mail_comes_where_nothing_was_even_near(
    make_subscriber: Subscribe, make_paper: Callable[..., Paper]
) -> None:
    make_paper(1, nearly(1, 0.1))
    ada = after_a_week_of_nothing(make_subscriber())
    assert deliver_due() == 0
    assert ada.digests.get(local_date=TODAY).reason == SkipReason.EMPTY


def test_what_the_reader_shuts_out_stays_out(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    ada = after_a_week_of_nothing(make_subscriber(excluded_terms=["paper 6"]))
    deliver_due()
    assert near_misses[5] not in [item.paper for item in picks(ada)]


def test_four_empty_working_days_are_a_week_to_who_reads_from_monday_to_friday(
    make_subscriber: Subscribe, near_misses: list[Paper]
) -> None:
    ada = make_subscriber(frequency=Frequency.WEEKDAYS)
    for days in (1, 4, 5, 6):  # today is a Tuesday
        empty(ada, TODAY - days * DAY)
    assert deliver_due() == 1


def test_a_weekly_reader_gets_it_at_the_second_empty_week(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    ada = make_subscriber(frequency=Frequency.WEEKLY, weekly_day=TODAY.weekday())
    bob = make_subscriber("bob@example.org", frequency=Frequency.WEEKLY, weekly_day=TODAY.weekday())
    empty(ada, TODAY - 7 * DAY)
    sent(bob, TODAY - 7 * DAY)
    assert deliver_due() == 1
    assert mail.outbox[0].to == ["ada@example.org"]
    assert "For two weeks no paper came close enough" in " ".join(str(mail.outbox[0].body).split())


def test_minutes_hold_for_it_too(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    ada = after_a_week_of_nothing(make_subscriber(reading_minutes=3))
    Paper.objects.update(abstract="word " * 400)
    deliver_due()
    assert len(picks(ada)) == 1


def test_staff_preview_the_catch_up_that_would_be_sent(make_subscriber: Subscribe, near_misses: list[Paper]) -> None:
    ada = after_a_week_of_nothing(make_subscriber())
    _, items = compose.preview(ada, MORNING)
    assert [item.paper_id for item in items] == [paper.pk for paper in near_misses[5:0:-1]]
    assert all(item.reason["catch_up"] for item in items)


def test_the_queries_of_a_batch_do_not_grow_with_those_to_whom_a_catch_up_is_due(
    make_subscriber: Subscribe, near_misses: list[Paper]
) -> None:
    digests = []
    for number in range(6):
        reader = after_a_week_of_nothing(make_subscriber(f"r{number}@example.org"))
        digests.append(Digest(subscriber=reader, local_date=TODAY, due_at=MORNING))
    compose.choose_papers(digests[:1], MORNING)
    counts = []
    for some in (digests[:2], digests):
        with CaptureQueriesContext(connection) as captured:
            assert compose.choose_papers(some, MORNING)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_who_is_owed_none_costs_no_query(
    make_subscriber: Subscribe, django_assert_num_queries: Callable[..., object]
) -> None:
    digest = Digest(subscriber=make_subscriber(catch_up=False), local_date=TODAY, status=DeliveryStatus.PLANNED)
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert catch_up.owed([digest]) == []
