"""Zotero's own translators, as a package has them, read our pages and files: what its button and its import would take.

They are of 2018, before Zotero knew preprints: so the type of an item is looked at where it was known then.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from papers.citations.formats import FORMATS
from papers.models import Edition, EditionEntry, Paper, Topic
from recommender.models import PaperTopic
from tests.papers.citations.test_formats import ALL, ARTICLE, PREPRINT
from tests.services import ROOT

PACKAGES = ROOT / ".zotero" / "node_modules"
SCRIPT = Path(__file__).parent / "zotero" / "read.js"
Read = Callable[..., Any]


@pytest.fixture(scope="module")
def zotero() -> Read:
    """Run the script with these arguments, and return what it answers."""
    if not PACKAGES.is_dir() or not shutil.which("node"):
        pytest.skip("Zotero's translators are not here: make zotero")

    def read(*arguments: str, given: str = "") -> Any:
        environment = os.environ | {"NODE_PATH": str(PACKAGES)}
        done = subprocess.run(
            ["node", str(SCRIPT), *arguments], env=environment, input=given, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout[done.stdout.index("[") :])

    return read


@pytest.fixture
def papers(transactional_db: None, live_server: LiveServer, settings: Settings) -> list[Paper]:
    """Three of today and of a topic."""
    settings.SITE_URL = live_server.url
    today = now().date()
    edition = Edition.objects.create(date=today)
    topic = Topic.objects.create(slug="norms", name="Norms", field="math", description="Lengths.")
    made = []
    for number, fields in enumerate(ALL):
        paper = Paper.objects.create(**fields | {"announced_on": today, "field": "math", "trend": 0.9 - number / 10})
        EditionEntry.objects.create(edition=edition, paper=paper)
        PaperTopic.objects.create(topic=topic, paper=paper, similarity=0.5)
        made.append(paper)
    return made


@pytest.mark.parametrize("path", ["/", "/?span=week", "/field/math/", "/topics/norms/", "/search/?since=1990-01-01"])
def test_its_button_offers_every_paper_of_a_list_and_takes_what_we_know(
    zotero: Read, live_server: LiveServer, papers: list[Paper], path: str
) -> None:
    [seen] = zotero("page", live_server.url + path)
    assert seen["translators"][0] == ["unAPI", "multiple"]
    shown = {paper.shown_title: paper for paper in papers}
    assert set(seen["offered"]) == set(shown)
    assert len(seen["items"]) == len(papers)
    for item in seen["items"]:
        paper = shown[item["title"]]
        assert len(item["creators"]) == len(paper.authors)
        assert item["url"] == paper.source_url
        assert item.get("abstractNote", "").split() == paper.shown_abstract.split()
        assert item["libraryCatalog"] in live_server.url


def test_its_button_takes_the_paper_of_a_page_and_not_those_that_are_like_it(
    zotero: Read, live_server: LiveServer, papers: list[Paper]
) -> None:
    article = next(paper for paper in papers if paper.journal_ref == ARTICLE["journal_ref"])
    [seen] = zotero("page", live_server.url + article.get_absolute_url())
    assert seen["translators"][0] == ["COinS", "journalArticle"]
    [item] = seen["items"]
    assert (item["title"], item["publicationTitle"], item["volume"]) == (article.shown_title, "Phys. Rev. D", "76")
    assert item["DOI"] == article.doi
    assert item["creators"][0]["lastName"]


def test_names_come_in_the_parts_that_we_gave_them(zotero: Read, live_server: LiveServer, papers: list[Paper]) -> None:
    preprint = next(paper for paper in papers if paper.identifier == PREPRINT["identifier"])
    [seen] = zotero("page", live_server.url + preprint.get_absolute_url())
    [item] = seen["items"]
    assert [(one["lastName"], one.get("firstName")) for one in item["creators"][:2]] == [
        ("Müller", "José"),
        ("van der Ek", "Bo Jr"),  # Zotero takes the dot away
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_its_import_takes_our_files(zotero: Read, suffix: str) -> None:
    papers = [Paper(**fields) for fields in ALL]
    items = zotero("file", given=FORMATS[suffix].write(papers))
    assert len(items) == len(papers)
    for item, paper in zip(items, papers, strict=True):
        if suffix != "bib":  # in which titles keep their TeX
            assert item["title"] == paper.shown_title
        assert item["url"] == paper.source_url
        assert len(item["creators"]) == len(paper.authors)
