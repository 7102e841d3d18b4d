"""Mails as a browser reads them; how they look is measured in tests/mail_gallery."""

from collections.abc import Callable

import pytest
from django.core.mail import EmailMultiAlternatives
from playwright.sync_api import Browser

from papers.models import Paper
from subscriptions.models import Subscriber
from tests.subscriptions.conftest import axis
from tests.subscriptions.mails.letters import NASTY, make_digest, writer_of

pytestmark = pytest.mark.django_db
PATIENCE = 60_000  # milliseconds


@pytest.fixture
def mail(make_paper: Callable[..., Paper], make_subscriber: Callable[..., Subscriber]) -> EmailMultiAlternatives:
    """A digest of papers with titles that want to be more than text."""
    titles = [title.replace("\x00", "").replace("\ud83d", "") for title in NASTY[:8]]
    papers = [make_paper(number, axis(number % 8), title=title) for number, title in enumerate(titles)]
    digest = make_digest(make_subscriber(), papers, folded=[papers[0].pk], sentence="What it found.")
    return writer_of(digest).mail(digest)


def test_a_browser_reads_every_title_as_it_was_written(mail: EmailMultiAlternatives, chromium: Browser) -> None:
    page = chromium.new_page()
    page.set_default_timeout(PATIENCE)
    page.set_content(str(mail.alternatives[0][0]))
    shown = page.locator("h3").all_text_contents()
    page.close()
    assert shown[0] == "1. <script>alert(1)</script>"
    assert shown[1] == "2. a<b and b>c & d &amp; &lt;e&gt;"
    assert shown[2] == "3. {{ 7|add:7 }} {% now 'Y' %} {{7*7}} %s {0} {title}"
    assert shown[5] == "6. </td></tr></table><!-- --> <![CDATA[ ]]>"
