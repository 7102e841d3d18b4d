"""Rating a digest and taking it back, in a real browser on a narrow phone."""

import re
from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper
from subscriptions.models import Subscriber
from subscriptions.pages.desk.sections import SECTIONS
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import account_page, preferences
from tests.subscriptions.digests.test_compose import compose_all


@pytest.fixture
def ada(transactional_db: None, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    ada = make_subscriber(follows=(0,))
    compose_all()
    return ada


def digest_path(subscriber: Subscriber) -> str:
    return reverse("digest", args=[tokens.make(Purpose.DIGEST, subscriber.digests.get().handle)])


def test_a_reader_rates_sees_it_in_the_preferences_and_takes_it_back(ada: Subscriber, page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 400})
    page.goto(digest_path(ada) + "#rate")
    page.get_by_role("group", name="Your word on Paper 1").get_by_label("more like this").check()
    page.get_by_role("group", name="Your word on Paper 2").get_by_label("less like this").check()
    page.get_by_role("button", name="Save my ratings").click()
    expect(page.get_by_text("Your next digest follows what you said")).to_be_in_viewport()
    expect(page.get_by_role("group", name="Your word on Paper 1").get_by_label("more like this")).to_be_checked()

    page.get_by_role("link", name="What you have taught it").click()
    expect(page.get_by_role("button", name="Send me my link")).to_be_visible()
    page.goto(preferences(ada))
    page.get_by_role("link", name="Remember it").click()
    page.get_by_role("button", name="Remember this device").click()
    page.goto(digest_path(ada))
    page.get_by_role("link", name="What you have taught it").click()
    assert page.url.endswith("/taught/")
    page.get_by_role("button", name="Remove: Paper 1").click()
    expect(page.get_by_text("Forgotten.")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Remove"))).to_have_count(1)
    page.get_by_role("button", name=re.compile("Reset")).click()
    expect(page.get_by_text("Nothing yet.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_pages_are_accessible_and_fit_a_narrow_phone(
    ada: Subscriber, chromium: Browser, live_server: LiveServer, scheme: Literal["light", "dark"]
) -> None:
    options = {"base_url": live_server.url, "color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    with chromium.new_context(**options) as context:
        page = context.new_page()
        page.goto(digest_path(ada))
        page.get_by_label("less like this").first.check()
        page.get_by_role("button", name="Save my ratings").click()
        look_at(page)
        page.get_by_role("link", name="What you have taught it").click()
        look_at(page)
        page.get_by_role("button", name="Send me my link").click()
        look_at(page)
        own = [preferences(ada, section.page) for section in SECTIONS]
        for path in (*own, account_page("account", ada)):
            page.goto(path)
            look_at(page)


def look_at(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
