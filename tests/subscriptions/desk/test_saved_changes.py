"""What happened to papers since a reader kept them: told on their page and in their feed."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

import feedparser
import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from papers.models import ChangeKind, Paper, PaperChange
from subscriptions.models import PrivateFeed, Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, PATIENCE, axis, preferences

pytestmark = pytest.mark.django_db
LATER, EARLIER = MORNING + timedelta(days=3), MORNING - timedelta(days=3)


def change(paper: Paper, kind: ChangeKind, detail: str = "", at: datetime = LATER) -> None:
    PaperChange.objects.create(paper=paper, kind=kind, detail=detail, noticed_at=at)


def shown(client: Client, reader: Subscriber, **asked: Any) -> str:
    return " ".join(client.get(preferences(reader, "saved"), asked).content.decode().split())


def titles(page: str) -> list[str]:
    return re.findall(r"<h3><a href=\"[^\"]*\"><bdi>(.*?)</bdi>", page)


def card_of(page: str, number: int) -> str:
    return next(card for card in page.split("<article")[1:] if f"Paper {number}<" in card)


@pytest.fixture
def kept(ada: Subscriber, keep: Callable[..., None], some_papers: list[Paper]) -> list[Paper]:
    keep(*some_papers[:3])
    return some_papers


def test_a_new_version_is_told_with_a_link_to_it_and_what_is_new_in_it(
    client: Client, ada: Subscriber, kept: list[Paper]
) -> None:
    change(kept[0], ChangeKind.REVISED, "v2")
    change(kept[0], ChangeKind.RETITLED, "before: Old <words>")
    card = card_of(shown(client, ada), 0)
    assert '<strong>Revised</strong> <a href="https://arxiv.org/abs/2606.00000v2"' in card
    assert "<strong>Title changed</strong> <bdi>before: Old &lt;words&gt;</bdi>" in card
    assert "Since you kept it" not in card_of(shown(client, ada), 1)


def test_code_and_a_journal_are_linked(client: Client, ada: Subscriber, kept: list[Paper]) -> None:
    change(kept[0], ChangeKind.CODE_ADDED, "https://github.com/ada/engine")
    change(kept[1], ChangeKind.DOI_ADDED, "10.1000/1")
    page = shown(client, ada)
    assert '<strong>Code added</strong> <a href="https://github.com/ada/engine"' in card_of(page, 0)
    assert '<strong>Journal DOI added</strong> <a href="https://doi.org/10.1000/1"' in card_of(page, 1)


def test_what_happened_before_it_was_kept_is_no_news(client: Client, ada: Subscriber, kept: list[Paper]) -> None:
    change(kept[0], ChangeKind.REVISED, "v2", EARLIER)
    page = shown(client, ada)
    assert "Revised" not in page
    assert "changed since you kept" not in page


def test_a_withdrawal_is_told_once_and_its_end_too(client: Client, ada: Subscriber, kept: list[Paper]) -> None:
    change(kept[0], ChangeKind.WITHDRAWN)
    Paper.objects.filter(pk=kept[0].pk).update(withdrawn_on=date(2026, 7, 2))
    assert card_of(shown(client, ada), 0).count("Withdrawn") == 1
    change(kept[0], ChangeKind.BACK, "v3", LATER + timedelta(days=1))
    Paper.objects.filter(pk=kept[0].pk).update(withdrawn_on=None)
    card = card_of(shown(client, ada), 0)
    assert card.index("No longer withdrawn") < card.index("<strong>Withdrawn</strong>"), "the newest first"


def test_what_changed_can_be_seen_alone(client: Client, ada: Subscriber, kept: list[Paper]) -> None:
    assert "Nothing that you kept has changed since." in shown(client, ada, changed=1)
    change(kept[0], ChangeKind.REVISED, "v2")
    change(kept[0], ChangeKind.REVISED, "v3")
    change(kept[3], ChangeKind.REVISED, "v2")  # which she did not keep
    assert '<a href="?changed=1">1 paper changed since you kept it</a>' in shown(client, ada)
    page = shown(client, ada, changed=1)
    assert titles(page) == ["Paper 0"]
    assert f'<a href="{preferences(ada, "saved")}">All that you kept</a>' in page


def test_pages_of_what_changed_lead_to_each_other(
    client: Client, ada: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper]
) -> None:
    papers = [make_paper(number, axis(0)) for number in range(100, 125)]
    keep(*papers)
    for paper in papers:
        change(paper, ChangeKind.REVISED, "v2", LATER + timedelta(days=30))
    assert 'rel="next" href="?changed=1&amp;page=2"' in shown(client, ada, changed=1)
    assert len(titles(shown(client, ada, changed=1, page=2))) == 5


def test_many_changes_take_no_more_questions_than_few(
    client: Client, ada: Subscriber, keep: Callable[..., None], make_paper: Callable[..., Paper]
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            shown(client, ada)
        return len(queries)

    papers = [make_paper(number, axis(0)) for number in range(100, 115)]
    keep(papers[0])
    change(papers[0], ChangeKind.REVISED, "v2")
    before = asked()
    keep(*papers[1:])
    for paper in papers[1:]:
        change(paper, ChangeKind.REVISED, "v2", LATER + timedelta(days=30))
        change(paper, ChangeKind.CODE_ADDED, "https://github.com/a/b", LATER + timedelta(days=30))
    assert asked() == before


@pytest.mark.parametrize("form", ["atom", "json"])
def test_the_private_feed_tells_it_and_is_newer_for_it(
    client: Client, ada: Subscriber, kept: list[Paper], form: str
) -> None:
    private = PrivateFeed.objects.create(subscriber=ada, made_at=EARLIER)
    path = f"/own-feed/{links.token(Purpose.FEED, private)}/saved.{form}"
    assert "Revised" not in client.get(path).content.decode()
    change(kept[0], ChangeKind.REVISED, "v2")
    answer = client.get(path)
    assert "Revised: v2." in answer.content.decode()
    if form == "atom":
        [entry] = [one for one in feedparser.parse(answer.content).entries if one.title == "Paper 0"]
        assert entry.updated.startswith(LATER.date().isoformat())


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    size = {"width": 320, "height": 900}
    with chromium.new_context(base_url=live_server.url, viewport=size, has_touch=True) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@pytest.mark.django_db(transaction=True)
def test_on_a_phone_a_screen_shows_several_papers(phone: Page, ada: Subscriber, kept: list[Paper]) -> None:
    authors = [f"Somebody van der Longname {number}" for number in range(9)]
    title = "A title of some length, as most titles of papers have one today"
    Paper.objects.update(plain_title=title, plain_authors=authors)
    change(kept[0], ChangeKind.REVISED, "v2")
    phone.goto(preferences(ada, "saved"))
    cards = phone.locator(".kept .card")
    expect(cards).to_have_count(3)
    heights = [cards.nth(number).bounding_box()["height"] for number in range(3)]  # type: ignore[index]
    assert max(heights[:2]) < 900 / 5
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320
    assert Axe().run(phone).violations_count == 0
    phone.get_by_role("link", name="1 paper changed since you kept it").click()
    expect(cards).to_have_count(1)
    expect(phone.get_by_role("list", name="Since you kept it")).to_contain_text("Revised v2")
