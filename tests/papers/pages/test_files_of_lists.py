"""A list taken into a library: as a file, and by Zotero's button, which asks for each paper after unAPI."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest
from django.test import Client

from papers.models import Edition, EditionEntry, Paper, Topic
from papers.pages.programs import bibliography_files
from recommender.models import PaperTopic
from subscriptions.bibliographies import files

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 30)
Make = Callable[..., Paper]


@pytest.fixture(autouse=True)
def noon(time_machine: Any) -> None:
    time_machine.move_to(datetime(2026, 6, 30, 12, tzinfo=UTC), tick=False)


@pytest.fixture
def make() -> Make:
    edition = Edition.objects.create(date=TODAY)
    topic = Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.")

    def make(number: int, **fields: Any) -> Paper:
        words = {"title": f"Whales {number}", "abstract": "Found.", "authors": ["Ann Lee", "Bo Ek"]}
        values = {"identifier": f"2606.{number:05d}", "announced_on": TODAY, "field": "cs"} | words
        paper = Paper.objects.create(**(values | fields))
        EditionEntry.objects.create(edition=edition, paper=paper)
        PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.5)
        return paper

    return make


class Named(HTMLParser):
    """Where a page says that papers are handed out, and the papers that it names, as Zotero's translator looks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.servers: list[str] = []
        self.identifiers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "link" and found.get("rel") == "unapi-server":
            self.servers.append(found["href"])
        if tag == "abbr" and found.get("class") == "unapi-id":
            self.identifiers.append(found["title"])


def titles(client: Client, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200
    return [item["title"] for item in json.loads(response.content)]


@pytest.mark.parametrize("path", ["/", "/?span=week", "/field/cs/?span=month", "/topics/robots/", "/search/?q=whales"])
def test_each_card_of_a_list_names_its_paper_to_zotero(client: Client, make: Make, settings: Any, path: str) -> None:
    papers = [make(1, trend=0.9), make(2, trend=0.1), make(3, identifier="doi:10.1101/12")]
    found = Named(client.get(path).content.decode())
    assert found.servers == [f"{settings.SITE_URL}/unapi"]
    assert sorted(found.identifiers) == sorted(paper.identifier for paper in papers)


def test_a_page_of_one_paper_hands_out_no_other(client: Client, make: Make) -> None:
    assert Named(client.get(make(1).get_absolute_url()).content.decode()).servers == []


def test_zotero_learns_which_formats_there_are(client: Client, make: Make) -> None:
    make(1)
    for path, status in [("/unapi", 200), ("/unapi?id=2606.00001", 300)]:
        response = client.get(path)
        assert response.status_code == status
        formats = ElementTree.fromstring(response.content)
        assert [one.get("name") for one in formats] == ["ris", "bibtex"]
        assert all("/" in (one.get("type") or "") for one in formats)
        assert formats.get("id", "") == ("2606.00001" if status == 300 else "")


@pytest.mark.parametrize("name", ["ris", "bibtex"])
@pytest.mark.parametrize("identifier", ["2606.00001", "2606.00001v2", "doi:10.1101/12", "math/0309136"])
def test_each_named_paper_is_handed_out(client: Client, make: Make, name: str, identifier: str) -> None:
    for number, known in enumerate(["2606.00001", "doi:10.1101/12", "math/0309136"]):
        make(number, identifier=known, title=f"On {known}")
    read = files.read(client.get(f"/unapi?id={identifier}&format={name}").content)
    assert [entry.title.strip("{}") for entry in read.entries] == [f"On {identifier.removesuffix('v2')}"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("id=2606.99999", 404),
        ("id=2606.99999&format=ris", 404),
        ("id=2606.00001&format=mods", 406),
        ("format=ris", 200),
    ],
)
def test_what_is_not_there_is_told_by_the_status(client: Client, make: Make, asked: str, status: int) -> None:
    make(1)
    assert client.get(f"/unapi?{asked}").status_code == status


@pytest.mark.parametrize("odd", ["<>&\"'", "]]>", "x" * 3_000, "..", "%00"])
def test_no_identifier_breaks_the_answer(client: Client, make: Make, odd: str) -> None:
    assert client.get("/unapi", {"id": odd}).status_code in (400, 404)


def test_a_list_is_a_file_in_its_own_order(client: Client, make: Make) -> None:
    make(1, trend=0.2)
    make(2, trend=0.9)
    make(3, field="math", trend=0.5)
    assert titles(client, "/list.json") == ["Whales 2", "Whales 3", "Whales 1"]
    assert titles(client, "/field/cs/list.json?span=week") == ["Whales 2", "Whales 1"]
    assert sorted(titles(client, "/topics/robots/list.json")) == ["Whales 1", "Whales 2", "Whales 3"]
    assert titles(client, "/topics/robots/list.json?span=week") == titles(client, "/topics/robots/list.json")
    assert sorted(titles(client, "/search/list.json?q=whales")) == ["Whales 1", "Whales 2", "Whales 3"]
    assert titles(client, "/search/list.json") == []


@pytest.mark.parametrize("suffix", ["bib", "ris", "json"])
@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("/?span=week", "papers-week-2026-06-30"),
        ("/", "papers-2026-06-30"),
        ("/field/cs/?span=month", "papers-cs-month-2026-06-30"),
        ("/topics/robots/?span=week", "papers-robots-week"),
        ("/search/?q=whales", "papers-search"),
    ],
)
def test_the_page_of_a_list_links_its_files(client: Client, make: Make, page: str, name: str, suffix: str) -> None:
    make(1)
    path, _, asked = page.partition("?")
    link = f"{path}list.{suffix}" + (f"?{asked}" if asked else "")
    assert f'href="{link}" download' in client.get(page).content.decode()
    response = client.get(link)
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.{suffix}"'
    assert len(files.read(response.content).entries) == 1


def test_a_file_has_the_first_papers_of_a_long_list_and_costs_no_more_questions(
    client: Client, make: Make, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(bibliography_files, "MOST", 5)
    for number in range(8):
        make(number, trend=number / 10)
    with django_assert_max_num_queries(12):
        assert titles(client, "/list.json") == [f"Whales {number}" for number in (7, 6, 5, 4, 3)]


@pytest.mark.parametrize("path", ["/list.docx", "/field/nonsense/list.bib", "/topics/none/list.bib", "/search/list.x"])
def test_a_file_that_there_is_not(client: Client, make: Make, path: str) -> None:
    make(1)
    assert client.get(path).status_code == 404


def test_search_engines_are_asked_to_leave_files_and_unapi_alone(client: Client) -> None:
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").content.decode().splitlines())
    assert not rules.can_fetch("*", "/list.bib?span=week")
    assert not rules.can_fetch("*", "/unapi?id=2606.00001")
    assert rules.can_fetch("*", "/papers/2606.00001.bib")
