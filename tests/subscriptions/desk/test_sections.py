"""The pages behind a reader's own link: each is found from each, and costs the same however much there is."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.models import DeliveryStatus, Digest, InterestKind, Subscriber
from subscriptions.pages.desk.sections import SECTIONS, Section
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, axis, preferences

pytestmark = pytest.mark.django_db
EACH = pytest.mark.parametrize("section", SECTIONS, ids=[section.page for section in SECTIONS])


@EACH
def test_each_page_is_marked_in_the_list_of_all_and_has_one_title(
    client: Client, ada: Subscriber, section: Section
) -> None:
    answer = client.get(preferences(ada, section.page))
    page = answer.content.decode()
    assert f"<title>{section.title} · " in page
    assert re.findall("<h1>(.*?)</h1>", page) == [section.title]
    assert re.findall('aria-current="page">([^<]*)', page) == [section.label]
    for other in SECTIONS:
        assert f'href="{preferences(ada, other.page)}"' in page
    assert "no-store" in answer["Cache-Control"]
    assert len(answer.content) < 100_000


@EACH
def test_each_page_asks_as_many_questions_for_a_long_life_as_for_a_short_one(
    client: Client, ada: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper], section: Section
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(preferences(ada, section.page)).status_code == 200
        return len(queries)

    keep(make_paper(100, axis(0)))
    ada.interests.create(kind=InterestKind.AUTHOR, text="Ada Lovelace")
    asked()  # what a process reads when papers have come
    before = asked()
    keep(*[make_paper(number, axis(number % 8)) for number in range(101, 110)])
    for number in range(5):
        ada.interests.create(kind=InterestKind.AUTHOR, text=f"Ada Lovelace {number}")
        _digest(ada, number + 1)
    asked()
    assert asked() == before


def _digest(reader: Subscriber, days_before: int, **fields: object) -> Digest:
    at = MORNING - timedelta(days=days_before)
    made = {"status": DeliveryStatus.SENT, "claimed_at": at, "finished_at": at, "composed_at": at} | fields
    return reader.digests.create(local_date=at.date(), due_at=at, next_attempt_at=at, **made)


@pytest.mark.parametrize("page", ["taught", "saved", "past_digests"])
@pytest.mark.parametrize("asked", ["0", "-1", "x", "9" * 5000, "٣", ""])
def test_a_page_number_that_is_none_leads_to_a_page_that_is_there(
    client: Client, ada: Subscriber, page: str, asked: str
) -> None:
    assert client.get(preferences(ada, page), {"page": asked}).status_code == 200


class TestDigests:
    def test_all_of_them_are_listed_the_newest_first_each_with_its_web_copy(
        self, client: Client, ada: Subscriber
    ) -> None:
        for number in range(1, 35):
            _digest(ada, number)
        page = client.get(preferences(ada, "past_digests")).content.decode()
        days = re.findall(r'<li><a href="[^"]*">(\w+ \d+ \w+ \d+)', page)
        assert days[:2] == ["Tuesday 30 June 2026", "Monday 29 June 2026"]
        assert "Page 1 of 2" in page
        assert page.count('<li><a href="/digests/') == 30
        older = client.get(preferences(ada, "past_digests"), {"page": "2"}).content.decode()
        assert older.count('<li><a href="/digests/') == 5

    def test_each_says_how_many_papers_it_had_or_why_there_was_none(self, client: Client, ada: Subscriber) -> None:
        ada.digests.update(status=DeliveryStatus.SENT, claimed_at=MORNING)
        _digest(ada, 1, status=DeliveryStatus.SKIPPED, reason="empty", composed_at=None, claimed_at=None)
        page = " ".join(client.get(preferences(ada, "past_digests")).content.decode().split())
        assert "<span>3 papers, sent</span>" in page
        assert "<span>Monday 29 June 2026</span> <span>Skipped: no paper came close enough" in page

    def test_whoever_had_none_is_told_when_the_first_comes(
        self, client: Client, make_subscriber: Callable[..., Subscriber]
    ) -> None:
        bob = make_subscriber("bob@example.org")
        page = client.get(preferences(bob, "past_digests")).content.decode()
        assert "There is none yet. No mail" in page
        assert "The next one comes on Tuesday 30 June" in page


class TestPause:
    def test_a_paused_reader_is_told_until_when_and_may_resume(self, client: Client, ada: Subscriber) -> None:
        until = now().date() + timedelta(days=30)
        page = client.post(preferences(ada, "pause"), {"until": str(until)}, follow=True).content.decode()
        assert f"Your digests are paused until {until:%A %d %B}." in page
        assert "Resume my digests" in page
        resumed = client.post(preferences(ada, "resume"), follow=True).content.decode()
        assert "Resumed." in resumed
        assert "Resume my digests" not in resumed

    def test_somebody_who_has_left_is_offered_no_pause(self, client: Client, ada: Subscriber) -> None:
        lifecycle.unsubscribe(ada, now())
        for page in ("pause", "leave"):
            shown = client.get(preferences(ada, page)).content.decode()
            assert "You are unsubscribed, so no digests are sent." in shown
            assert "<button" not in shown
            assert f'href="{reverse("subscribe")}">Sign up again' in shown


def test_leaving_is_one_press(client: Client, ada: Subscriber) -> None:
    page = client.get(preferences(ada, "leave")).content.decode()
    [action] = re.findall(r'<form method="post" action="([^"]*)"', page)
    assert "You are unsubscribed" in client.post(action).content.decode()
    ada.refresh_from_db()
    assert ada.status == "unsubscribed"


def test_the_web_copy_leads_to_the_ratings_on_a_remembered_device_and_nowhere_else(
    client: Client, ada: Subscriber
) -> None:
    copy = client.get(reverse("digest", args=[links.token(Purpose.DIGEST, ada.digests.get())])).content.decode()
    [way] = re.findall(r'<a href="([^"]*\?to=taught)"', copy)
    assert "Send me my link" in client.get(way).content.decode()
    client.post(preferences(ada, "device"), {"remember": "yes"})
    assert client.get(way)["Location"] == preferences(ada, "taught")
    for odd in ("", "erase", "//evil.example", "../u"):
        assert client.get(way.partition("?")[0], {"to": odd})["Location"] == preferences(ada)


@pytest.mark.parametrize(
    "name", ["preferences", "saved", "pause", "saved_file", "digest", "account", "send_link", "erase"]
)
@pytest.mark.parametrize("token", ["a" * 22, "a" * 21, "é", "a.b"])
def test_a_link_that_opens_nothing_says_what_to_do_next(client: Client, name: str, token: str) -> None:
    answer = client.get(reverse(name, args=[token]))
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "This link opens nothing, or nothing any more" in page
    assert f'<a href="{reverse("subscribe")}">Enter your address</a>' in page
    assert token not in page.partition("<main")[2]


def test_a_link_that_was_ended_says_so_as_one_that_never_was(client: Client, ada: Subscriber) -> None:
    old = preferences(ada)
    assert client.get(old).status_code == 200
    client.post(preferences(ada, "device"), {"renew": "yes"})
    ended = client.get(old)
    assert ended.status_code == 404
    assert ada.email not in ended.content.decode()
    assert "has a new link sent to you" in ended.content.decode()
