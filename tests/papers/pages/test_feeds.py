"""Lists of papers as feeds, read by readers of others."""

import json
from calendar import timegm
from datetime import UTC, date, datetime, timedelta
from typing import Any

import feedparser
import jsonfeed
import pytest
from django.test import Client

from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.models import PaperTopic
from tests.papers.pages.conftest import NOON, TODAY, Make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
DAY = timedelta(days=1)


@pytest.fixture
def make() -> Make:
    def make(number: int, day: date = TODAY, **fields: Any) -> Paper:
        words = {"title": f"Paper {number:03d}", "abstract": f"What {number} found.", "authors": ["Ann Lee", "Bo Ek"]}
        values = {"identifier": f"2606.{number:05d}", "announced_on": day, "categories": ["cs.LG"]} | words
        paper = Paper.objects.create(**(values | fields))
        edition, _ = Edition.objects.get_or_create(date=day)
        EditionEntry.objects.create(edition=edition, paper=paper)
        return paper

    return make


def atom(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(response.content)
    assert not read.bozo
    return read


def titles(client: Client, path: str) -> list[str]:
    return [entry.title for entry in atom(client, path).entries]


def test_a_list_is_a_feed_in_its_own_order(client: Client, make: Make, settings: Any) -> None:
    make(1, trend=0.2)
    make(2, trend=0.9, abstract="If $p<q$ & so on.", comment="x")
    read = atom(client, "/feed.atom")
    assert [entry.title for entry in read.entries] == ["Paper 002", "Paper 001"]
    first = read.entries[0]
    assert first.id == first.link == f"{settings.SITE_URL}/papers/2606.00002/"
    assert [author.name for author in first.authors] == ["Ann Lee", "Bo Ek"]
    assert [tag.term for tag in first.tags] == ["cs.LG"]
    assert (first.summary, first.summary_detail.type) == ("If $p<q$ & so on.", "text/plain")
    assert timegm(first.published_parsed) == datetime(2026, 6, 30, tzinfo=UTC).timestamp()
    assert read.feed.id == f"{settings.SITE_URL}/feed.atom"
    assert {link.rel: link.href for link in read.feed.links} == {
        "alternate": f"{settings.SITE_URL}/",
        "self": f"{settings.SITE_URL}/feed.atom",
    }


def test_the_same_list_is_there_as_json(client: Client, make: Make, settings: Any) -> None:
    make(1, trend=0.2)
    response = client.get("/feed.json?span=week")
    assert response.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    read = jsonfeed.Feed.parse(json.loads(response.content))
    assert read.feed_url == f"{settings.SITE_URL}/feed.json?span=week"
    assert read.home_page_url == f"{settings.SITE_URL}/?span=week"
    assert [item.title for item in read.items] == ["Paper 001"]
    assert read.items[0].external_url == "https://arxiv.org/abs/2606.00001"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/feed.atom", [1]),
        ("/feed.atom?span=week", [2, 1]),
        ("/feed.atom?span=month", [3, 2, 1]),
        ("/feed.atom?span=%F0%9F%90%8C&page=9", [1]),
        ("/field/math/feed.atom?span=month", [3]),
        ("/field/econ/feed.atom", []),
    ],
)
def test_feeds_have_the_spans_and_fields_of_the_lists(client: Client, make: Make, path: str, shown: list[int]) -> None:
    make(1, trend=0.1, field="cs")
    make(2, TODAY - 3 * DAY, trend=0.2, field="cs")
    make(3, TODAY - 20 * DAY, trend=0.3, field="math")
    assert titles(client, path) == [f"Paper {number:03d}" for number in shown]


def test_a_feed_ends_somewhere(client: Client, make: Make) -> None:
    for number in range(60):
        make(number, trend=0.5, authors=[f"A {place}" for place in range(100)])
    entries = atom(client, "/feed.atom").entries
    assert len(entries) == 50
    assert len(entries[0].authors) == 30


def test_a_revised_paper_keeps_its_id_and_tells_when_it_changed(client: Client, make: Make, noon: Any) -> None:
    paper = make(1)
    before = atom(client, "/feed.atom")
    noon.move_to(NOON + timedelta(hours=2), tick=False)
    paper.title = "Paper 001, revised"
    paper.save()
    after = atom(client, "/feed.atom")
    assert before.entries[0].id == after.entries[0].id
    assert timegm(after.entries[0].updated_parsed) == timegm(before.entries[0].updated_parsed) + 7200
    assert after.feed.updated == after.entries[0].updated


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json?span=week", "/topics/robots/feed.atom"])
def test_who_asks_again_gets_a_feed_only_when_it_changed(client: Client, make: Make, noon: Any, path: str) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    PaperTopic.objects.create(topic=topic, paper=make(1, trend=0.5), similarity=0.6)
    fresh = client.get(path)
    known = {"If-None-Match": fresh.headers["ETag"]}, {"If-Modified-Since": fresh.headers["Last-Modified"]}
    assert [client.get(path, headers=one).status_code for one in known] == [304, 304]
    assert client.get(path, headers=known[0]).content == b""
    noon.move_to(NOON + timedelta(hours=1), tick=False)
    PaperTopic.objects.create(topic=topic, paper=make(2, trend=0.9), similarity=0.7)
    assert [client.get(path, headers=one).status_code for one in known] == [200, 200]


def test_a_new_order_reaches_those_who_know_only_the_time(client: Client, make: Make, noon: Any) -> None:
    make(1, trend=0.5)
    make(2, trend=0.4)
    fresh = client.get("/feed.atom")
    noon.move_to(NOON + timedelta(hours=1), tick=False)
    Paper.objects.filter(title="Paper 002").update(trend=0.9, trend_at=NOON + timedelta(hours=1))
    assert client.get("/feed.atom", headers={"If-Modified-Since": fresh.headers["Last-Modified"]}).status_code == 200


def test_the_feed_of_a_topic_tells_what_came_last(client: Client, make: Make) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    for number, days, similarity in [(1, 2, 0.9), (2, 0, 0.4), (3, 0, 0.6), (4, 400, 0.9)]:
        PaperTopic.objects.create(topic=topic, paper=make(number, TODAY - days * DAY), similarity=similarity)
    make(5)
    assert titles(client, "/topics/robots/feed.atom") == ["Paper 003", "Paper 002", "Paper 001", "Paper 004"]


@pytest.mark.parametrize(
    "path", ["/feed.rss", "/field/alchemy/feed.atom", "/topics/none/feed.atom", "/search/feed.rss?q=x"]
)
def test_a_feed_that_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/?span=week", "/field/cs/?span=month", "/topics/robots/"])
def test_pages_name_their_feeds_where_programs_look_for_them(client: Client, make: Make, path: str) -> None:
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    make(1, field="cs")
    page = client.get(path).content.decode()
    for kind in ("application/atom+xml", "application/feed+json"):
        href = page.split(f'<link rel="alternate" type="{kind}"')[1].split('href="')[1].split('"')[0]
        assert client.get(href).headers["Content-Type"].startswith(kind)
        assert page.count(href) == 2, "the page links it for people too"


def test_feeds_are_for_reading_only_and_may_be_kept_for_a_while(client: Client, make: Make) -> None:
    make(1)
    assert client.head("/feed.atom").status_code == 200
    assert client.post("/feed.atom").status_code == 405
    assert client.get("/feed.atom").headers["Cache-Control"] == "public, max-age=300"
    assert not client.get("/feed.atom").cookies


@pytest.mark.parametrize("path", ["/feed.atom?span=month", "/topics/robots/feed.json"])
def test_a_feed_takes_as_many_queries_for_few_papers_as_for_many(
    client: Client, make: Make, path: str, django_assert_max_num_queries: Any
) -> None:
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    for number in range(3):
        PaperTopic.objects.create(topic=topic, paper=make(number), similarity=0.5)
    with django_assert_max_num_queries(8) as few:
        atom(client, path) if "atom" in path else client.get(path)
    for number in range(3, 60):
        PaperTopic.objects.create(topic=topic, paper=make(number, trend=0.5), similarity=0.5)
    with django_assert_max_num_queries(len(few)):
        client.get(path)
