"""The sources in the admin: how each is doing, when it is asked next, and a button for before its time."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from config.celery import app
from papers.feeds import feed_states, schedule
from papers.ingest.saving import Report
from papers.models import FeedState, Turn
from papers.sources import SourceError

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 10, 30, tzinfo=UTC)
URL = "/admin/papers/feedstate/"


@pytest.fixture(autouse=True)
def _at_half_past_ten() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def text(client: Client) -> str:
    return re.sub(r"\s+", " ", html.unescape(client.get(URL).content.decode()))


def staff(*permissions: str) -> Client:
    user = User.objects.create_user("clara", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def states(source: str, **values: object) -> None:
    feed_states.note(source, "", **values)


def test_a_failing_source_stands_first_with_its_error_and_its_next_try(admin_client: Client) -> None:
    states("github", last_attempt_at=NOW, last_success_at=NOW, seconds=2.25, items=3, usual_items=40)
    states(
        "huggingface", last_attempt_at=NOW, last_success_at=NOW - timedelta(days=1), error="huggingface answered 503"
    )
    page = text(admin_client)
    assert page.index("huggingface answered 503") < page.index("github")
    assert "failing since 29 Jun 2026, 10:30 UTC" in page
    assert "took 2.3 s" in page
    assert "3 last, 40 usually" in page
    assert "30 Jun, 11:20 UTC" in page


def test_when_a_source_is_asked_next() -> None:
    fresh = FeedState(source="arxiv", last_success_at=NOW, last_attempt_at=NOW)
    assert schedule.next_try("arxiv", fresh, NOW) == NOW.replace(hour=11, minute=20)
    late = FeedState(source="arxiv", last_success_at=NOW - timedelta(hours=2), last_attempt_at=NOW)
    assert schedule.next_try("arxiv", late, NOW.replace(minute=10)) == NOW.replace(minute=20)
    daily = FeedState(source="arxiv-oai", last_success_at=NOW, last_attempt_at=NOW)
    assert schedule.next_try("arxiv-oai", daily, NOW) == datetime(2026, 7, 1, 4, 20, tzinfo=UTC)
    assert schedule.next_try("arxiv-api", fresh, NOW) == NOW.replace(minute=40)


def test_the_beat_asks_at_the_minutes_that_are_told() -> None:
    minutes = app.conf.beat_schedule["ingest"]["schedule"].minute
    assert minutes == {schedule.MINUTE}
    assert app.conf.beat_schedule["look up papers"]["schedule"].minute == set(range(0, 60, 10))


def test_one_that_is_wanted_is_due_until_an_attempt_has_begun() -> None:
    states("arxiv", last_success_at=NOW, last_attempt_at=NOW - timedelta(minutes=1))
    assert "arxiv" not in schedule.due(NOW)
    assert schedule.ask_again("arxiv", NOW)
    assert not schedule.ask_again("arxiv", NOW)
    assert "arxiv" in schedule.due(NOW)
    schedule.run("arxiv", lambda now: Report(), NOW)
    assert "arxiv" not in schedule.due(NOW)
    row = FeedState.objects.get(source="arxiv")
    assert row.seconds is not None


def test_also_a_failed_attempt_is_one() -> None:
    def fail(now: datetime) -> Report:
        raise SourceError("arxiv", "is away", "Wait.")

    states("arxiv", last_success_at=NOW, last_attempt_at=NOW - timedelta(minutes=1))
    schedule.ask_again("arxiv", NOW)
    with pytest.raises(SourceError):
        schedule.run("arxiv", fail, NOW)
    assert "arxiv" not in schedule.due(NOW)
    assert FeedState.objects.get(source="arxiv").seconds is not None


def test_the_button_says_what_will_happen_and_is_logged_once(admin_client: Client) -> None:
    states("arxiv-api", last_success_at=NOW, last_attempt_at=NOW - timedelta(minutes=1))
    Turn.objects.create(host="arxiv", free_at=NOW + timedelta(seconds=90))
    admin_client.post(f"{URL}retry/arxiv-api/")
    page = text(admin_client)
    assert "“arxiv-api” is asked as soon as a worker takes it" in page
    assert "left alone until 10:31:30 UTC" in page
    assert LogEntry.objects.get().get_change_message() == "To be asked now."
    admin_client.post(f"{URL}retry/arxiv-api/")
    assert "to be asked already" in text(admin_client)
    assert LogEntry.objects.count() == 1


def test_it_needs_its_right_and_a_known_source(admin_client: Client) -> None:
    client = staff("view_feedstate")
    assert "Retry now" not in text(client)
    assert client.post(f"{URL}retry/arxiv/").status_code == 403
    assert admin_client.post(f"{URL}retry/nowhere/").status_code == 404
    assert admin_client.get(f"{URL}retry/arxiv/").status_code == 405
    assert not FeedState.objects.filter(asked_again_at__isnull=False).exists()


def test_categories_that_are_behind_are_shown_before_the_others(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    day = NOW.date()
    for number in range(30):
        old = day - timedelta(days=9) if number == 7 else day
        feed_states.note("arxiv", f"cs.{number:02}", last_success_at=NOW, last_batch_on=old, dated_on=old, items=20)
    page = text(admin_client)
    assert page.index("cs.07") < page.index("cs.00")
    assert "29 in order or quiet" in page
    with django_assert_max_num_queries(9):
        admin_client.get(URL)
