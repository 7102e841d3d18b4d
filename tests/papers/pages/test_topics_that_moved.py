"""The addresses of a merged topic lead on for good; a retired one says that it is retired."""

import pytest
from django.test import Client

from papers.editions import topics
from papers.models import Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def merged() -> Topic:
    one, other = (
        Topic.objects.create(slug=slug, name=slug.title(), field="cs", description="x")
        for slug in ("walkers", "robots")
    )
    return topics.merge(one.pk, other.pk)


@pytest.mark.parametrize(
    ("path", "to"),
    [
        ("/topics/walkers/", "/topics/robots/"),
        ("/topics/walkers/?span=week&page=2", "/topics/robots/?span=week&page=2"),
        ("/topics/walkers/feed.atom", "/topics/robots/feed.atom"),
        ("/topics/walkers/feed.json", "/topics/robots/feed.json"),
        ("/topics/walkers/list.bib?span=week", "/topics/robots/list.bib?span=week"),
    ],
)
def test_an_address_leads_on_for_good(client: Client, merged: Topic, path: str, to: str) -> None:
    response = client.get(path)
    assert (response.status_code, response["Location"]) == (301, to)


def test_a_search_within_it_is_one_within_the_other(client: Client, merged: Topic) -> None:
    assert client.get("/api/v1/trending", {"topic": "walkers"}).status_code == 200
    page = client.get("/search/", {"q": "legs", "topic": "walkers"}).content.decode()
    assert '<option value="robots" selected>' in page


def test_a_link_to_follow_it_begins_with_the_other(client: Client, merged: Topic) -> None:
    page = client.get("/subscribe/", {"topic": "walkers"}).content.decode()
    assert f'value="{merged.pk}" checked' in page


def test_it_is_on_no_list(client: Client, merged: Topic) -> None:
    for path in ("/topics/", "/subscribe/", "/sitemap-lists.xml", "/api/v1/topics"):
        assert "walkers" not in client.get(path).content.decode()


def test_a_retired_topic_says_so_and_its_feed_is_not_there(client: Client, merged: Topic) -> None:
    topics.retire([merged.pk])
    response = client.get("/topics/robots/")
    assert response.status_code == 410
    assert "“<bdi>Robots</bdi>” was taken from the list. Whoever follows it" in response.content.decode()
    assert client.get("/topics/robots/feed.atom").status_code == 404
    assert client.get("/topics/walkers/").status_code == 410
