"""A day in the admin: it adds up or says so in red, and what did not arrive goes again or is given up, once."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.digests import balance, planning, runs
from subscriptions.models import DeliveryEvent, DeliveryStatus, Digest, DigestItem, Meaning, Run, Subscriber
from subscriptions.models.digests import GIVEN_UP
from tests.subscriptions.conftest import MORNING, deliver_due
from tests.subscriptions.staff.conftest import signed_in, staff

pytestmark = pytest.mark.django_db
DAY, LATER = "2026-06-30", MORNING + timedelta(hours=1)
PAGE = f"/admin/subscriptions/run/day/{DAY}/"
REFUSED, LOST = "The mail provider refused the message (AnymailAPIError 413).", "The answer was lost (ReadTimeout)."


@pytest.fixture
def five(make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> list[Digest]:
    """Two are sent, one failed, one is uncertain, and one is skipped for want of a paper."""
    for number in range(4):
        make_subscriber(f"reader{number}@example.org")
    make_subscriber("nobody@example.org", follows=(7,), exploration=False)
    deliver_due()
    _, _, failed, unclear = digests = list(Digest.objects.filter(status="sent").order_by("pk"))
    end(failed, DeliveryStatus.FAILED, REFUSED)
    end(unclear, DeliveryStatus.UNCERTAIN, LOST)
    return digests


def end(digest: Digest, status: DeliveryStatus, reason: str) -> None:
    Digest.objects.filter(pk=digest.pk).update(status=status, reason=reason)
    if status == DeliveryStatus.FAILED:
        digest.items.filter(role="pick").delete()


@pytest.fixture
def oskar() -> Client:
    return signed_in(staff("oskar", group="operator"))


def text(answer: object) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))  # type: ignore[attr-defined]


def press(client: Client, verb: str, status: str, reason: str, **fields: str) -> HttpResponse:
    key = balance.Said(status, reason, 1).key
    with time_machine.travel(LATER, tick=False):
        url = reverse(f"admin:digest-{verb}", args=[DAY])
        return client.post(url, {"status": status, "reason": key, **fields}, follow=True)  # type: ignore[return-value]


class TestBalance:
    def test_a_day_adds_up(self, five: list[Digest], oskar: Client) -> None:
        found = balance.of_day(MORNING.date(), LATER)
        assert (found.eligible, found.missing, found.open) == (5, 0, 0)
        assert found.by_status == {"planned": 0, "sending": 0, "sent": 2, "skipped": 1, "failed": 1, "uncertain": 1}
        page = text(oskar.get(PAGE))
        assert "This does not add up" not in page
        assert "1 because no paper came close enough" in page
        assert REFUSED in page
        assert LOST in page

    def test_who_is_erased_stays_in_the_sum(self, five: list[Digest]) -> None:
        lifecycle.erase(five[0].subscriber)
        found = balance.of_day(MORNING.date(), LATER)
        assert (found.erased, found.by_status["sent"], found.missing) == (1, 1, 0)

    def test_also_where_nobody_else_was_planned(self, five: list[Digest]) -> None:
        for person in Subscriber.objects.all():
            lifecycle.erase(person)
        found = balance.of_day(MORNING.date(), LATER)
        assert (found.eligible, found.erased, found.missing) == (5, 5, 0)

    def test_what_is_missing_or_counts_twice_is_said_in_red(self, five: list[Digest], oskar: Client) -> None:
        five[0].delete()
        assert "1 of 5 digests are missing" in text(oskar.get(PAGE))
        Run.objects.update(eligible=2)
        assert "2 digests more than were planned" in text(oskar.get(PAGE))

    def test_no_address_stands_on_the_page_whoever_wrote_it(self, five: list[Digest]) -> None:
        end(five[2], DeliveryStatus.FAILED, "550 no mailbox reader2@example.org")
        page = text(signed_in(staff("vera", "subscriptions.view_run")).get(PAGE))
        assert "550 no mailbox …@…" in page
        assert "@example" not in page
        assert "Again" not in re.sub("“Again”", "", page)

    def test_a_closed_run_keeps_its_numbers_for_the_list_of_days(self, five: list[Digest], oskar: Client) -> None:
        runs.close_finished(LATER)
        stored = balance.of_stored(Run.objects.all())
        assert stored.by_status == balance.of_day(MORNING.date(), LATER).by_status
        with time_machine.travel(LATER):
            page = text(oskar.get(reverse("admin:subscriptions_run_changelist")))
        assert "even" in page
        assert "Tue 30 Jun 2026" in page

    @pytest.mark.parametrize("day", ["2026-13-01", "yesterday"])
    def test_what_is_no_date_is_nowhere(self, oskar: Client, day: str) -> None:
        assert oskar.get(f"/admin/subscriptions/run/day/{day}/").status_code == 404

    def test_as_many_questions_however_many_digests(
        self, five: list[Digest], oskar: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        for page in (PAGE, reverse("admin:subscriptions_run_changelist")):
            with django_assert_max_num_queries(13):
                oskar.get(page)


class TestAgain:
    def test_it_asks_first_and_changes_nothing(self, five: list[Digest], oskar: Client) -> None:
        answer = press(oskar, "again", "uncertain", LOST)
        assert "a second copy may" in text(answer)
        assert "1 uncertain digest" in text(answer)
        assert Digest.objects.filter(status="planned").count() == 0
        assert not LogEntry.objects.exists()

    def test_uncertain_ones_go_again_and_the_run_is_open(self, five: list[Digest], oskar: Client) -> None:
        runs.close_finished(LATER)
        press(oskar, "again", "uncertain", LOST, confirm="yes")
        [again] = Digest.objects.filter(status="planned")
        assert (again.pk, again.unclear_since) == (five[3].pk, LATER)
        assert Run.objects.get().closed_at is None
        assert LogEntry.objects.get().get_change_message() == f"Send again: 1 uncertain digests, “{LOST}”"
        assert LogEntry.objects.get().object_id == str(Run.objects.get().pk)

    def test_failed_ones_begin_anew_with_papers_and_are_sent_once(self, five: list[Digest], oskar: Client) -> None:
        press(oskar, "again", "failed", REFUSED, confirm="yes")
        assert Digest.objects.get(status="planned").pk == five[2].pk
        assert not DigestItem.objects.filter(digest=five[2]).exists()
        deliver_due(LATER)
        five[2].refresh_from_db()
        assert (five[2].status, five[2].attempts) == ("sent", 1)
        assert five[2].items.filter(role="pick").exists()
        assert balance.of_day(MORNING.date(), LATER).missing == 0

    def test_none_that_may_have_left_begins_anew(self, five: list[Digest]) -> None:
        """One whose answer was lost once, one that was given up, one that the provider has, one with a later digest."""
        keys = [digest.pk for digest in five]
        Digest.objects.update(status="failed", reason=REFUSED)
        Digest.objects.filter(pk=keys[0]).update(unclear_since=MORNING)
        Digest.objects.filter(pk=keys[1]).update(reason=GIVEN_UP)
        DeliveryEvent.objects.create(
            digest=five[2], provider="x", event_id="1", event_type="delivered", meaning=Meaning.DELIVERED,
            happened_at=MORNING,
        )  # fmt: skip
        tomorrow = MORNING + timedelta(days=1)
        Digest.objects.create(
            subscriber=five[3].subscriber, local_date=tomorrow.date(), due_at=tomorrow, next_attempt_at=tomorrow
        )
        assert Digest.objects.begin_anew(keys, LATER) == 0
        assert Digest.objects.filter(pk__in=keys, status="failed").count() == 4

    def test_nor_one_whose_day_is_over(self, five: list[Digest]) -> None:
        assert Digest.objects.never_left(MORNING + timedelta(hours=7)).count() == 0
        assert Digest.objects.begin_anew([five[2].pk], MORNING + timedelta(hours=7)) == 0

    def test_one_that_was_given_up_is_remembered_to_have_left_perhaps(self, five: list[Digest]) -> None:
        Digest.objects.give_up([five[3].pk], LATER)
        given_up = Digest.objects.get(pk=five[3].pk)
        assert (given_up.status, given_up.unclear_since) == ("failed", given_up.claimed_at)

    def test_what_came_after_the_question_is_left_alone(self, five: list[Digest], oskar: Client) -> None:
        Digest.objects.filter(pk=five[3].pk).update(finished_at=LATER + timedelta(seconds=1))
        until = LATER.isoformat()
        answer = press(oskar, "again", "uncertain", LOST, confirm="yes", until=until)
        assert "nothing that this could be done to" in text(answer)
        assert not Digest.objects.filter(status="planned").exists()


class TestGivingUp:
    def test_their_papers_come_later(self, five: list[Digest], oskar: Client) -> None:
        assert "their papers come with later digests" in text(press(oskar, "give-up", "uncertain", LOST))
        press(oskar, "give-up", "uncertain", LOST, confirm="yes")
        given_up = Digest.objects.get(pk=five[3].pk)
        assert (given_up.status, given_up.reason) == ("failed", GIVEN_UP)
        assert not given_up.items.filter(role="pick").exists()
        assert balance.of_day(MORNING.date(), LATER).missing == 0

    def test_a_failed_one_cannot_be(self, five: list[Digest], oskar: Client) -> None:
        answer = press(oskar, "give-up", "failed", REFUSED, confirm="yes")
        assert "nothing that this could be done to" in text(answer)

    @pytest.mark.parametrize("verb", ["again", "give-up"])
    def test_each_needs_its_right(self, five: list[Digest], verb: str) -> None:
        looks = ("subscriptions.view_run", "subscriptions.view_digest", "subscriptions.view_subscriber")
        client = signed_in(staff("vera", *looks))
        assert press(client, verb, "uncertain", LOST, confirm="yes").status_code == 403
        assert oskar_page(client).count("<form") == 1  # signing out
        assert Digest.objects.get(pk=five[3].pk).status == "uncertain"


def oskar_page(client: Client) -> str:
    return client.get(PAGE).content.decode()


def test_a_run_in_which_something_begins_anew_while_it_is_counted_stays_open(five: list[Digest]) -> None:
    run = Run.objects.get()
    Digest.objects.begin_anew([five[2].pk], LATER)
    assert not runs._close(run, LATER)
    Digest.objects.filter(pk=five[2].pk).update(status="failed", reason=REFUSED)
    assert not runs._close(run, LATER)  # as it was read before
    assert runs.close_finished(LATER)


def test_planning_adds_to_both_sides_at_once(make_subscriber: Callable[..., Subscriber]) -> None:
    make_subscriber()
    planning.plan(MORNING)
    found = balance.of_day(MORNING.date(), MORNING)
    assert (found.eligible, found.open, found.missing, found.oldest_due_at) == (1, 1, 0, MORNING)
