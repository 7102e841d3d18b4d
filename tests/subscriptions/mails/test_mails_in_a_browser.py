"""Mails as mail programs show them: light and dark, wide and on a phone, and read aloud."""

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.mail import EmailMultiAlternatives
from playwright.sync_api import Browser

from papers.models import Paper
from subscriptions.mails import emails
from subscriptions.models import AccountMail, AccountMailKind, AddressChange, Consent, Subscriber
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.mails.letters import NASTY, make_digest, writer_of

pytestmark = pytest.mark.django_db
PATIENCE = 60_000  # milliseconds
WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}


@pytest.fixture
def mails(make_paper: Callable[..., Paper], make_subscriber: Callable[..., Subscriber]) -> list[EmailMultiAlternatives]:
    """A digest of papers with titles that want to be more than text, and account mails."""
    titles = [title.replace("\x00", "").replace("\ud83d", "") for title in NASTY[:8]]
    papers = [make_paper(number, axis(number % 8), title=title) for number, title in enumerate(titles)]
    digest = make_digest(make_subscriber(), papers, folded=[papers[0].pk], sentence="What it found.")
    reader = digest.subscriber
    known = {"subscriber": reader, "next_attempt_at": MORNING}
    known |= {"change": AddressChange(), "consent": Consent(subscriber=reader)}
    account = [AccountMail(pk=1, kind=kind, **known) for kind in AccountMailKind]
    return [writer_of(digest).mail(digest), *[emails.account_mail(mail, MORNING) for mail in account]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mails_are_accessible_and_fit_a_narrow_phone(
    mails: list[EmailMultiAlternatives], chromium: Browser, scheme: Literal["light", "dark"]
) -> None:
    page = chromium.new_page(color_scheme=scheme, viewport={"width": 320, "height": 640})
    page.set_default_timeout(PATIENCE)
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    for mail in mails:
        page.set_content(str(mail.alternatives[0][0]))
        found = Axe().run(page, options=WCAG)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert page.locator("h1").count() == 1
    page.close()
    assert said == []


def test_a_browser_reads_every_title_as_it_was_written(mails: list[EmailMultiAlternatives], chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.set_content(str(mails[0].alternatives[0][0]))
    shown = page.locator("h3").all_text_contents()
    page.close()
    assert shown[0] == "1. <script>alert(1)</script>"
    assert shown[1] == "2. a<b and b>c & d &amp; &lt;e&gt;"
    assert shown[2] == "3. {{ 7|add:7 }} {% now 'Y' %} {{7*7}} %s {0} {title}"
    assert shown[5] == "6. </td></tr></table><!-- --> <![CDATA[ ]]>"
