"""What a page says in a real browser when a part of it cannot be fetched: offline, through a proxy, past a limit."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper, Topic
from recommender.vectors import unit
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import PATIENCE, axis, preferences


@pytest.fixture(autouse=True)
def _papers(transactional_db: None, topics: list[Topic], make_paper: Callable[..., Paper]) -> None:
    """Papers 0 to 2 are of topic 0, paper 3 of topic 4."""
    lean = [axis(0, 0.6), axis(0, -0.7), unit(axis(0) + 0.7 * axis(2)), axis(4)]
    for number, vector in enumerate(lean):
        make_paper(number, vector, now().date(), title=f"Whale {number}")


@pytest.fixture(params=[320, 1440])
def page(chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    size = {"width": request.param, "height": 900}
    with chromium.new_context(base_url=live_server.url, viewport=size) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def failure(page: Page) -> Locator:
    return page.locator("[data-failed]")


def digest(page: Page) -> Locator:
    return page.locator("#digest").get_by_role("article")


def tick(page: Page, topic: str) -> None:
    page.get_by_text(topic, exact=True).first.click()


def refuse(page: Page, status: int, **headers: str) -> None:
    """Let a proxy answer instead of the site, until what is routed is let through again."""

    def answer(route: Route) -> None:
        route.fulfill(status=status, body="<html>", headers=headers)

    page.route("**/preview/", answer)


def test_offline_the_digest_of_before_stays_and_comes_anew_with_the_connection(page: Page) -> None:
    page.goto(reverse("subscribe"))
    tick(page, "Topic 4")
    expect(digest(page)).to_have_count(1)
    page.context.set_offline(True)
    page.get_by_label("What you work on").fill("whales")
    expect(failure(page)).to_contain_text(
        "You are offline. This is still the digest of before, and what you typed stays"
    )
    expect(failure(page)).to_be_in_viewport()
    expect(digest(page)).to_have_count(1)
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    page.context.set_offline(False)
    expect(failure(page)).to_be_empty()
    assert page.get_by_label("What you work on").input_value() == "whales"


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (502, {}, "The site could not answer just now."),
        (429, {"Retry-After": "17"}, "Very many requests came from your network: there is room again in 17 seconds."),
        (429, {}, "there is room again in a minute."),
        (403, {}, "This page was open for too long. Copy what you typed, and load the page anew."),
        (413, {}, "This is more text than the page takes: please shorten it."),
    ],
)
def test_an_error_is_told_and_typing_on_asks_again(
    page: Page, status: int, headers: dict[str, str], words: str
) -> None:
    page.goto(reverse("subscribe"))
    refuse(page, status, **headers)
    tick(page, "Topic 4")
    expect(failure(page)).to_contain_text(words)
    page.unroute("**/preview/")
    tick(page, "Topic 0")
    expect(digest(page).nth(1)).to_be_visible()
    expect(failure(page)).to_be_empty()


def test_a_button_asks_again_by_keyboard_alone(page: Page) -> None:
    page.goto(reverse("subscribe"))
    refuse(page, 503)
    tick(page, "Topic 4")
    page.get_by_role("button", name="Try again").focus()
    page.keyboard.press("Enter")
    expect(failure(page)).to_contain_text("The site could not answer just now.")
    page.unroute("**/preview/")
    page.get_by_role("button", name="Try again").press("Enter")
    expect(digest(page)).to_have_count(1)
    expect(failure(page)).to_be_empty()
    assert page.get_by_label("Topic 4").is_checked()


def test_less_like_this_is_asked_for_again_too(page: Page) -> None:
    page.goto(f"{reverse('subscribe')}?topic=topic-0")
    refuse(page, 500)
    shown = digest(page).count()
    page.get_by_role("button", name="Less like this: Whale 2").click()
    expect(failure(page)).to_contain_text("The site could not answer")
    expect(digest(page)).to_have_count(shown)
    page.unroute("**/preview/")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("group", name="Less like these")).to_contain_text("Whale 2")


def test_the_preferences_tell_it_too(
    page: Page, make_subscriber: Callable[..., Subscriber], topics: list[Topic]
) -> None:
    page.goto(preferences(make_subscriber()))
    refuse(page, 502)
    page.get_by_label("What you work on").fill("whales and their songs")
    expect(failure(page)).to_contain_text("The site could not answer just now. This is still the digest of before")
    page.unroute("**/preview/")
    page.get_by_role("button", name="Try again").click()
    expect(failure(page)).to_be_empty()


def test_a_search_past_the_limit_is_told_in_words_and_its_results_stay(page: Page, settings: Settings) -> None:
    settings.SEARCHES_PER_MINUTE = 1
    page.goto("/search/?q=whale")
    expect(page.locator(".card")).to_have_count(4)
    page.get_by_label("A question, a phrase or an idea").fill("whale 3")
    expect(failure(page)).to_contain_text(
        re.compile(r"Very many requests .* there is room again in \d+ seconds?\. What you")
    )
    expect(page.locator(".card")).to_have_count(4)
    assert page.get_by_label("A question, a phrase or an idea").input_value() == "whale 3"
    assert page.url.endswith("?q=whale")
    settings.SEARCHES_PER_MINUTE = 100
    page.get_by_label("A question, a phrase or an idea").press_sequentially("x")
    expect(failure(page)).to_be_empty()
    expect(page).to_have_url(re.compile("q=.*whale.*3.*x|q=.*x.*whale"))


def test_a_span_of_a_list_that_cannot_be_fetched_is_opened_as_a_page(page: Page) -> None:
    page.goto("/")
    page.route(
        "**/?span=week", lambda route: route.abort() if "hx-request" in route.request.headers else route.continue_()
    )
    page.get_by_role("link", name="This week").click()
    expect(page.get_by_role("link", name="This week")).to_have_attribute("aria-current", "page")
    assert page.url.endswith("?span=week")
