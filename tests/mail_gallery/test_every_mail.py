"""Every kind of mail can be read by everybody, whichever way a program shows it; so can mails of papers however odd."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.mail import EmailMultiAlternatives
from playwright.sync_api import Browser, Page

from tests.mail_gallery import extremes, kinds, written
from tests.mail_gallery.measure import measure
from tests.mail_gallery.views import WAYS, show

pytestmark = pytest.mark.django_db
PATIENCE = 60_000  # milliseconds
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
LIGHT = WAYS[0]


def html_of(mails: dict[str, EmailMultiAlternatives]) -> dict[str, str]:
    return {name: str(mail.alternatives[0][0]) for name, mail in mails.items()}


def test_every_kind_of_mail_fits_a_phone_and_is_for_everybody(chromium: Browser) -> None:
    mails = html_of(kinds.usual())
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        assert measure(page, mails.items()).faults == []
        assert [fault for name, html in mails.items() for fault in closed(page, name, html)] == []


def closed(page: Page, name: str, html: str) -> list[str]:
    """What shuts some people out, by axe's rules; contrast is measured in every view besides."""
    show(page, html, LIGHT)
    found = Axe().run(page, options=WCAG).response["violations"]
    faults = [f"{name}: {fault['id']} {fault['nodes'][0]['html']}" for fault in found]
    return faults + [f"{name}: not one heading of a page"] * (page.locator("h1").count() != 1)


def test_mails_of_made_up_papers_fit_a_phone_can_be_read_and_run_nothing(chromium: Browser) -> None:
    picks = written.extreme_picks()
    mails = html_of({f"mail {n}": mail for n, mail in enumerate(written.digests(picks.values()))})
    said: list[str] = []
    with chromium.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: said.append(request.url))
        found = measure(page, mails.items())
        assert closed(page, "the first", mails["mail 0"]) + closed(page, "the last", mails[list(mails)[-1]]) == []
    assert found.faults == []
    assert [url for url in said if url != "about:blank"] == []
    assert found.texts > len(WAYS) * 5 * len(extremes.ALL)
