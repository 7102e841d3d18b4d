"""Every mail in real webmails, by somebody who signs in and opens it: light and dark, on a phone and on a desk."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.contrast import measuring
from tests.processes import eventually
from tests.subscriptions.conftest import PATIENCE
from tests.subscriptions.mail_programs.letters import Letter
from tests.subscriptions.mail_programs.webmails import Webmail

LOOK = measuring(Path(__file__).parent / "pane.js")
WIDTHS = (320, 700, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
BRIEFER = {"digest-of-one", "digest-of-twenty"}  # nothing stands in them that the digest of ten has not
SHOWN = "all => all.filter(one => one.checkVisibility()).map(one => one.textContent.trim().replace(/\\s+/g, ' '))"
LEADS = "all => all.map(one => one.getAttribute('href'))"


@pytest.fixture
def page(webmail: Webmail, chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        context.set_default_timeout(PATIENCE)
        yield webmail.sign_in(context)


def is_fine_in_all_views(page: Page, pane: Locator, name: str) -> None:
    """A webmail may still be moving its columns about: what is wrong must go away by itself."""
    for scheme, width in product(SCHEMES, WIDTHS):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        assert pane.evaluate(LOOK)["texts"] > 3, f"nothing of {name} is shown, {scheme}, {width} px"
        eventually(
            lambda: not pane.evaluate(LOOK)["faults"],
            2,
            lambda at=(name, scheme, width): f"{at}: {pane.evaluate(LOOK)}",  # type: ignore[misc]
        )


def test_each_mail_is_readable_whole_and_leads_where_it_says(
    letters: list[Letter], webmail: Webmail, page: Page
) -> None:
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    for letter in letters:
        if letter.name in BRIEFER:
            continue
        pane = webmail.open(page, webmail.mailbox.deliver(letter.raw))
        pane.wait_for()
        headings = [webmail.rewritten(text) for text in letter.headings]
        assert pane.locator("a").evaluate_all(LEADS) == letter.links, letter.name
        shown = pane.locator("h1, h2, h3").evaluate_all(SHOWN)
        assert [webmail.rewritten(text) for text in shown] == headings, letter.name
        if letter.unsubscribe:
            assert pane.locator(f"a[href='{letter.unsubscribe}']").first.is_visible()
        is_fine_in_all_views(page, pane, letter.name)
    assert said == []
