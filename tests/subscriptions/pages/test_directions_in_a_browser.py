"""Pages and mails in a real browser: a text from outside turns the direction of nothing that stands beside it."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from urllib.parse import quote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page
from pytest_django.live_server_helper import LiveServer

from papers.models import Paper
from subscriptions.models import Feedback, Interest, Subscriber
from subscriptions.people import links
from subscriptions.people.tokens import Purpose
from tests.subscriptions.conftest import MORNING, axis
from tests.subscriptions.mails.letters import make_digest, writer_of

PATIENCE = 60_000  # milliseconds
HOSTILE = {
    "turned": "A \u202e title",
    "ended": "B \u2069\u202c title \u2067",
    "Hebrew": "שלום עולם 12",
    "Arabic": "ورقة بحث (3",
    "plain": "A plain title",
}
# Where each character stands, but for those of the texts from outside themselves.
PLACES = """(element, outside) => {
  const places = [], range = document.createRange();
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data, skipped = new Set();
    for (const one of outside)
      for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + 1))
        for (let i = 0; i < one.length; i++) skipped.add(at + i);
    for (let at = 0; at < text.length; at++) {
      if (skipped.has(at) || !text[at].trim()) continue;
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + 1);
      const place = range.getBoundingClientRect();
      if (place.width) places.push([place.top, place.left, text[at]]);
    }
  }
  return places;
}"""


def check(where: Locator, outside: str) -> None:
    """All that is ours runs from left to right, line by line."""
    assert where.count() >= 1
    for one in where.all():
        places = one.evaluate(PLACES, [outside, "".join(c for c in outside if c.isprintable())])
        assert places
        turned = [(a, b) for a, b in pairwise(places) if abs(a[0] - b[0]) < 3 and a[1] > b[1]]
        assert turned == [], one.inner_html()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    with chromium.new_context(base_url=live_server.url, viewport={"width": 1200, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        yield context.new_page()


@pytest.fixture(params=list(HOSTILE))
def outside(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


@pytest.fixture
def papers(transactional_db: None, make_paper: Callable[..., Paper], outside: str) -> list[Paper]:
    """Three texts from outside in a row: between two of one direction a comma of ours would take it too."""
    alike = [outside, f"{outside}!", f"{outside}?"]
    odd = make_paper(0, axis(0), title=outside, authors=[*alike, "Ada Lovelace"], comment=outside)
    return [
        odd,
        *(make_paper(1 + at, axis(1 + at), title=title) for at, title in enumerate([*alike[1:], "Another title"])),
    ]


def test_pages_of_papers(page: Page, papers: list[Paper], outside: str) -> None:
    page.goto(papers[0].get_absolute_url())
    check(page.locator("article.paper > p.authors"), outside)
    assert not set("\u202e\u2067\u2069\u202c") & set(page.title())
    page.goto(reverse("home"))
    check(page.locator("article.card p.authors"), outside)
    page.goto("/search/?" + "&".join(f"like={paper.identifier}" for paper in papers))
    check(page.locator("#results section.led li > span").first, outside)


def test_a_query_that_finds_nothing(page: Page, papers: list[Paper], outside: str) -> None:
    page.goto(f"/search/?code=1&q={quote(outside)}")
    check(page.locator("#results p.empty"), outside)


def test_pages_of_a_reader(
    page: Page, papers: list[Paper], make_subscriber: Callable[..., Subscriber], outside: str
) -> None:
    ada = make_subscriber()
    Interest.objects.create(subscriber=ada, kind="text", text=outside)
    Feedback.objects.create(subscriber=ada, paper=papers[0], kind="more", at=MORNING)
    page.goto(reverse("taught", args=[links.token(Purpose.PREFERENCES, ada)]))
    check(page.locator("ul.taught li"), outside)
    digest = make_digest(ada, papers[:2], folded=[paper.pk for paper in papers])
    page.goto(urlsplit(links.url(Purpose.DIGEST, digest)).path)
    check(page.locator("article.card p.small"), outside)
    check(page.locator("article.card p.authors"), outside)


def test_mails(page: Page, papers: list[Paper], make_subscriber: Callable[..., Subscriber], outside: str) -> None:
    digest = make_digest(make_subscriber(), papers, folded=[paper.pk for paper in papers])
    mail = writer_of(digest).mail(digest)
    page.set_content(str(mail.alternatives[0][0]))
    check(page.locator("table p.s"), outside)
    check(page.locator("table p.w"), outside)
    assert "\u202e" not in str(mail.body) + str(mail.subject)


def test_lists_of_the_admin(
    page: Page, papers: list[Paper], admin_client: Client, live_server: LiveServer, outside: str
) -> None:
    value = admin_client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": live_server.url}])
    page.goto(reverse("admin:papers_paper_changelist"))
    check(page.locator("#result_list tbody tr"), outside)
    page.goto(reverse("admin:papers_paper_history", args=[papers[0].pk]))
    check(page.locator(".breadcrumbs"), outside)
