"""A reader's own pages in a real browser: an interest, a saved paper, its reference, a feed, a pause and the end."""

from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

import feedparser
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils.timezone import now
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper
from subscriptions.models import DeliveryStatus, Subscriber
from subscriptions.people import private_feeds
from tests.subscriptions.conftest import PATIENCE, axis, preferences

TELL = "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"


@pytest.fixture
def ada(
    transactional_db: None, make_subscriber: Callable[..., Subscriber], make_paper: Callable[..., Paper]
) -> Subscriber:
    """Paper 1 was sent to her today; Paper 2 is left, and Paper 3 on what she does not follow yet."""
    ada, moment = make_subscriber(exploration=False), now()
    lean = [axis(0, 0.6), axis(0, -0.7), axis(4)]
    sent, *_ = [make_paper(number, vector, day=moment.date()) for number, vector in enumerate(lean, 1)]
    at = {"due_at": moment, "next_attempt_at": moment, "claimed_at": moment, "finished_at": moment}
    digest = ada.digests.create(
        local_date=moment.date(), composed_at=moment, status=DeliveryStatus.SENT, considered=3, **at
    )
    digest.items.create(subscriber=ada, paper=sent, rank=1, score=1, relevance=1)
    return ada


def own(page: Page, label: str) -> None:
    page.get_by_role("navigation", name="Your pages").get_by_role("link", name=label, exact=True).click()


def test_from_an_interest_to_the_end(ada: Subscriber, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.context.add_init_script(TELL)
    page.goto(preferences(ada))
    change_an_interest(page)
    keep_a_paper(page)
    page.goto(preferences(ada))
    take_it_along(page)
    leave(page)
    assert said == []


def change_an_interest(page: Page) -> None:
    digest, told = page.locator("#digest"), page.locator("#told")
    expect(digest.get_by_role("link", name="Paper 2")).to_be_visible()
    expect(digest.get_by_text("Paper 1")).to_have_count(0)
    page.get_by_label("Topic 4", exact=False).check()
    if page.evaluate("window.htmx !== undefined") is not True:
        page.get_by_role("button", name="Show it without saving").click()
        expect(page.get_by_text("Not saved yet")).to_be_visible()
    expect(digest.get_by_role("link", name="Paper 3")).to_be_visible()
    expect(told).to_contain_text("+1")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved. Your next digest follows your new preferences. New in it: 1")).to_be_visible()
    expect(digest.get_by_role("link", name="Paper 3")).to_be_visible()


def keep_a_paper(page: Page) -> None:
    own(page, "Digests")
    page.get_by_role("main").get_by_role("listitem").get_by_role("link", name=f"{now():%A}").click()
    page.get_by_role("group", name="Your word on Paper 1").get_by_label("keep").check()
    page.get_by_role("button", name="Save my ratings").click()


def take_it_along(page: Page) -> None:
    """Into a bibliography, and into a feed reader."""
    own(page, "Saved")
    expect(page.get_by_role("heading", name="Paper 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert b"Paper 1" in download.value.path().read_bytes()

    page.get_by_role("link", name="Or follow them in a feed reader").click()
    page.get_by_role("button", name="Make a feed address").click()
    address = page.locator(".feeds a").nth(2).get_attribute("href") or ""
    feed = feedparser.parse(page.request.get(urlsplit(address).path).body())
    assert [entry.title for entry in feed.entries] == ["Paper 1"]


def leave(page: Page) -> None:
    own(page, "Pause")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Your digests are paused until you resume them.")).to_be_visible()
    own(page, "Leave")
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("heading", name="You are unsubscribed")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1440])
def test_pages_with_much_on_them_are_for_everybody_at_every_width(
    ada: Subscriber, chromium: Browser, live_server: LiveServer, width: int, scheme: Literal["light", "dark"]
) -> None:
    for paper in Paper.objects.all():
        ada.feedback.create(paper=paper, kind="save", at=now())
    private_feeds.make(ada, now())
    options = {"base_url": live_server.url, "color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with chromium.new_context(**options) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        for path in (preferences(ada), preferences(ada, "saved"), preferences(ada, "device"), "/preferences/ended/"):
            page.goto(path)
            assert Axe().run(page).response["violations"] == []
            assert page.evaluate("document.documentElement.scrollWidth") <= width
