"""All pages in a real browser: none of them, of the admin's neither, asks for anything that the policy forbids."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path, reverse
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from config import urls
from papers.models import Paper
from subscriptions import lifecycle
from subscriptions.development import mailbox, pages
from subscriptions.digests import compose
from subscriptions.mails import emails
from subscriptions.models import Consent, Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import deliver_due
from tests.subscriptions.digests.test_compose import compose_all

urlpatterns = [
    path("mailbox/", pages.mailbox_list, name="mailbox"),
    path("mailbox/<str:name>/", pages.mailbox_mail, name="mailbox_mail"),
    path("mailbox/<str:name>/html/", pages.mailbox_html, name="mailbox_html"),
    *urls.urlpatterns,
]
PATIENCE = 60_000  # milliseconds
TELL = (
    "addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective + ' ' + e.sample))"
)


@pytest.fixture
def ada(transactional_db: None, make_subscriber: Callable[..., Subscriber], some_papers: list[Paper]) -> Subscriber:
    ada = make_subscriber(follows=(0,))
    compose_all()
    return ada


class Visit:
    """A browser that writes down what its console says."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.said: list[str] = []
        self.asked: set[str] = set()
        self.url = url
        context.set_default_timeout(PATIENCE)
        context.add_init_script(TELL)
        self.page: Page = context.new_page()
        self.page.on("console", lambda message: self.said.append(f"{self.page.url}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"{self.page.url}: {error}"))
        self.page.on("request", lambda sent: self.asked.add(sent.url))

    def to(self, *paths: str) -> None:
        for one in paths:
            self.page.goto(one, wait_until="load")

    def check(self) -> None:
        """The console's words on refusals, Django's forms and a frame that runs no scripts tell of no fault."""
        usual = ("Failed to load resource", "[DOM]", "Blocked script execution", "Autofocus processing was blocked")
        assert [one for one in self.said if not any(words in one for words in usual)] == []
        assert all(one.startswith(self.url) for one in self.asked)


@pytest.fixture
def visit(chromium: Browser, live_server: LiveServer) -> Iterator[Visit]:
    with chromium.new_context(base_url=live_server.url) as context:
        yield Visit(context, live_server.url)


@pytest.fixture
def admin_visit(visit: Visit, admin_client: Client) -> Visit:
    value = admin_client.cookies["sessionid"].value
    visit.page.context.add_cookies([{"name": "sessionid", "value": value, "url": visit.url}])
    return visit


def test_the_browser_does_tell_what_a_page_may_not(visit: Visit) -> None:
    visit.to(reverse("about"))
    with visit.page.expect_console_message(lambda message: "policy: style-src-attr" in message.text):
        visit.page.evaluate("document.body.innerHTML = '<p style=color:red>red</p>'")
    assert visit.said


def test_public_pages(visit: Visit, ada: Subscriber, settings: Settings) -> None:
    settings.SIGN_UPS_WITHOUT_PROOF = 0
    paper = Paper.objects.latest("pk")
    names = ("home", "topics", "about", "about_trending", "search", "subscribe", "subscribed", "erased", "robots")
    visit.to(*(reverse(name) for name in names), paper.get_absolute_url(), "/topics/topic-0/", "/search/?q=paper")
    visit.to(reverse("subscribe"))
    visit.page.locator("altcha-widget .altcha-main").wait_for(state="attached")
    visit.check()


def test_pages_behind_a_token(visit: Visit, ada: Subscriber) -> None:
    lifecycle.sign_up("bob@example.org", lifecycle.Wishes(), form_text_hash="hash", now=now())
    rows = {
        Purpose.PREFERENCES: ada,
        Purpose.ACCOUNT: ada,
        Purpose.UNSUBSCRIBE: ada,
        Purpose.DIGEST: ada.digests.get(),
        Purpose.CONFIRM: Consent.objects.latest("pk"),
    }
    visit.to(
        *(
            urlsplit(links.url(purpose, row, now() + timedelta(hours=1) if purpose == Purpose.ACCOUNT else None)).path
            for purpose, row in rows.items()
        )
    )
    visit.check()


def test_refusals_and_errors(visit: Visit, ada: Subscriber) -> None:
    visit.to("/no/such/page/", "/confirm/x/", "/address/x/", "/papers/2606.99999/")
    visit.to(reverse("subscribe"))
    visit.page.context.clear_cookies()
    visit.page.locator("main form").first.evaluate("form => form.submit()")
    visit.page.get_by_role("heading", name="This is not allowed").wait_for()
    visit.check()


def pages_of_a_model(model_admin: admin.ModelAdmin) -> Iterator[str]:  # type: ignore[type-arg]
    names = f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}"
    yield reverse(f"{names}_changelist")
    yield reverse(f"{names}_add")
    if row := model_admin.model._default_manager.first():
        yield from (reverse(f"{names}_{page}", args=[row.pk]) for page in ("change", "history", "delete"))


def test_all_pages_of_the_admin(admin_visit: Visit, ada: Subscriber) -> None:
    deliver_due()
    user = User.objects.get(username="admin")
    own = ("admin:index", "admin:password_change", "admin:password_change_done", "admin:jsi18n")
    admin_visit.to(*(reverse(name) for name in own))
    admin_visit.to(*(reverse("admin:app_list", args=[app]) for app in ("papers", "recommender", "subscriptions")))
    admin_visit.to(reverse("admin:auth_user_password_change", args=[user.pk]))
    for model_admin in admin.site._registry.values():
        admin_visit.to(*pages_of_a_model(model_admin))
    admin_visit.check()


def test_the_admins_widgets_work(admin_visit: Visit, ada: Subscriber) -> None:
    page = admin_visit.page
    admin_visit.to(reverse("admin:papers_editionentry_add"))
    page.locator(".select2-selection").first.click()
    page.locator(".select2-results__option").first.wait_for()
    admin_visit.to(reverse("admin:papers_edition_add"))
    page.locator(".date-icon").first.click()
    page.locator(".calendarbox").first.wait_for()
    admin_visit.check()


def test_signing_in_and_out_of_the_admin(visit: Visit, ada: Subscriber) -> None:
    visit.to(reverse("admin:login"))
    visit.check()


def test_a_mail_in_the_mailbox_keeps_its_styles_and_may_be_framed_by_its_own_page(
    visit: Visit, ada: Subscriber, settings: Settings
) -> None:
    settings.ROOT_URLCONF = __name__
    message = emails.digest_message(*compose.preview(ada, now()), now())
    mailbox.MailboxBackend().send_messages([message])
    mail = mailbox.mails()[0]
    address = reverse("mailbox_mail", args=[mail.id])
    visit.to(reverse("mailbox"), f"{address}?part=text", f"{address}?part=raw", address)
    frame = visit.page.frame_locator("iframe")
    assert frame.locator("table table").evaluate("column => getComputedStyle(column).maxWidth") == "600px"
    visit.check()
