"""The gallery has every kind of mail, and a picture of each in every view."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from subscriptions.mails.emails import TEMPLATES
from tests.mail_gallery import extremes, kinds, pictures, written

pytestmark = pytest.mark.django_db


def test_every_template_of_a_mail_is_in_the_gallery() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "emails"
    there = {path.name.removesuffix(".subject.txt") for path in folder.glob("*.subject.txt")}
    assert there == {*TEMPLATES.values(), "digest"}
    assert {f"account-{name}" for name in TEMPLATES.values()} == written.account_mails().keys()


def test_digests_of_the_gallery_have_as_many_papers_as_their_names_say() -> None:
    mails = kinds.every()
    assert mails["digest-one-paper"].subject.startswith("1 paper for you")
    assert mails["digest-ten-papers"].subject.startswith("10 papers for you")
    assert mails["digest-twenty-long-papers"].subject.startswith("20 papers for you")
    assert sum(name.startswith("digest-extreme") for name in mails) * written.IN_A_MAIL >= len(extremes.ALL)


def test_a_mail_is_taken_in_every_view_and_shown_as_text(chromium: Browser, tmp_path: Path) -> None:
    mail = written.account_mails()["account-confirm"]
    sheet = pictures.contact_sheet([pictures.take(chromium, tmp_path, "confirm", mail)])
    taken = {path.name for path in tmp_path.glob("*.png")}
    assert len(taken) == len(pictures.VIEWS)
    assert all(f'src="{name}"' in sheet for name in taken)
    assert "text part" in sheet
    assert "Confirm my subscription:" in sheet


def test_each_made_up_paper_says_what_it_is_for() -> None:
    whys = [one.why for one in extremes.ALL.values()]
    assert all(why.endswith(".") for why in whys)
    assert len(whys) >= 100
