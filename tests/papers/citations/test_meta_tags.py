"""What a paper's page tells Google Scholar and Zotero, read by the rules of these, with readers of our own making.

Zotero reads COinS first: `parse_qs` is what its own parser does to a context object; its own translators read our pages
in test_zotero.py, where they are there. For Highwire's tags the rules are those of Google Scholar's guide for
webmasters: a title, an author for each author and a date are required.
"""

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs

import pytest
from django.test import Client

from papers.citations.meta_tags import MOST_AUTHORS, coins, tags
from papers.models import Paper
from tests.papers.citations.test_formats import ALL, ARTICLE, ELSEWHERE, PREPRINT

Fields = dict[str, list[str]]


class Told(HTMLParser):
    """The meta elements of a page, and the titles of its context objects."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Fields = {}
        self.context_objects: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "meta" and "content" in found:
            self.tags.setdefault(found.get("name") or found.get("property", ""), []).append(found["content"])
        if found.get("class") == "Z3988":
            self.context_objects.append(found["title"])


def told(fields: dict[str, object]) -> Fields:
    found: Fields = {}
    for name, content in tags(Paper(**fields)):
        found.setdefault(name.removeprefix("citation_"), []).append(content)
    return found


def context(fields: dict[str, object]) -> Fields:
    return parse_qs(coins(Paper(**fields)), strict_parsing=True)


def test_the_tags_of_a_preprint() -> None:
    assert told(PREPRINT) == {
        "title": ["Norms of Lₚ spaces: 100% of R&D"],
        "author": ["Müller, José", "van der Ek, Bo Jr.", "The ATLAS Collaboration", "王小明"],
        "publication_date": ["2026/06/01"],
        "online_date": ["2026/06/01"],
        "abstract_html_url": ["https://arxiv.org/abs/2606.00001"],
        "arxiv_id": ["2606.00001"],
        "pdf_url": ["https://arxiv.org/pdf/2606.00001"],
    }


def test_an_article_is_dated_by_its_journal_and_online_by_its_preprint() -> None:
    found = told(ARTICLE)
    assert (found["journal_title"], found["volume"]) == (["Phys. Rev. D"], ["76"])
    assert (found["firstpage"], found["lastpage"]) == (["13"], ["19"])
    assert (found["publication_date"], found["online_date"]) == (["2007"], ["1999/01/01"])
    assert found["doi"] == ["10.1103/PhysRevD.76.013009"]


def test_proceedings_are_told_from_journals() -> None:
    found = told(ARTICLE | {"journal_ref": "Proceedings of ICML 2007"})
    assert found["conference_title"] == ["Proceedings of ICML 2007"]
    assert "journal_title" not in found


def test_a_paper_from_elsewhere_has_no_file_that_we_know_of() -> None:
    assert "pdf_url" not in told(ELSEWHERE)
    assert "arxiv_id" not in told(ELSEWHERE)


@pytest.mark.parametrize("fields", [PREPRINT, ARTICLE])
def test_google_scholar_finds_what_it_requires(fields: dict[str, object]) -> None:
    found = told(fields)
    assert len(found["title"]) == len(found["publication_date"]) == 1
    assert len(found["author"]) == len(fields["authors"])
    assert all(re.fullmatch(r"\d{4}(/\d{2}/\d{2})?", day) for day in found["publication_date"] + found["online_date"])


def test_the_context_object_of_a_preprint_is_of_zoteros_own_type() -> None:
    found = context(PREPRINT)
    assert found["ctx_ver"] == ["Z39.88-2004"]
    assert found["rft_val_fmt"] == ["info:ofi/fmt:kev:mtx:dc"]
    assert found["rft.type"] == ["preprint"]
    assert found["rft.title"] == ["Norms of Lₚ spaces: 100% of R&D"]
    assert found["rft.au"][0] == "Müller, José"
    assert found["rft.date"] == ["2026-06-01"]
    assert found["rft_id"] == ["info:arxiv/2606.00001"]
    assert found["rft.identifier"] == ["https://arxiv.org/abs/2606.00001"]


def test_the_context_object_of_an_article_and_of_proceedings() -> None:
    found = context(ARTICLE)
    assert (found["rft_val_fmt"], found["rft.genre"]) == (["info:ofi/fmt:kev:mtx:journal"], ["article"])
    assert found["rft.jtitle"] + found["rft.volume"] + found["rft.spage"] == ["Phys. Rev. D", "76", "13"]
    assert "info:doi/10.1103/PhysRevD.76.013009" in found["rft_id"]
    paper = context(ARTICLE | {"journal_ref": "Proceedings of ICML 2007"})
    assert (paper["rft_val_fmt"], paper["rft.genre"]) == (["info:ofi/fmt:kev:mtx:book"], ["proceeding"])
    assert paper["rft.btitle"] == ["Proceedings of ICML 2007"]


@pytest.mark.django_db
@pytest.mark.parametrize("fields", ALL)
def test_the_page_tells_both_and_in_both_the_same_work(client: Client, fields: dict[str, object]) -> None:
    paper = Paper.objects.create(**fields)
    found = Told(client.get(paper.get_absolute_url()).content.decode())
    assert found.tags["citation_title"] == [paper.shown_title]
    assert found.context_objects == [coins(paper)]
    assert found.tags["citation_author"] == parse_qs(found.context_objects[0])["rft.au"]


def test_of_thousands_of_authors_a_hundred_are_told() -> None:
    many = PREPRINT | {"authors": [f"A{number} Ek" for number in range(3_000)]}
    assert len(told(many)["author"]) == len(context(many)["rft.au"]) == MOST_AUTHORS
