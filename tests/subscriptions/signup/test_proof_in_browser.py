"""The proof of work and the form in a real browser: under a strict policy, without scripts, on a phone, in the dark."""

from collections.abc import Iterator
from typing import Literal

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from papers.models import Topic
from subscriptions.models import SignUp
from tests.subscriptions.conftest import PATIENCE, is_for_everybody_on_a_phone


@pytest.fixture(autouse=True)
def _a_flood(transactional_db: None, topics: list[Topic], settings: Settings) -> None:
    settings.SIGN_UPS_WITHOUT_PROOF = 0


def fill_in(page: Page) -> None:
    page.goto(reverse("subscribe"))
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.locator("textarea[name=text]").fill("the song of whales")


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, scripts: bool) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, java_script_enabled=scripts) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@pytest.mark.parametrize("scripts", [True], indirect=True, ids=["with scripts"])
def test_the_browser_computes_the_proof_when_the_button_is_pressed(page: Page, live_server: LiveServer) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda sent: asked.append(sent.url))
    fill_in(page)
    page.get_by_role("button", name="Subscribe", exact=True).click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible(timeout=PATIENCE)
    assert SignUp.objects.get().proven
    assert said == []
    assert asked
    assert all(url.removeprefix("blob:").startswith(live_server.url) for url in asked)


def test_whoever_would_rather_wait_presses_the_other_button(page: Page) -> None:
    fill_in(page)
    page.get_by_role("button", name="Subscribe without it, and wait").click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible(timeout=PATIENCE)
    assert not SignUp.objects.get().proven


def test_the_short_form_leads_to_the_long_one_and_brings_along_what_was_typed(page: Page) -> None:
    page.goto(reverse("home"))
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.get_by_label("What do you work on?").fill("the song of whales")
    page.get_by_role("button", name="Get the daily digest").click()
    expect(page.get_by_role("alert")).to_contain_text("press the button once more")
    expect(page.locator("textarea[name=text]")).to_have_value("the song of whales")
    expect(page.get_by_label("Your e-mail address")).to_have_value("ada@example.org")
    if page.locator("altcha-widget").count():
        page.get_by_role("button", name="Subscribe", exact=True).first.click()
        expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible(timeout=PATIENCE)


def tab_to(page: Page, target: Locator) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("target => target === document.activeElement"):
            return
    raise AssertionError("It cannot be reached by keyboard.")


def test_the_form_can_be_sent_by_keyboard_alone(page: Page) -> None:
    page.goto(reverse("subscribe"))
    page.get_by_label("Your e-mail address").focus()
    page.keyboard.type("ada@example.org")
    tab_to(page, page.locator("textarea[name=text]"))
    page.keyboard.type("the song of whales")
    tab_to(page, page.get_by_role("button", name="Subscribe without it, and wait"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("flood", [True, False], ids=["during a flood", "on a quiet day"])
def test_the_form_is_accessible_and_fits_a_narrow_phone(
    chromium: Browser, live_server: LiveServer, settings: Settings, scheme: Literal["light", "dark"], flood: bool
) -> None:
    settings.SIGN_UPS_WITHOUT_PROOF = 0 if flood else 100
    options = {"base_url": live_server.url, "color_scheme": scheme, "viewport": {"width": 320, "height": 700}}
    with chromium.new_context(**options) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(reverse("subscribe"))
        if flood:
            page.locator("altcha-widget .altcha-main").wait_for(state="attached")
        is_for_everybody_on_a_phone(page)
        page.get_by_label("Your e-mail address").fill("no address")
        page.locator("form").evaluate("form => form.submit()")
        page.get_by_role("alert").wait_for()
        is_for_everybody_on_a_phone(page)
