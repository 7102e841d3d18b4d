"""What programs that read the whole site are told."""

from typing import Any

import defusedxml.ElementTree as ElementTree
import pytest
from django.test import Client

from papers.models import Paper, Topic
from papers.pages.programs import sitemaps

pytestmark = pytest.mark.django_db
NAMES = {"s": sitemaps.SCHEMA}


def make(number: int, **fields: Any) -> Paper:
    return Paper.objects.create(identifier=f"2606.{number:05d}", title="A", abstract="B", **fields)


def addresses(client: Client, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    return [str(one.text) for one in ElementTree.fromstring(response.content).iterfind(".//s:loc", NAMES)]


def test_the_index_leads_to_every_page(client: Client, settings: Any) -> None:
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="x")
    make(1)
    index = addresses(client, "/sitemap.xml")
    assert len(index) == 2
    shown = [one for part in index for one in addresses(client, part.removeprefix(settings.SITE_URL))]
    wanted = ("/", "/field/cs/", "/topics/robots/", "/about/", "/subscribe/", "/papers/2606.00001/")
    assert {f"{settings.SITE_URL}{path}" for path in wanted} <= set(shown)
    assert len(shown) == len(set(shown))
    for address in shown:
        assert client.get(address.removeprefix(settings.SITE_URL)).status_code == 200


def test_robots_are_told_where_it_is(client: Client, settings: Any) -> None:
    assert f"\nSitemap: {settings.SITE_URL}/sitemap.xml\n" in client.get("/robots.txt").content.decode()


def test_each_paper_is_in_one_file_with_the_time_of_its_last_change(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(sitemaps, "KEYS", 2)
    papers = [make(number) for number in range(5)]
    gone = make(9, withdrawn_on="2026-06-30")
    files = [one.split("/")[-1] for one in addresses(client, "/sitemap.xml")][1:]
    responses = [client.get(f"/{name}") for name in files]
    text = "".join(response.content.decode() for response in responses if response.status_code == 200)
    for paper in papers:
        assert text.count(f"/papers/{paper.identifier}/</loc>") == 1
        assert f"<lastmod>{paper.updated_at.isoformat(timespec='seconds')}</lastmod>" in text
    assert gone.identifier not in text


def test_an_address_with_signs_of_its_own_is_written_as_xml(client: Client, settings: Any) -> None:
    Paper.objects.create(identifier="doi:10.1/a&b<c>", title="A", abstract="B")
    assert addresses(client, sitemap_of(client))[0].startswith(f"{settings.SITE_URL}/papers/doi:10.1/a&b%3Cc%3E/")


def sitemap_of(client: Client) -> str:
    """The path of the last file of papers."""
    return "/" + addresses(client, "/sitemap.xml")[-1].rpartition("/")[2]


def test_who_has_a_sitemap_is_told_so(client: Client) -> None:
    make(1)
    for path in ("/sitemap.xml", "/sitemap-lists.xml", sitemap_of(client)):
        known = {"If-None-Match": client.get(path).headers["ETag"]}
        assert client.get(path, headers=known).status_code == 304


@pytest.mark.parametrize("path", ["/sitemap-papers-7.xml", f"/sitemap-papers-{'9' * 40}.xml", "/sitemap-papers--1.xml"])
def test_a_part_that_is_not_there_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_site_without_papers_has_a_sitemap(client: Client) -> None:
    assert addresses(client, "/sitemap.xml")


def test_a_file_takes_one_query(client: Client, django_assert_num_queries: Any) -> None:
    for number in range(40):
        make(number)
    path = sitemap_of(client)
    with django_assert_num_queries(1):
        client.get(path)
