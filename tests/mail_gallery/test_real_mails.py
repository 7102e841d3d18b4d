"""The real papers that are hardest to show, in mails on a phone, whichever way a program shows them."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.mail_gallery import written
from tests.mail_gallery.measure import measure
from tests.mail_gallery.real_papers import nastiest
from tests.mail_gallery.views import WAYS
from tests.mail_gallery.written import Pick, answering

pytestmark = pytest.mark.django_db
AT_LEAST = 300


def test_mails_of_real_papers_fit_a_phone_and_can_be_read_in_every_view(chromium: Browser, shared_data: Path) -> None:
    papers = written.stored(nastiest(shared_data))
    mails = written.digests(Pick(paper, {"sentence": answering(paper), "trend": paper.trend}) for paper in papers)
    html = [(f"mail {n}", str(mail.alternatives[0][0])) for n, mail in enumerate(mails)]
    with chromium.new_context() as context:
        found = measure(context.new_page(), html)
    assert len(papers) >= AT_LEAST
    assert found.faults == []
    assert found.texts > len(WAYS) * 5 * AT_LEAST
