"""The search page. Without a serving model it finds by words, and says so."""

from datetime import date

import numpy as np
import pytest
from django.test import Client
from django.utils.html import escape

from papers.models import Paper, Topic
from papers.text.plain import title_key, to_unicode
from recommender.models import EmbeddingModel, PaperTopic, PaperVector

pytestmark = pytest.mark.django_db


@pytest.fixture
def papers() -> list[Paper]:
    Topic.objects.create(slug="robots", name="Robots", field="cs", description="Arms.", categories=["cs.RO", "cs.LG"])
    return [
        Paper.objects.create(
            identifier=f"2606.{number:05d}",
            title=f"Robot {number:02d}",
            abstract="How a robot keeps its balance.",
            categories=["cs.RO"] if number else ["math.CO"],
            primary_category="cs.RO" if number else "math.CO",
            announced_on=date(2026, 6, 1),
        )
        for number in range(21)
    ]


def text_of(client: Client, query: dict[str, str], **headers: str) -> str:
    response = client.get("/search/", query, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_search_explains_itself(client: Client) -> None:
    assert "Describe what you are looking for" in text_of(client, {"q": "  "})


def test_hits_have_a_title_and_an_excerpt(client: Client, papers: list[Paper]) -> None:
    page = text_of(client, {"q": "robot balance"})
    assert "Robot 20" in page
    assert "How a robot keeps its balance." in page


def test_a_search_that_fell_back_to_words_says_so(client: Client, papers: list[Paper]) -> None:
    assert "Search by meaning is away" in text_of(client, {"q": "robot"})


def test_no_hits_are_said_and_the_query_is_text(client: Client, papers: list[Paper]) -> None:
    nasty = '"><script>alert(1)</script>'
    page = text_of(client, {"q": nasty})
    assert "No paper matches" in page
    assert nasty not in page
    assert escape(nasty) in page


def test_a_very_long_query_is_cut_and_the_reader_told(client: Client, papers: list[Paper]) -> None:
    page = text_of(client, {"q": "robot " * 200})
    assert "its first 500 characters were used" in page
    assert "Robot 20" in page


def test_a_category_narrows_and_an_unknown_one_is_ignored(client: Client, papers: list[Paper]) -> None:
    assert "Robot 00" not in text_of(client, {"q": "robot", "category": "cs.RO", "page": "2"})
    assert "Robot 00" in text_of(client, {"q": "robot", "category": "nonsense", "page": "2"})


def test_a_search_is_narrowed_by_topic_dates_and_code(client: Client, papers: list[Paper]) -> None:
    Paper.objects.filter(pk=papers[3].pk).update(github_repo="https://github.com/a/b", announced_on=date(2026, 7, 1))
    PaperTopic.objects.create(paper=papers[4], topic=Topic.objects.get(), similarity=0.9)
    for chosen, title in [
        ({"code": "1"}, "Robot 03"),
        ({"since": "2026-06-15"}, "Robot 03"),
        ({"topic": "robots", "until": "2026-06-15"}, "Robot 04"),
    ]:
        page = text_of(client, {"q": "robot"} | chosen)
        assert title in page
        assert page.count('<article class="card') == 1


@pytest.mark.parametrize("odd", [{"since": "yesterday"}, {"until": "2026-13-01"}, {"topic": "?"}, {"code": "yes"}])
def test_a_filter_that_means_nothing_is_ignored(client: Client, papers: list[Paper], odd: dict[str, str]) -> None:
    assert "Robot 20" in text_of(client, {"q": "robot"} | odd)


def test_pages_keep_the_filters(client: Client, papers: list[Paper]) -> None:
    assert "since=2026-01-01" in text_of(client, {"q": "robot", "since": "2026-01-01"}).split('rel="next"')[1][:200]


def test_papers_like_one_and_unlike_another_are_shown(client: Client, papers: list[Paper]) -> None:
    model = EmbeddingModel.objects.create(name="tests", dimension=2, serving=True)
    for paper, vector in zip(papers, [(1, 0), (0.9, 0.43), (0.9, -0.43), (-1, 0)], strict=False):
        digest = {"text_hash": b"", "paper_updated_at": paper.updated_at}
        PaperVector.objects.create(paper=paper, model=model, vector=np.array(vector), **digest)
    page = text_of(client, {"like": papers[0].identifier, "unlike": f"arXiv:{papers[1].identifier}v2"})
    assert page.count('<article class="card') == 2
    assert page.index("Robot 00") < page.index("Robot 02") < page.index("Robot 03")
    assert "More like this paper" in client.get(papers[0].get_absolute_url()).content.decode()


def test_an_unknown_example_is_no_search(client: Client, papers: list[Paper]) -> None:
    assert "Describe what you are looking for" in text_of(client, {"like": "2001.00001"})


def test_more_hits_than_a_page_holds_are_paged(client: Client, papers: list[Paper]) -> None:
    assert "page=2" in text_of(client, {"q": "robot"})
    second = text_of(client, {"q": "robot", "page": "2"})
    assert 'start="21"' in second
    assert "page=3" not in second


@pytest.mark.parametrize("page", ["0", "-3", "x", "²", "999999999999"])
def test_an_odd_page_number_is_no_error(client: Client, papers: list[Paper], page: str) -> None:
    text_of(client, {"q": "robot", "page": page})


def test_an_id_finds_its_paper(client: Client, papers: list[Paper]) -> None:
    page = text_of(client, {"q": "arXiv:2606.00007v3"})
    assert "Robot 07" in page
    assert page.count('<article class="card') == 1


def test_a_script_gets_the_results_alone(client: Client, papers: list[Paper]) -> None:
    page = text_of(client, {"q": "robot"}, **{"HX-Request": "true"})
    assert "Robot 20" in page
    assert "<html" not in page


@pytest.mark.parametrize("query", ["Erdős", "erdos", "Erdos-Rényi", "RENYI"])
def test_a_name_is_found_with_and_without_its_accents(client: Client, query: str) -> None:
    title = r"On the Erd\H{o}s--R\'enyi graph"
    words = {"title": title, "plain_title": to_unicode(title), "title_key": title_key(title)}
    Paper.objects.create(identifier="2606.00099", abstract="Edges.", announced_on=date(2026, 6, 1), **words)
    assert "On the Erdős–Rényi graph" in text_of(client, {"q": query})
