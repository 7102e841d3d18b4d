"""The page of a reader's interests: the next digest beside them, before and after it is saved."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper
from recommender.candidates import kept_stretch
from subscriptions.builder import allowance
from subscriptions.builder.preview import BEING_READ
from subscriptions.models import Subscriber
from subscriptions.pages.desk import interests
from tests.database_dump import dump
from tests.subscriptions.conftest import PATIENCE, axis, preferences

pytestmark = pytest.mark.django_db
SETTINGS = {"digest_size": "5", "trend_weight": "0.5", "weekly_day": "0", "timezone": "UTC", "send_hour": "8"}


@pytest.fixture
def papers(make_paper: Callable[..., Paper]) -> list[Paper]:
    """Of today: two on topic 0, one on topic 4."""
    lean = [axis(0, 0.6), axis(0, -0.7), axis(4)]
    return [make_paper(number, vector, day=now().date()) for number, vector in enumerate(lean, 1)]


@pytest.fixture
def ada(make_subscriber: Callable[..., Subscriber], papers: list[Paper]) -> Subscriber:
    return make_subscriber(exploration=False)


def topic_of(reader: Subscriber, number: int) -> str:
    from papers.models import Topic

    return str(Topic.objects.get(slug=f"topic-{number}").pk)


def titles(page: str) -> list[str]:
    return sorted(re.findall(r"<bdi>(Paper \d+)</bdi>", page.partition('id="digest"')[2]))


def posted(client: Client, reader: Subscriber, page: str = "preferences", **fields: Any) -> Any:
    return client.post(preferences(reader, page), SETTINGS | fields, follow=True)


def test_the_next_digest_stands_beside_the_interests(client: Client, ada: Subscriber) -> None:
    page = client.get(preferences(ada)).content.decode()
    assert titles(page) == ["Paper 1", "Paper 2"]
    assert "Your next digest</h2>" in page
    assert "the topic you follow: Topic 0" in page


def test_while_a_new_process_reads_the_papers_the_page_opens_saves_and_says_so(client: Client, ada: Subscriber) -> None:
    kept_stretch.forget()
    with kept_stretch._one_at_a_time:
        assert BEING_READ in client.get(preferences(ada)).content.decode()
        assert BEING_READ in posted(client, ada, "preferences_preview", text="whales").content.decode()
        answer = posted(client, ada, text="whales")
    assert answer.status_code == 200
    assert ada.interests.filter(text="whales").exists()


def test_what_is_typed_changes_it_and_nothing_else(client: Client, ada: Subscriber) -> None:
    before = dump()
    shown = re.findall(r'name="shown" value="([^"]*)"', client.get(preferences(ada)).content.decode())[0]
    answer = posted(client, ada, "preferences_preview", topics=[topic_of(ada, 4)], shown=shown)
    part = answer.content.decode()
    assert "<html" not in part
    assert "1 came in, 2 went out" in part
    assert "<bdi>Paper 3</bdi>" in part
    after = dump()
    assert {table for table in before if before[table] != after[table]} <= {"subscriptions_ratebucket"}


def test_saving_tells_what_comes_in_and_goes_out(client: Client, ada: Subscriber) -> None:
    page = posted(client, ada, topics=[topic_of(ada, 4)]).content.decode()
    assert "Saved. Your next digest follows your new preferences. New in it: 1; no longer in it: 2." in page
    assert titles(page) == ["Paper 3"]
    again = posted(client, ada, topics=[topic_of(ada, 4)]).content.decode()
    assert "Saved. Your next digest follows your new preferences.</p>" in again


def test_without_scripts_a_button_shows_it_unsaved(client: Client, ada: Subscriber) -> None:
    page = posted(client, ada, topics=[topic_of(ada, 4)], show="1").content.decode()
    assert "Not saved yet: this is how your next digest would be." in page
    assert titles(page) == ["Paper 3"]
    assert re.search(rf'value="{topic_of(ada, 4)}" checked', page)
    assert [interest.topic.slug for interest in ada.interests.select_related("topic") if interest.topic] == ["topic-0"]


def test_a_form_with_a_fault_previews_the_rest_and_saves_nothing(client: Client, ada: Subscriber) -> None:
    answer = posted(client, ada, topics=[topic_of(ada, 4)], authors="LeCun")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "“LeCun” is one word." in page
    assert titles(page) == ["Paper 3"]
    part = posted(client, ada, "preferences_preview", topics=[topic_of(ada, 4)], authors="LeCun").content.decode()
    assert "“LeCun” is one word." in part
    assert ada.interests.count() == 1


def test_a_paper_that_was_rated_is_not_in_it(client: Client, ada: Subscriber, papers: list[Paper]) -> None:
    ada.feedback.create(paper=papers[0], kind="seen", at=now())
    assert titles(client.get(preferences(ada)).content.decode()) == ["Paper 2"]


def test_nobody_who_gets_none_is_promised_a_next_digest(client: Client, ada: Subscriber) -> None:
    client.post(preferences(ada, "pause"))
    page = client.get(preferences(ada)).content.decode()
    assert "The digest you would get</h2>" in page
    assert "Your next digest</h2>" not in page


def test_where_nothing_comes_it_says_so(client: Client, ada: Subscriber) -> None:
    Paper.objects.update(withdrawn_on=now().date() - timedelta(days=1))
    assert "No paper is close enough to what you care about now." in client.get(preferences(ada)).content.decode()


def test_too_many_previews_are_refused_and_saving_goes_on(
    client: Client, ada: Subscriber, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowance.forget()
    settings.PREVIEWS_PER_NETWORK = 0
    page = posted(client, ada, topics=[topic_of(ada, 4)]).content.decode()
    assert "Saved. Your next digest follows your new preferences." in page
    assert interests.ENOUGH in page
    assert interests.ENOUGH in posted(client, ada, "preferences_preview").content.decode()
    allowance.forget()


@pytest.fixture
def yesterday(ada: Subscriber, make_paper: Callable[..., Paper]) -> str:
    """Paper 9 came yesterday and was sent; the day, as the form names it."""
    moment = now() - timedelta(days=1)
    paper = make_paper(9, axis(0, 0.8), day=moment.date())
    made = {"local_date": moment.date(), "due_at": moment, "next_attempt_at": moment, "claimed_at": moment}
    digest = ada.digests.create(status="sent", **made)
    digest.items.create(subscriber=ada, paper=paper, rank=1, score=1, relevance=1)
    return moment.date().isoformat()


def test_the_days_before_can_be_looked_at_and_say_what_was_really_sent(
    client: Client, ada: Subscriber, yesterday: str
) -> None:
    page = client.get(preferences(ada)).content.decode()
    assert "<span>Next</span>" in page
    assert titles(page) == ["Paper 1", "Paper 2"]
    assert "sent to you" not in page
    part = posted(client, ada, "preferences_preview", topics=[topic_of(ada, 0)], day=yesterday).content.decode()
    assert titles(part) == ["Paper 9"]
    assert '<li class="chip had">sent to you</li>' in part
    assert "What these interests would have brought on that day; what you really had is marked." in part
    without_scripts = posted(client, ada, topics=[topic_of(ada, 0)], day=yesterday, show="1").content.decode()
    assert titles(without_scripts) == ["Paper 9"]


def test_other_interests_would_have_brought_something_else_on_a_day_before(
    client: Client, ada: Subscriber, yesterday: str
) -> None:
    part = posted(client, ada, "preferences_preview", topics=[topic_of(ada, 4)], day=yesterday).content.decode()
    assert titles(part) == []
    assert "No paper of that day was close enough" in part


def test_saving_tells_of_the_next_digest_alone(client: Client, ada: Subscriber, yesterday: str) -> None:
    page = posted(client, ada, topics=[topic_of(ada, 4)], day=yesterday).content.decode()
    assert "New in it: 1; no longer in it: 2." in page


@pytest.mark.django_db(transaction=True)
def test_a_browser_looks_at_a_day_before_and_changes_an_interest_there(
    chromium: Browser, live_server: LiveServer, ada: Subscriber, yesterday: str
) -> None:
    with chromium.new_context(base_url=live_server.url, viewport={"width": 320, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(preferences(ada))
        expect(page.locator("[name=day]").first).to_be_checked()
        page.locator(f"[name=day][value='{yesterday}']").focus()
        page.keyboard.press("Space")
        expect(page.locator("#digest").get_by_text("sent to you")).to_be_visible()
        expect(page.locator(f"[name=day][value='{yesterday}']")).to_be_checked()
        assert Axe().run(page).violations_count == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.locator("#topic-topic-0").uncheck()
        page.locator("#topic-topic-4").check()
        expect(page.locator("#digest")).to_contain_text("No paper of that day was close enough")
