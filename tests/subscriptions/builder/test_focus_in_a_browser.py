"""The digest beside the interests is exchanged as a whole: neither what is in view nor the focus is lost with it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper, Topic
from recommender.vectors import unit
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import PATIENCE, axis, preferences

PHONE = {"width": 320, "height": 640}
LESS = "Less like this: Paper {}"


@pytest.fixture(autouse=True)
def _papers(transactional_db: None, topics: list[Topic], make_paper: Callable[..., Paper]) -> None:
    lean = [axis(0, 0.6), axis(0, -0.7), unit(axis(0) + 0.7 * axis(2)), unit(axis(0) - 0.8 * axis(3))]
    for number, vector in enumerate(lean):
        make_paper(number, vector, now().date(), trend=0.1 * number, abstract="Many words. " * 80)


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    contexts = []

    def open_page(address: str, **options: Any) -> Page:
        contexts.append(chromium.new_context(base_url=live_server.url, **{"viewport": PHONE} | options))
        contexts[-1].set_default_timeout(PATIENCE)
        page = contexts[-1].new_page()
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page(reverse("subscribe") + "?topic=topic-0")


def less(page: Page, number: int) -> None:
    page.get_by_role("button", name=LESS.format(number)).click()
    expect(page.get_by_role("group", name="Less like these")).to_contain_text(f"Paper {number}")
    expect(page.locator(".htmx-request")).to_have_count(0)


def numbers(page: Page) -> list[str]:
    return page.locator("#digest article h3 a").all_inner_texts()


def test_on_a_phone_the_page_stays_where_the_button_was(page: Page) -> None:
    first = page.get_by_role("button", name="Less like this").first
    first.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > PHONE["height"]
    less(page, int(numbers(page)[0].removeprefix("Paper ")))
    assert abs(page.evaluate("scrollY") - before) < PHONE["height"] / 2
    expect(page.locator("#less-1")).to_be_focused()
    expect(page.locator("#less-1")).to_be_in_viewport()


def test_when_the_last_paper_went_out_the_focus_is_at_the_one_before(page: Page) -> None:
    while len(numbers(page)) > 1:
        number = int(numbers(page)[-1].removeprefix("Paper "))
        left = len(numbers(page)) - 1
        less(page, number)
        if len(numbers(page)) == left:
            expect(page.locator(f"#less-{left}")).to_be_focused()
    less(page, int(numbers(page)[0].removeprefix("Paper ")))
    expect(page.locator("#digest article")).to_have_count(0)
    expect(page.locator("#digest")).to_be_focused()


def test_who_takes_back_what_they_said_of_a_paper_keeps_the_focus(page: Page) -> None:
    shown = numbers(page)
    for title in shown[:2]:
        less(page, int(title.removeprefix("Paper ")))
    group = page.get_by_role("group", name="Less like these")
    group.get_by_label(shown[1], exact=True).uncheck()
    expect(group).not_to_contain_text(shown[1])
    expect(group.get_by_label(shown[0], exact=True)).to_be_focused()
    group.get_by_label(shown[0], exact=True).uncheck()
    expect(group).to_have_count(0)
    expect(page.locator("#digest")).to_be_focused()


@pytest.mark.parametrize("height", [640, 320])
def test_a_low_window_is_not_covered_by_what_sticks(open_page: Callable[..., Page], height: int) -> None:
    page = open_page(reverse("subscribe") + "?topic=topic-0", viewport={"width": 320, "height": height})
    sticks = page.locator(".told").evaluate("one => getComputedStyle(one).position === 'sticky'")
    assert sticks is (height == 640)


def test_without_scripts_the_page_comes_back_at_its_digest(open_page: Callable[..., Page]) -> None:
    page = open_page(reverse("subscribe") + "?topic=topic-0", java_script_enabled=False)
    page.get_by_role("button", name="Show my digest").click()
    expect(page.get_by_role("heading", name="The digest you would have got")).to_be_in_viewport()
    second = numbers(page)[1]
    page.get_by_role("button", name=f"Less like this: {second}").click()
    expect(page.get_by_role("group", name="Less like these")).to_contain_text(second)
    expect(page.locator("#digest article").nth(1)).to_be_in_viewport()


def test_preferences_are_saved_beside_the_digest_that_they_bring(
    open_page: Callable[..., Page], make_subscriber: Callable[..., Subscriber]
) -> None:
    page = open_page(preferences(make_subscriber(follows=(5,))), viewport={"width": 1440, "height": 700})
    page.get_by_label("Topic 0", exact=False).check()
    expect(page.locator("#told .plus")).to_be_visible()
    plus, minus = (page.locator(f"#told .{name}").bounding_box() for name in ("plus", "minus"))
    assert plus
    assert minus
    assert minus["x"] - plus["x"] < 100
    button = page.get_by_role("button", name="Save this")
    expect(button).to_be_in_viewport()
    button.click()
    expect(page.get_by_text("Saved. Your next digest follows your new preferences.")).to_be_in_viewport()
