"""Mail filters open every link of a mail, by all their names and with scripts; only a person's button acts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Browser, BrowserContext, Route
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper, Topic
from recommender.vectors import unit
from subscriptions import lifecycle
from subscriptions.lifecycle import Wishes
from subscriptions.models import AccountMail, AccountMailKind, Consent, Subscriber, SubscriberStatus
from subscriptions.people import tokens
from subscriptions.people.links import url
from subscriptions.people.tokens import Purpose
from subscriptions.transport import sending
from tests.database_dump import dump
from tests.services import SmtpSink
from tests.subscriptions.conftest import axis
from tests.subscriptions.mails.a_real_digest import one_click_url, our_links_in, sent_to_a_new_reader

SITE = "https://papers.example.org"
SCANNERS = {
    "Outlook": "Mozilla/4.0 (compatible; ms-office; MSOffice 16)",
    "SafeLinks": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0.0.0 Edg/128.0.0.0",
    "Google's proxy": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Google's safety": "Mozilla/5.0 (compatible; Google-Safety; +http://www.google.com/bot.html)",
    "Proofpoint": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15",
    "Barracuda": "Barracuda Sentinel (EE)",
    "a script": "python-requests/2.34",
    "nobody": "",
}
A_WHILE = 15_000  # milliseconds by the page's own clock
BEHIND_A_PROXY = {
    "SITE_URL": SITE,
    "ALLOWED_HOSTS": ["papers.example.org"],
    "SECURE_SSL_REDIRECT": True,
    "SECURE_REDIRECT_EXEMPT": [r"^u/"],
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
}


@pytest.fixture
def sink(smtp_sink: SmtpSink, settings: Any) -> Iterator[SmtpSink]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp_sink.port
    yield smtp_sink
    sending.hang_up()


@pytest.fixture
def send(sink: SmtpSink, make_paper: Callable[..., Paper], topics: list[Topic]) -> Callable[[], bytes]:
    """Mail somebody the digest of papers that were announced today; its bytes as they arrived."""

    def send() -> bytes:
        lean = [axis(0, 0.6), axis(0, -0.7), unit(axis(0) + 0.7 * axis(2)), axis(4)]
        for number, vector in enumerate(lean):
            make_paper(number, vector, day=now().date(), trend=0.1 * number)
        sent_to_a_new_reader(now(), Wishes(topics=(topics[0].pk, topics[4].pk)))
        return sink.raw[-1]

    return send


def every_link(digest: bytes) -> list[str]:
    """Those of the digest, and of the mails and pages that a person would come to besides."""
    lifecycle.sign_up("bob@example.org", Wishes(), form_text_hash="hash", now=now())
    ada = Subscriber.objects.get(email="ada@example.org")
    lifecycle.ask_for_address(ada, "ada.new@example.org", now())
    found = our_links_in(digest)
    leads_to = {urlsplit(one).path.split("/")[1] for one in found if urlsplit(one).path}
    assert leads_to == {"link", "digests", "u", "papers"}
    more = [url(Purpose.CONFIRM, consent) for consent in Consent.objects.all()]
    more += [url(purpose, ada.address_changes.get()) for purpose in (Purpose.NEW_ADDRESS, Purpose.MOVE_BACK)]
    more.append(url(Purpose.PREFERENCES, ada))
    account = url(Purpose.ACCOUNT, ada, until=now() + timedelta(hours=1))
    more += [account, account + "erase/"]
    return [*found, *more]


@pytest.mark.django_db
def test_no_scanner_changes_anything_by_opening_every_link(send: Callable[[], bytes]) -> None:
    links = every_link(send())
    before = dump()
    for agent in SCANNERS.values():
        client = Client(headers={"User-Agent": agent})
        for link in links:
            for method in (client.get, client.head, client.options):
                assert method(urlsplit(link).path).status_code in {200, 405}
    assert dump() == before


def test_nor_does_one_that_runs_scripts_and_stays_on_each_page_for_a_while(
    chromium: Browser, live_server: LiveServer, settings: Any, send: Callable[[], bytes]
) -> None:
    settings.SITE_URL = live_server.url
    links = every_link(send())
    before = dump()
    with chromium.new_context(user_agent=SCANNERS["SafeLinks"]) as context:
        context.route("**", lambda route: stay_here(route, live_server.url))
        for link in links:
            stay_on(context, link)
    assert dump() == before


def stay_here(route: Route, site: str) -> None:
    if route.request.url.startswith(site):
        route.continue_()
    else:
        route.abort()


def stay_on(context: BrowserContext, url: str) -> None:
    page = context.new_page()
    page.clock.install()
    answer = page.goto(url)
    assert answer
    assert answer.status == 200
    page.clock.run_for(A_WHILE)
    page.wait_for_load_state("networkidle")
    assert page.url.rstrip("/") == url.rstrip("/")
    page.close()


@pytest.mark.django_db
@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("encoding", ["multipart", "urlencoded"])
def test_the_one_click_post_of_the_raw_mail_unsubscribes_at_once(
    send: Callable[[], bytes], settings: Any, scheme: str, encoding: str
) -> None:
    for name, value in BEHIND_A_PROXY.items():
        setattr(settings, name, value)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.contrib.auth.middleware.LoginRequiredMiddleware"]
    url = one_click_url(send())
    assert url.startswith(f"{SITE}/u/")
    for _ in range(2):
        assert_done(post(url, scheme, encoding))
        assert Subscriber.objects.get().status == SubscriberStatus.UNSUBSCRIBED
    assert AccountMail.objects.filter(kind=AccountMailKind.GOODBYE).count() == 1
    assert_done(post(f"{SITE}/u/{tokens.make(Purpose.UNSUBSCRIBE, bytes(16))}", scheme, encoding))
    assert_done(post(f"{SITE}/u/no-token-at-all", scheme, encoding))


def post(url: str, scheme: str, encoding: str) -> Any:
    client = Client(enforce_csrf_checks=True, headers={"Host": "papers.example.org", "X-Forwarded-Proto": scheme})
    if encoding == "multipart":
        return client.post(urlsplit(url).path, {"List-Unsubscribe": "One-Click"})
    form = "application/x-www-form-urlencoded"
    return client.post(urlsplit(url).path, "List-Unsubscribe=One-Click", content_type=form)


def assert_done(answer: Any) -> None:
    assert (answer.status_code, answer.content) == (200, b"Unsubscribed.")
    assert "Location" not in answer
    assert not answer.cookies
