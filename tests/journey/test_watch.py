"""The watch and the hands see what is wrong with a page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.journey.hands import Keyboard
from tests.journey.watch import Watch

SITE = "http://site.example"
PAGE = '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{}</main></html>'
POLICY = "default-src 'none'; style-src 'nonce-ours'"
STYLE = '<style nonce="ours">{}</style>'


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context(base_url=SITE, viewport={"width": 320, "height": 640}) as context:
        yield context.new_page()


def show(page: Page, body: str) -> None:
    """A page of our own, its icon, and nothing else at this site."""
    headers = {"Content-Security-Policy": POLICY}
    answer = {"body": PAGE.format(body), "content_type": "text/html", "headers": headers}
    page.route("**/*", lambda route: route.fulfill(status=404))
    page.route(f"{SITE}/", lambda route: route.fulfill(**answer))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    page.goto("/")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>All is well.</p>", ""),
        ('<p style="color: red">Styled here.</p>', "policy: style-src-attr"),
        ("<script>alert(1)</script>", "script-src"),
        ('<img src="http://elsewhere.example/x.png" alt="">', "asks http://elsewhere.example"),
        (STYLE.format("p { width: 400px }") + "<p>Wide.</p>", "instead of 320 pixels wide"),
        (STYLE.format("p { color: #999; background: #fff }") + "<p>Pale.</p>", "color-contrast"),
        (
            STYLE.format("p { color: #999; background: linear-gradient(#fff, #fff) }") + "<p>On a picture.</p>",
            "contrast 0.00",
        ),
        (
            STYLE.format("button { display: block; width: 12px; height: 12px; padding: 0 }") + "<button>x</button>" * 2,
            "target-size",
        ),
        ("<input>", "label"),
    ],
)
def test_what_is_wrong_with_a_page_is_noted(page: Page, body: str, fault: str) -> None:
    watch = Watch(page.context, SITE)
    show(page, body)
    watch.look(page, "page")
    assert any(fault in one for one in watch.faults) if fault else watch.faults == []


def test_a_page_that_is_refused_is_a_fault_unless_it_is_expected(page: Page) -> None:
    watch = Watch(page.context, SITE)
    show(page, "")
    with watch.expecting(404):
        page.goto("/nowhere/")
    assert watch.faults == []
    page.goto("/nowhere/")
    assert any("404" in fault for fault in watch.faults)


def test_a_browser_without_scripts_is_judged_by_its_twin(chromium: Browser, page: Page) -> None:
    with chromium.new_context(base_url=SITE, java_script_enabled=False) as context:
        plain = context.new_page()
        watch = Watch(context, SITE, twin=page)
        show(plain, "<input>")
        watch.look(plain, "page")
        assert any("label" in fault for fault in watch.faults)


LINKS = '<p><a href="#1">one</a></p><p><a href="#2">two</a></p><p><a id="end" href="#3">three</a></p>'


@pytest.mark.parametrize(
    ("style", "body", "fault"),
    [
        ("", LINKS, ""),
        ("a { outline: none }", LINKS, "nothing shows the focus"),
        ("main { display: flex; flex-direction: column-reverse }", LINKS, "against the lines"),
        ("h1 { position: fixed; inset: 0; margin: 0; background: #fff }", LINKS, "out of sight"),
        ("", LINKS.replace("<a href", '<a tabindex="3" href', 1), "tabindex"),
        ("a { position: absolute; left: -100vw }", LINKS, "out of sight"),
    ],
)
def test_a_stop_of_the_focus_that_is_wrong_is_noted(page: Page, style: str, body: str, fault: str) -> None:
    show(page, STYLE.format(style) + body)
    hands = Keyboard(page)
    hands.press(page.locator("#end"))
    assert any(fault in one for one in hands.faults) if fault else hands.faults == []


def test_a_focus_that_was_lost_is_noted(page: Page) -> None:
    show(page, LINKS)
    hands = Keyboard(page)
    hands.press(page.locator("#end"))
    page.evaluate("document.querySelector('main').innerHTML = ''")
    hands.settled()
    assert hands.faults == ["the focus is lost"]
