"""A search as a feed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from django.test import Client

from papers.models import Paper
from tests.recommender.conftest import TODAY
from tests.recommender.search.vectors import stored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to(datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC), tick=False)


@pytest.fixture
def papers(make_paper: Callable[..., Paper]) -> dict[str, Paper]:
    return {
        "robot": make_paper(1, "Robot grasping", day=TODAY - timedelta(days=3)),
        "arm": make_paper(2, "Robot arms", day=TODAY),
        "old": make_paper(3, "Robot errors", day=TODAY - timedelta(days=400)),
    }


@pytest.fixture
def near_papers(make_paper: Callable[..., Paper]) -> dict[str, Paper]:
    """The first is near to the next two, the second of which came later, and not to the last."""
    titles = ["Robot grasping", "Robot hands", "Robot arms", "Whales"]
    days = [3, 2, 1, 1]
    made = [
        make_paper(number, title, day=TODAY - timedelta(days=ago))
        for number, (title, ago) in enumerate(zip(titles, days, strict=True), 1)
    ]
    stored(made, [(1, 0), (0.9, 0.4), (0.8, 0.6), (0, 1)])
    return {paper.title: paper for paper in made}


def read(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    found = feedparser.parse(response.content)
    assert not found.bozo
    return found


def test_the_feed_of_a_search_has_what_fits_newest_first(client: Client, papers: dict[str, Paper]) -> None:
    found = read(client, "/search/feed.atom?q=robot&since=2000-01-01")
    assert [entry.title for entry in found.entries] == [papers[name].title for name in ("arm", "robot", "old")]
    assert found.feed.title.endswith(": “robot”")


def test_it_goes_back_a_month_unless_it_is_told_otherwise(client: Client, papers: dict[str, Paper]) -> None:
    old = papers["old"].shown_title
    assert old not in [entry.title for entry in read(client, "/search/feed.atom?q=robot").entries]
    assert old in [entry.title for entry in read(client, "/search/feed.atom?q=robot&since=2000-01-01").entries]


def test_its_address_keeps_the_filters_and_nothing_else(client: Client, settings: Any, papers: Any) -> None:
    links = read(client, "/search/feed.atom?code=1&q=a+%26+b&since=2026-01-01&page=3&x=y").feed.links
    asked = "q=a+%26+b&since=2026-01-01&code=1"
    assert {link.rel: link.href for link in links} == {
        "alternate": f"{settings.SITE_URL}/search/?{asked}",
        "self": f"{settings.SITE_URL}/search/feed.atom?{asked}",
    }


@pytest.mark.parametrize("query", ["", "?q=", "?q=%20", "?topic=robots"])
def test_a_feed_of_nothing_says_what_it_needs(client: Client, query: str) -> None:
    response = client.get(f"/search/feed.json{query}")
    assert response.status_code == 400
    assert response.content.decode().startswith("Say what this feed is to look for")


def test_the_page_of_a_search_names_its_feed(client: Client, papers: dict[str, Paper]) -> None:
    page = client.get("/search/?q=robot+arms&code=1").content.decode()
    assert '<link rel="alternate" type="application/atom+xml"' in page
    assert 'href="/search/feed.atom?q=robot+arms&amp;code=1"' in page
    assert "feed.atom" not in client.get("/search/").content.decode()


def test_a_search_by_examples_is_a_feed_too(client: Client, settings: Any, near_papers: dict[str, Paper]) -> None:
    found = read(client, "/search/feed.atom?like=2606.00001&unlike=2606.00004&code=&x=y")
    assert [entry.title for entry in found.entries] == ["Robot arms", "Robot hands"]
    assert found.feed.title.endswith(": like “Robot grasping”")
    links = {link.rel: link.href for link in found.feed.links}
    assert links["self"] == f"{settings.SITE_URL}/search/feed.atom?like=2606.00001&unlike=2606.00004"
    assert links["alternate"] == f"{settings.SITE_URL}/search/?like=2606.00001&unlike=2606.00004"


def test_words_filters_and_examples_go_together(client: Client, near_papers: dict[str, Paper]) -> None:
    found = read(client, "/search/feed.atom?q=arms&like=2606.00001&like=2606.00002&since=2000-01-01")
    assert "Robot grasping" not in [entry.title for entry in found.entries]
    assert found.feed.title.endswith(": “arms”, like “Robot grasping” and 1 more")
    assert "q=arms&like=2606.00001&like=2606.00002&since=2000-01-01" in found.feed.links[0].href


def test_an_unknown_example_asks_for_nothing(client: Client, near_papers: dict[str, Paper]) -> None:
    assert client.get("/search/feed.json?like=2606.99999").status_code == 400


def test_the_page_of_a_search_by_examples_names_its_feed_and_its_alert(
    client: Client, near_papers: dict[str, Paper]
) -> None:
    page = client.get("/search/?like=2606.00001&unlike=2606.00004").content.decode()
    assert 'type="application/feed+json" title="This search" href="/search/feed.json?like=2606.00001' in page
    assert '<a rel="nofollow" href="/search/feed.atom?like=2606.00001&amp;unlike=2606.00004">Atom</a>' in page
    assert 'href="/subscribe/?like=2606.00001&amp;unlike=2606.00004"' in page
