"""Signing up, confirming and unsubscribing while Redis is down: the pages answer, and the mail leaves afterwards."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from subscriptions.models import AccountMail, SignUp, Subscriber, SubscriberStatus
from subscriptions.people import tokens
from subscriptions.people.tokens import Purpose
from tests.services import RedisServer, SmtpSink, eventually
from tests.stack import Stack

PATIENCE = 60_000  # milliseconds; every page is there within a second on an idle machine
SECONDS = 150  # for a mail: beat looks once a minute


@pytest.fixture
def site(shared_stack: Stack, redis_url: str, smtp_sink: SmtpSink) -> Stack:
    shared_stack.environment |= {"REDIS_URL": redis_url, "EMAIL_URL": smtp_sink.url}
    shared_stack.start("web", "mail", "beat")
    return shared_stack


@pytest.fixture
def page(chromium: Browser, site: Stack) -> Iterator[Page]:
    with chromium.new_context(base_url=site.url) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def subjects(sink: SmtpSink) -> list[str]:
    return [message["Subject"] for message in sink.messages]


def test_a_subscription_comes_and_goes_although_redis_is_away(
    page: Page, site: Stack, redis_server: RedisServer, smtp_sink: SmtpSink
) -> None:
    redis_server.stop()
    page.goto("/subscribe/")
    page.get_by_label("Your e-mail address").fill("ada@example.org")
    page.locator("textarea[name=text]").fill("the song of whales")
    press(page, "Subscribe")
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible(timeout=PATIENCE)
    assert SignUp.objects.exists()
    redis_server.start()
    eventually(lambda: smtp_sink.messages, SECONDS, lambda: site.log("mail"))

    redis_server.stop()
    body = smtp_sink.messages[0].get_body(("plain",))
    link = re.search(r"http://\S+/confirm/[\w-]{22}/", body.get_content())  # type: ignore[union-attr]
    page.goto(urlsplit(link[0]).path)  # type: ignore[index]
    press(page, "Confirm my subscription")
    expect(page.get_by_text("Your subscription is confirmed")).to_be_visible(timeout=PATIENCE)
    redis_server.start()
    eventually(lambda: "Confirm" not in subjects(smtp_sink)[-1], SECONDS, lambda: site.log("mail"))

    redis_server.stop()
    page.goto(f"/u/{tokens.make(Purpose.UNSUBSCRIBE, Subscriber.objects.get().handle)}")
    press(page, "Unsubscribe")
    expect(page.get_by_text(re.compile("unsubscribed", re.IGNORECASE)).first).to_be_visible(timeout=PATIENCE)
    assert Subscriber.objects.get().status == SubscriberStatus.UNSUBSCRIBED
    redis_server.start()
    assert AccountMail.objects.count() >= 2
