"""Search by somebody who types, by keyboard alone, and without scripts."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper
from tests.recommender.search.vectors import stored

PATIENCE = 60_000  # milliseconds
SMALL = {"width": 320, "height": 900}


@pytest.fixture
def papers(transactional_db: None) -> list[Paper]:
    words = {"abstract": "Robots fall. We teach robots to keep their balance.", "authors": ["Ada Lovelace"]}
    papers = [Paper.objects.create(identifier=f"2606.0000{n}", title=f"Robot {n}", **words) for n in (1, 2, 3)]
    stored(papers, [(1, 0), (0.8, 0.6), (0, 1)])
    return papers


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, viewport=SMALL, color_scheme="dark") as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        assert said == []
        assert context.cookies() == []


@pytest.fixture
def plain_page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, java_script_enabled=False) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_results_come_while_somebody_types_and_are_led_by_keyboard_alone(page: Page, papers: list[Paper]) -> None:
    page.goto("/search/")
    page.keyboard.type("robot balance")  # the field has the focus
    expect(page.locator("mark")).to_have_count(3)
    assert asked(page)["q"] == ["robot balance"]
    page.get_by_role("button", name="More like this paper: Robot 1").focus()
    page.keyboard.press("Enter")
    back = page.get_by_role("link", name="Take back Robot 1")
    expect(back).to_be_focused()
    assert asked(page) == {"q": ["robot balance"], "like": ["2606.00001"]}
    expect(page.locator(".card")).to_have_count(2)
    assert Axe().run(page).violations_count == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    page.keyboard.press("Enter")
    expect(page.locator(".card")).to_have_count(3)
    assert asked(page) == {"q": ["robot balance"]}
    expect(page.locator("#results")).to_be_focused()  # nothing leads any more, so there is no other to take back


def test_what_leads_a_search_stays_while_somebody_goes_on_typing(page: Page, papers: list[Paper]) -> None:
    page.goto("/search/?q=robot&unlike=2606.00003")
    page.get_by_label("A question, a phrase or an idea").fill("balance author:lovelace")
    expect(page.get_by_role("heading", name="Results for “balance author:lovelace”")).to_be_attached()
    assert asked(page) == {"q": ["balance author:lovelace"], "unlike": ["2606.00003"]}
    expect(page.locator(".card")).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("heading", name="Results for “robot”")).to_be_attached()


def test_all_of_it_works_without_scripts(plain_page: Page, papers: list[Paper]) -> None:
    page = plain_page
    page.goto("/search/")
    page.get_by_label("A question, a phrase or an idea").fill("robot after:soon")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("“after:soon” was left out")).to_be_visible()
    page.get_by_role("button", name="Less like this paper: Robot 2").click()
    page.get_by_role("button", name="More like this paper: Robot 3").click()
    assert asked(page) == {"q": ["robot after:soon"], "like": ["2606.00003"], "unlike": ["2606.00002"]}
    page.get_by_role("link", name="Take back Robot 2").click()
    assert asked(page) == {"q": ["robot after:soon"], "like": ["2606.00003"]}
    page.get_by_role("link", name="Alert me to new papers like these").click()
    expect(page).to_have_url(re.compile(r"/subscribe/\?text=robot&like=2606\.00003"))
