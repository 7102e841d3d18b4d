"""Formulas in a real browser, under the site's own policy: set by KaTeX, and still the plain text underneath."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper, Signal
from papers.text.plain import to_unicode

PATIENCE = 60_000  # milliseconds
TITLE = r"Norms of $L_p$ spaces"
ABSTRACT = (
    r"We bound $\frac{a}{b}$ by $\unknownthing{x}$ and $\href{javascript:alert(1)}{y}$ and $\def\x{\x\x}\x$ and"
    r" $\rule{9999em}{9999em}$ and $$\sum_{i=1}^n \sqrt{x_i}$$ for <b>$x<y$</b>."
)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, said: list[str]) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, viewport={"width": 320, "height": 700}) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page


@pytest.fixture
def paper(transactional_db: None) -> Paper:
    plain = {"plain_title": to_unicode(TITLE), "plain_abstract": to_unicode(ABSTRACT)}
    return Paper.objects.create(identifier="2606.00001", title=TITLE, abstract=ABSTRACT, **plain)


def test_formulas_are_set_and_nothing_of_them_is_obeyed(page: Page, paper: Paper, said: list[str]) -> None:
    page.goto(paper.get_absolute_url())
    page.locator("h1 .katex").wait_for()
    assert page.locator(".abstract .picture").count() >= 3
    assert page.locator(".abstract .katex-display").count() == 1
    assert page.locator("a[href^=javascript]").count() == 0
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px KaTeX_Main'))")


def test_what_is_read_aloud_and_copied_is_the_plain_text(page: Page, paper: Paper) -> None:
    page.goto(paper.get_absolute_url())
    page.locator("h1 .katex").wait_for()
    assert page.get_by_role("heading", level=1, name="Norms of Lₚ spaces").count() == 1
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    assert page.evaluate("getSelection().toString()").split() == ["Norms", "of", "Lₚ", "spaces"]


def test_a_formula_that_cannot_be_set_is_plain_text(page: Page, paper: Paper) -> None:
    page.goto(paper.get_absolute_url())
    page.locator("h1 .katex").wait_for()
    unknown = page.locator('[data-tex="\\\\unknownthing{x}"]')
    assert unknown.count() == 1
    assert unknown.locator(".picture").count() == 0
    assert unknown.is_visible()


def test_a_formula_that_is_too_wide_can_be_moved_by_the_keyboard(page: Page, paper: Paper) -> None:
    wide = "$$" + "+".join(f"x_{{{number}}}" for number in range(12)) + "$$"
    Paper.objects.update(abstract=wide, plain_abstract=to_unicode(wide))
    page.goto(paper.get_absolute_url())
    formula = page.locator(".abstract .formula.wide")
    formula.focus()
    before = formula.evaluate("formula => formula.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.activeElement.scrollLeft > before", arg=before)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1_200, "height": 700})
    page.locator(".abstract .formula:not(.wide):not([tabindex])").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anybody(page: Page, paper: Paper, scheme: Literal["light", "dark"]) -> None:
    for days, value in enumerate((4, 9, 61)):
        seen_at = datetime(2026, 6, 1 + days, 12, tzinfo=UTC)
        Signal.objects.create(paper=paper, kind="upvotes", value=value, observed_at=seen_at)
    Paper.objects.update(authors=[f"A{number} Ek" for number in range(200)])
    page.emulate_media(color_scheme=scheme)
    page.goto(paper.get_absolute_url())
    page.locator("h1 .katex").wait_for()
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_line_begins_with_the_comma_behind_a_formula(page: Page, paper: Paper) -> None:
    words = " ".join(f"word $x_{{{number}}}$," for number in range(200))
    Paper.objects.update(abstract=words, plain_abstract=to_unicode(words))
    page.goto(paper.get_absolute_url())
    page.locator(".abstract .sign").first.wait_for()
    apart = """signs => signs.filter(sign => {
      const place = sign.getBoundingClientRect(), before = sign.previousSibling.getBoundingClientRect();
      return place.left < before.left;
    }).length"""
    assert page.locator(".abstract .sign").count() == 200
    assert page.locator(".abstract .sign").evaluate_all(apart) == 0
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.abstract'))")
    assert page.evaluate("getSelection().toString()").split() == to_unicode(words).split()
