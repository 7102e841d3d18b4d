"""What was done is said where the reader is, also to who came by a link into the middle of a page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from papers.models import Paper
from subscriptions.models import InterestKind, Subscriber
from tests.subscriptions.conftest import MORNING, account_page, preferences
from tests.subscriptions.digests.test_compose import compose_all
from tests.subscriptions.links.test_rating_page import digest_path


@pytest.fixture
def ada(transactional_db: None, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    """With pages that are longer than a window."""
    ada = make_subscriber(follows=tuple(range(8)))
    compose_all()
    for number in range(30):
        ada.interests.create(kind=InterestKind.AUTHOR, text=f"Ada Lovelace {number}")
    for paper in some_papers:
        ada.feedback.create(paper=paper, kind="more", at=MORNING)
    return ada


@pytest.fixture
def low(page: Page) -> Page:
    page.set_viewport_size({"width": 320, "height": 420})
    return page


def test_who_rates_by_the_link_of_a_mail(low: Page, ada: Subscriber) -> None:
    low.goto(digest_path(ada) + "#rate")
    low.get_by_label("keep").first.check()
    low.get_by_role("button", name="Save my ratings").click()
    expect(low.get_by_text("Your next digest follows what you said")).to_be_in_viewport()
    low.get_by_role("link", name="what you kept").click()
    expect(low.get_by_role("button", name="Send me my link")).to_be_visible()


def test_who_came_to_the_hour_of_the_mail(low: Page, ada: Subscriber) -> None:
    low.goto(preferences(ada) + "#when")
    low.get_by_role("radio", name="Once a week").check()
    low.get_by_role("button", name="Save", exact=True).click()
    expect(low.get_by_text("Saved. Your next digest")).to_be_in_viewport()


def test_who_mutes_an_interest_far_down(low: Page, ada: Subscriber) -> None:
    low.goto(preferences(ada, "taught"))
    low.locator("details summary").click()
    low.get_by_role("button", name="Mute A person: Ada Lovelace 29").or_(
        low.get_by_role("button", name="Ada Lovelace 29")
    ).first.click()
    expect(low.get_by_text("Muted: ")).to_be_in_viewport()
    expect(low.get_by_text("Muted: ")).to_have_count(1)


def test_who_makes_a_feed(low: Page, ada: Subscriber) -> None:
    low.goto(preferences(ada, "device") + "#feed")
    low.get_by_role("button", name="Make a feed address").click()
    expect(low.get_by_text("This is the address of your feed")).to_be_in_viewport()


def test_who_asks_for_another_address(low: Page, ada: Subscriber) -> None:
    low.goto(account_page("account", ada))
    low.get_by_label("New address").fill(ada.email)
    low.get_by_role("button", name="Change my address").click()
    expect(low.get_by_text("This is the address that your digests go to already")).to_be_in_viewport()


@pytest.mark.parametrize("ended", [True, False])
def test_who_is_unsubscribed_or_paused_is_led_back(low: Page, ada: Subscriber, ended: bool) -> None:
    low.goto(preferences(ada, "leave" if ended else "pause"))
    low.get_by_role("button", name="Unsubscribe" if ended else "Pause").click()
    low.goto(preferences(ada))
    way = low.get_by_role("main").get_by_role("link", name="Sign up again" if ended else "Resume them")
    way.click()
    expect(low.get_by_role("heading", level=1)).to_have_text("Your daily digest" if ended else "Pause")
