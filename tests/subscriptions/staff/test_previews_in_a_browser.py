"""A preview in the admin as a browser shows it: the mail in its frame, styled, and links that open beside it."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import MORNING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shown(
    chromium: "Browser",
    live_server: LiveServer,
    admin_client: Client,
    some_papers: list[Paper],
    make_subscriber: Callable[..., Subscriber],
    settings: object,
) -> "Iterator[Page]":
    settings.SITE_URL = live_server.url  # type: ignore[attr-defined]
    ada, cookie = make_subscriber(), admin_client.cookies["sessionid"].value
    with chromium.new_context(base_url=live_server.url) as context:
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text) if "policy" in message.text else None)
        with time_machine.travel(MORNING):
            page.goto(reverse("admin:subscriber-preview", args=[ada.pk]))
            page.frame_locator("iframe").locator("h1").wait_for()
            yield page
    assert refused == []


def test_the_mail_stands_in_its_frame_as_it_looks(shown: "Page") -> None:
    size = shown.frame_locator("iframe").locator("h1").evaluate("one => getComputedStyle(one).fontSize")
    assert size != "16px"  # its own style holds


def test_a_readers_own_link_opens_beside_it_and_says_what_it_is(shown: "Page") -> None:
    with shown.context.expect_page() as opened:
        shown.frame_locator("iframe").get_by_role("link", name="Unsubscribe").first.click()
    other = opened.value
    other.wait_for_load_state()
    assert "preview that staff look at" in other.locator("main").inner_text()
    assert "preview" in shown.url
