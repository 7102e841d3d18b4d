"""The measure finds what it is for, and nothing else: on pages so small that one can work out the answer."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.mail_gallery.measure import Measured, measure
from tests.mail_gallery.views import WAYS, View

LIGHT, DARK, FRAME, FRAME_DARK, BARE = WAYS
KNOWS_THE_DARK = '<meta name="color-scheme" content="light dark">'


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


def looked_at(page: Page, html: str, view: View = LIGHT) -> Measured:
    return measure(page, [("mail", f"<!doctype html>{html}")], [view])


@pytest.mark.parametrize(
    ("html", "contrast"),
    [
        ("<p>ink", 21.0),
        ("<p style='color:#767676'>ink", 4.54),
        ("<p style='color:#777777'>ink", 4.48),
        ("<p style='color:#959595;font-size:24px'>ink", 2.97),
        ("<p style='color:#fff;background:#000'>ink", 21.0),
        ("<p style='color:#fff'>ink", 1.0),
        ("<p style='color:rgba(0,0,0,.5)'>ink", 3.95),
        ("<div style='background:#000'><p style='background:rgba(255,255,255,.5);color:#000'>ink", 5.28),
        ("<div style='opacity:.5'><p>ink", 3.95),
        ("<body style='background:#000;color:#fff'><p>ink", 21.0),
    ],
)
def test_contrast_is_that_of_the_ink_with_all_that_lies_beneath_it(page: Page, html: str, contrast: float) -> None:
    assert looked_at(page, html).contrast == pytest.approx(contrast, abs=0.03)


@pytest.mark.parametrize(
    ("html", "is_fault"),
    [
        ("<p style='color:#777777'>ink", True),
        ("<p style='color:#767676'>ink", False),
        ("<p style='color:#777777;font-size:24px'>ink", False),
        ("<p style='color:#777777;font-size:19px'>ink", True),
        ("<p style='color:#777777;font:bold 19px serif'>ink", False),
        ("<p style='color:#959595;font-size:24px'>ink", True),
        ("<p style='color:#fff;display:none'>ink", False),
        ("<p style='background:linear-gradient(#fff,#eee)'>ink", True),
        ("<p style='white-space:nowrap'>ink" + " and more ink" * 9, True),
        ("<p style='word-break:break-word'>" + "ink" * 99, False),
        (f"<p dir=rtl>{'ש' * 99}", True),
        ("<div style='width:400px;height:9px'></div>", True),
        (f"<div style='overflow:hidden'>{'ink' * 99}</div>", True),
        (f"<div style='overflow:auto'>{'ink' * 99}</div>", True),
    ],
)
def test_a_fault_is_what_cannot_be_read_or_reaches_out(page: Page, html: str, is_fault: bool) -> None:
    assert bool(looked_at(page, html).faults) == is_fault


def test_a_page_that_knows_the_dark_stands_on_dark_ground_and_another_on_white(page: Page) -> None:
    assert looked_at(page, f"{KNOWS_THE_DARK}<p style='color:#000'>ink", DARK).contrast < 1.5
    assert looked_at(page, f"{KNOWS_THE_DARK}<p>ink", DARK).contrast > 15
    assert looked_at(page, "<p>ink", DARK).contrast == 21


STYLED = """<style>
:root { color-scheme: light dark } html, BODY , .kept { font-style: italic }
@media (prefers-color-scheme: dark) { body { background: #000 } p, body { color: #fff } }
</style><body bgcolor="#000000" style="background:#000" text="#ffffff"><p class="kept">ink</p>"""


@pytest.mark.parametrize(("view", "contrast"), [(FRAME, 21), (FRAME_DARK, 1)])
def test_a_webmail_drops_what_is_said_of_the_page_and_keeps_all_other_rules(
    page: Page, view: View, contrast: float
) -> None:
    assert looked_at(page, f"{KNOWS_THE_DARK}{STYLED}", view).contrast == contrast
    assert page.evaluate("getComputedStyle(document.querySelector('.kept')).fontStyle") == "italic"
    assert page.evaluate("getComputedStyle(document.body).fontStyle") == "normal"


def test_a_webmail_may_drop_all_rules(page: Page) -> None:
    looked_at(page, STYLED, BARE)
    assert page.evaluate("getComputedStyle(document.querySelector('.kept')).fontStyle") == "normal"
