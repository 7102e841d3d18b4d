"""What a list looks like to a browser that was here before, and to who cannot see it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Edition, EditionEntry, Paper, Signal, Topic
from papers.trends import orders
from recommender.models import PaperTopic

PATIENCE = 60_000  # milliseconds
DAY = timedelta(days=1)


@pytest.fixture
def papers(transactional_db: None) -> list[Paper]:
    """Three papers of this week, one of which moved up since yesterday, and one that came to us three days ago."""
    today = now().date()
    edition = Edition.objects.create(date=today - DAY)
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.")
    made = []
    for number, trend in enumerate([0.9, 0.5, 0.1]):
        words = {"title": f"Paper {number}", "abstract": "Found.", "authors": ["Ann Lee"], "github_repo": "ann/lee"}
        paper = Paper.objects.create(identifier=f"2606.{number:05d}", field="cs", trend=trend, **words)
        EditionEntry.objects.create(edition=edition, paper=paper)
        PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.5)
        for days, value in [(3, 3), (0, 41)]:
            Signal.objects.create(paper=paper, kind="upvotes", value=value, observed_at=now() - days * DAY)
        made.append(paper)
    orders.remember(now() - DAY)
    Paper.objects.filter(pk=made[2].pk).update(trend=0.95, created_at=now() - 3 * DAY)
    return made


@pytest.fixture(params=["light", "dark"])
def page(chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Page]:
    size = {"width": 320, "height": 900}
    with chromium.new_context(base_url=live_server.url, viewport=size, color_scheme=request.param) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page
        assert said == []
        assert context.cookies() == [] or {cookie["name"] for cookie in context.cookies()} == {"csrftoken"}


def test_a_list_marks_what_came_since_the_last_visit_and_everybody_can_use_it(page: Page, papers: Any) -> None:
    page.goto("/field/cs/?span=week")
    expect(page.locator(".card.fresh")).to_have_count(0)
    expect(page.locator("[data-visits]")).to_be_hidden()  # nobody was here before
    page.evaluate("localStorage.setItem('visits', JSON.stringify({seen: Date.now() - 86400000}))")
    page.reload()
    expect(page.locator(".card.fresh h3")).to_have_text(["Paper 0", "Paper 1"])
    expect(page.locator("[data-visits]")).to_contain_text("2 papers on this page are new since your last visit on ")
    page.reload()
    expect(page.locator(".card.fresh")).to_have_count(2)  # it is still the same visit
    page.get_by_role("link", name="This month").click()
    page.wait_for_url("**span=month")
    expect(page.locator(".card.fresh")).to_have_count(2)
    expect(page.get_by_text("Up 2 since yesterday")).to_be_attached()
    expect(page.get_by_role("img", name="upvotes 3 → 41 in 3 days").first).to_be_visible()
    page.get_by_text("Field: Computer science").click()
    for path in ("", "/topics/robots/", "/field/econ/", "/field/cs/?page=9"):
        if path:
            page.goto(path)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_another_left_in_the_browser_breaks_nothing(page: Page, papers: Any) -> None:
    for odd in ("null", "nonsense", "[]", '{"seen": "x"}', '{"seen": 1e999}', '{"seen": null, "before": {}}'):
        page.goto("/field/cs/?span=week")
        page.evaluate("odd => localStorage.setItem('visits', odd)", odd)
        page.reload()
        expect(page.get_by_role("heading", name="Paper 0")).to_be_visible()
        expect(page.locator(".card.fresh")).to_have_count(0)


def test_who_chooses_a_span_by_keyboard_stays_at_the_spans(page: Page, papers: list[Paper]) -> None:
    page.goto("/")
    link = page.get_by_role("navigation", name="Time span").get_by_role("link", name="Week")
    link.focus()
    page.keyboard.press("Enter")
    expect(link).to_have_attribute("aria-current", "page")
    expect(link).to_be_focused()
