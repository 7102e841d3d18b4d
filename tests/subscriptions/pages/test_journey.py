"""A newcomer's way from `make run` to the digest in the mailbox, in a real browser."""

import re
import shutil
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.make_run import Run, filled_folder

PATIENCE = 90_000  # milliseconds; every page and mail is there within a few seconds on an idle machine


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    run = Run(filled_folder())
    try:
        run.wait_until_ready()
        yield f"http://127.0.0.1:{run.port}"
    finally:
        run.end_at_once()
        shutil.rmtree(run.folder)


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(chromium: Browser, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(base_url=site, java_script_enabled=request.param, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(PATIENCE)
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda sent: asked.append(sent.url))
    yield page
    context.close()
    assert all(url.startswith(site) for url in asked)


def open_mail(page: Page, address: str, subject: str) -> None:
    """The newest mail to this address with these words in its subject, as soon as it is in the mailbox."""
    entry = page.get_by_role("row").filter(has_text=address).get_by_role("link", name=re.compile(subject)).first
    for _ in range(180):
        page.goto("/mailbox/")
        if entry.count():
            break
        page.wait_for_timeout(500)
    entry.click()


def follow_link_in_mail(page: Page, words: str) -> None:
    link = page.frame_locator("iframe").get_by_role("link", name=re.compile(words)).first
    page.goto(str(link.get_attribute("href")))


def sign_up(page: Page, address: str) -> None:
    page.goto("/subscribe/")
    page.get_by_label("E-mail").fill(address)
    page.get_by_role("checkbox", name=re.compile("^Reinforcement learning")).check()
    page.locator("textarea[name=text]").fill("agents that write code\nspeech recognition")
    page.locator("textarea[name=papers]").fill("https://arxiv.org/abs/2606.30616v1")
    page.get_by_role("button", name=re.compile("Subscribe|Send me")).click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()


def confirm(page: Page, address: str) -> None:
    open_mail(page, address, "Confirm")
    follow_link_in_mail(page, "Confirm")
    expect(page.get_by_text(address)).to_be_visible()
    expect(page.get_by_role("heading", name="A first look")).to_be_visible()
    page.get_by_role("button", name="Confirm my subscription").click()
    expect(page.get_by_text("Your subscription is confirmed")).to_be_visible()


def read_the_digest(page: Page, address: str) -> None:
    open_mail(page, address, r"papers? for you")
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", level=2).first).to_be_visible()
    expect(mail.get_by_text("For you: “speech recognition”").first).to_be_visible()
    page.goto(page.url.partition("?")[0] + "?part=text")
    expect(page.get_by_text("For you: “speech").first).to_be_visible()
    page.goto(page.url.partition("?")[0])


def ask_for_the_link(page: Page, address: str) -> None:
    expect(page.get_by_text(f"{address[0]}…@example.org")).to_be_visible()
    page.get_by_role("button", name="Send me my link").click()
    expect(page.get_by_text("is on its way")).to_be_visible()
    open_mail(page, address, "Your link")
    follow_link_in_mail(page, "Change my preferences")


def test_from_the_front_page_to_the_digest_in_the_mailbox(page: Page, request: pytest.FixtureRequest) -> None:
    address = f"{request.node.callspec.id.replace(' ', '-')}@example.org"
    page.goto("/")
    expect(page.get_by_text("Sample papers")).to_be_visible()
    expect(page.get_by_role("article").first).to_be_visible()
    sign_up(page, address)
    confirm(page, address)
    page.get_by_role("button", name=re.compile("Send me today")).click()
    expect(page.get_by_text("on its way")).to_be_visible()

    read_the_digest(page, address)
    follow_link_in_mail(page, "Preferences")
    ask_for_the_link(page, address)
    expect(page.get_by_text("Today's digest left at")).to_be_visible()
    page.get_by_role("link", name="Remember it").click()
    page.get_by_role("button", name="Remember this device").click()
    open_mail(page, address, r"papers? for you")
    follow_link_in_mail(page, "Preferences")
    page.get_by_role("button", name=re.compile("Send me today")).click()
    expect(page.get_by_text("There is one digest a day")).to_be_visible()

    open_mail(page, address, r"papers? for you")
    follow_link_in_mail(page, "Unsubscribe")
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_text(re.compile("unsubscribed", re.IGNORECASE)).first).to_be_visible()


def test_searching_by_meaning(page: Page) -> None:
    page.goto("/search/?q=teaching+machines+to+recognise+speech")
    expect(page.get_by_role("article").first).to_contain_text(re.compile("speech|ASR|voice", re.IGNORECASE))


def test_a_papers_page_shows_similar_papers(page: Page) -> None:
    page.goto("/papers/2606.30616/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Scaling the Horizon")
    expect(page.get_by_role("heading", name=re.compile("Similar"))).to_be_visible()


PAGES = [
    "/",
    "/?span=week",
    "/topics/",
    "/topics/reinforcement-learning/",
    "/search/?q=speech",
    "/papers/2606.30616/",
    "/subscribe/",
    "/about/",
    "/about/trending/",
    "/mailbox/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_accessible_and_fits_a_narrow_phone(
    chromium: Browser, site: str, path: str, scheme: Literal["light", "dark"]
) -> None:
    with chromium.new_context(base_url=site, color_scheme=scheme, viewport={"width": 320, "height": 700}) as context:
        page = context.new_page()
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
