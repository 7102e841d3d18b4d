"""Following, unfollowing and muting in a real browser, with and without scripts."""

from collections.abc import Callable
from typing import Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from subscriptions.models import InterestKind, Subscriber
from tests.subscriptions.conftest import PATIENCE, is_for_everybody_on_a_phone
from tests.subscriptions.terms.test_terms import preferences


@pytest.fixture
def ada(transactional_db: None, make_subscriber: Callable[..., Subscriber]) -> Subscriber:
    ada = make_subscriber(follows=(0,))
    ada.interests.create(kind=InterestKind.LAB, text="DeepMind", muted=True)
    ada.interests.create(kind=InterestKind.PAPERS, arxiv_ids=[f"2606.{number:05d}" for number in range(60)])
    ada.interests.create(kind=InterestKind.TEXT, text="sonar " * 60)
    return ada


def test_a_reader_follows_a_person_mutes_them_and_lets_them_be_heard_again(ada: Subscriber, page: Page) -> None:
    page.goto(preferences(ada))
    page.get_by_label("People you follow").fill("LeCun")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#id_authors_error")).to_contain_text("“LeCun” is one word.")
    page.get_by_label("People you follow").fill("Somerville, Mary\nAda Lovelace")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("People you follow")).to_have_value("Somerville, Mary\nAda Lovelace")

    page.get_by_role("link", name="Ratings").click()
    page.get_by_role("button", name="Mute Person you follow Somerville, Mary", exact=True).click()
    expect(page.get_by_text("Muted: Somerville, Mary.")).to_be_visible()
    page.get_by_role("button", name="Unmute Person you follow Somerville, Mary").click()
    expect(page.get_by_text("Unmuted: Somerville, Mary.")).to_be_visible()

    page.get_by_role("link", name="Interests").click()
    page.get_by_label("People you follow").fill("Ada Lovelace")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("People you follow")).to_have_value("Ada Lovelace")
    page.get_by_role("link", name="Ratings").click()
    expect(page.get_by_text("Somerville, Mary")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("typed", ["Ada Lovelace", "LeCun"], ids=["saved", "with an error"])
def test_the_pages_are_accessible_and_fit_a_narrow_phone(
    ada: Subscriber, chromium: Browser, live_server: LiveServer, scheme: Literal["light", "dark"], typed: str
) -> None:
    options = {"base_url": live_server.url, "color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    with chromium.new_context(**options) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(preferences(ada))
        page.get_by_label("People you follow").fill(typed)
        page.get_by_role("button", name="Save", exact=True).click()
        page.wait_for_load_state()
        is_for_everybody_on_a_phone(page)
        page.goto(reverse("subscribe"))
        is_for_everybody_on_a_phone(page)
