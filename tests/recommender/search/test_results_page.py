"""Results of a search on its page: marked sentences, papers that lead it, alerts, and what to do without results."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

import numpy as np
import pytest
from django.test import Client
from django.utils.html import escape

from papers.models import Paper, Topic
from recommender.embedding.sentence_vectors import kept
from recommender.models import PaperSentences
from recommender.search.hits import Hit
from recommender.search.ranks import Meaning
from recommender.search.sentences import LENGTH, answered, passage
from recommender.vectors import pack
from tests.recommender.search.vectors import stored

pytestmark = pytest.mark.django_db
MakePaper = Callable[..., Paper]
ABSTRACT = "Robots fall often. We teach robots to keep their balance on ice. They fall half as often."


def page_of(client: Client, query: dict[str, Any] | str, **headers: str) -> str:
    response = (
        client.get("/search/", query, headers=headers) if isinstance(query, dict) else client.get(f"/search/{query}")
    )
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def papers(make_paper: MakePaper) -> list[Paper]:
    papers = [
        make_paper(number, f"Robot {number}", abstract=ABSTRACT, authors=["Ada Lovelace"]) for number in (1, 2, 3)
    ]
    stored(papers, [(1, 0), (0.8, 0.6), (0, 1)])
    return papers


def test_the_sentence_with_the_words_of_the_query_is_marked(client: Client, papers: list[Paper]) -> None:
    page = page_of(client, {"q": "keep balance"})
    marked_sentence = '<mark dir="auto">We teach robots to keep their balance on ice.</mark>'
    assert f"Robots fall often. {marked_sentence} They fall" in page


def test_the_sentence_nearest_in_meaning_is_told_where_sentences_have_vectors(
    make_paper: MakePaper, papers: list[Paper]
) -> None:
    model = papers[0].vectors.get().model
    texts = ABSTRACT.replace(". ", ".|").split("|")
    vectors = pack(np.array([[1, 0], [0, 1], [0.6, 0.8]], dtype=np.float32))
    kept.clear()
    PaperSentences.objects.create(paper=papers[0], model=model, texts=texts, vectors=vectors, text_hash=b"a")
    hits = [Hit(papers[0], 1.0), Hit(papers[1], 1.0)]
    told = answered(hits, "balance ice", Meaning(model, np.array([0.0, 1.0], dtype=np.float32)))
    kept.clear()
    assert [hit.sentence for hit in told] == [texts[1], texts[1]]
    away = answered(hits[:1], "anything", Meaning(model, np.array([1.0, 0.0], dtype=np.float32)))
    assert away[0].sentence == texts[0]


def test_marked_text_is_text(client: Client, make_paper: MakePaper) -> None:
    nasty = "We grasp <b>cups</b> & balance <script>alert(1)</script> cups."
    make_paper(9, "Cups", abstract=nasty)
    assert f'<mark dir="auto">{escape(nasty)}</mark>' in page_of(client, {"q": "grasp cups"})


@pytest.mark.parametrize("position", [0, 3, 9])
def test_a_marked_sentence_stands_within_so_much_of_a_long_abstract(make_paper: MakePaper, position: int) -> None:
    sentences = [f"Sentence number {number} of some length says a thing and another one." for number in range(10)]
    paper = make_paper(1, abstract=" ".join(sentences))
    shown = passage(paper, sentences[position])
    assert shown is not None
    whole = shown.before + shown.sentence + shown.after
    assert shown.sentence == sentences[position]
    assert len(whole) <= LENGTH + 4
    assert whole.replace("…", "").strip() in paper.abstract


def test_a_sentence_that_the_abstract_no_longer_has_marks_nothing(papers: list[Paper]) -> None:
    assert passage(papers[0], "Not there.") is None
    assert passage(papers[0], "") is None


def test_each_result_has_buttons_that_add_it_to_the_address(client: Client, papers: list[Paper]) -> None:
    page = page_of(client, {"q": "robot"})
    assert page.count('form="search" name="like" value="2606.0000') == 3
    assert page.count('form="search" name="unlike" value="2606.0000') == 3


def test_chosen_papers_are_listed_kept_and_taken_back_one_by_one(client: Client, papers: list[Paper]) -> None:
    page = page_of(client, "?q=robot&like=2606.00001&like=arXiv:2606.00002v2&unlike=2606.00003&page=2")
    assert page.count('<input type="hidden" form="search" name="like"') == 2
    assert '<input type="hidden" form="search" name="unlike" value="2606.00003">' in page
    back = [
        parse_qs(unquote(href.replace("&amp;", "&"))[1:]) for href in re.findall(r'nofollow"\s+href="(\?[^"]*)"', page)
    ]
    assert back[0] == {"q": ["robot"], "like": ["arXiv:2606.00002v2"], "unlike": ["2606.00003"]}
    assert back[2] == {"q": ["robot"], "like": ["2606.00001", "arXiv:2606.00002v2"]}


def test_what_is_liked_comes_near_and_what_is_not_goes_away(client: Client, papers: list[Paper]) -> None:
    page = page_of(client, "?like=2606.00001")
    assert page.index("Robot 2</bdi></a></h3>") < page.index("Robot 3</bdi></a></h3>")
    assert "Robot 1</bdi></a></h3>" not in page


def test_a_liked_paper_that_was_not_read_yet_leads_nowhere_and_that_is_told(
    client: Client, papers: list[Paper], make_paper: MakePaper
) -> None:
    make_paper(9, "New")
    page = page_of(client, "?like=2606.00009")
    assert "Nothing is known yet of what is near to this paper" in page
    assert '<article class="card' not in page


def test_a_script_that_likes_a_paper_finds_the_focus_on_it(client: Client, papers: list[Paper]) -> None:
    asked = {"like": "2606.00001", "q": "robot"}
    assert "autofocus" in page_of(client, asked, **{"HX-Request": "true", "HX-Trigger-Name": "like"})
    assert "autofocus" not in page_of(client, asked, **{"HX-Request": "true", "HX-Trigger-Name": "q"})


@pytest.mark.parametrize(
    "odd",
    [
        "?like=%F0%9F%92%A9",
        "?like=&unlike=",
        "?q=robot&like=" + "x" * 5000,
        "?like=2606.00001" * 50,
        "?unlike=2606.00001",
    ],
)
def test_odd_examples_are_no_error(client: Client, papers: list[Paper], odd: str) -> None:
    page_of(client, odd)


@pytest.mark.parametrize(
    "odd",
    ["author:", '"' * 500, "-" * 500, "author:" * 70, "a" * 10_000, "title:\u200f", "after:0000", ":" * 300, "cat:🤖"],
)
def test_odd_queries_are_no_error(client: Client, papers: list[Paper], odd: str) -> None:
    page_of(client, {"q": odd})


def test_a_query_with_nul_is_refused(client: Client) -> None:
    assert client.get("/search/?q=author:%00").status_code == 400


def test_an_operator_that_means_nothing_is_told_as_text(client: Client, papers: list[Paper]) -> None:
    page = page_of(client, {"q": "robot after:<b>"})
    assert "“after:&lt;b&gt;” was left out" in page


@pytest.mark.parametrize(
    ("asked", "link"),
    [
        ("?q=robot+legs", "text=robot+legs"),
        ('?q=author:"Ada+Lovelace"+robot', "text=robot&amp;author=Ada+Lovelace"),
        ("?like=2606.00001", "like=2606.00001"),
        ("?q=2606.00001", "like=2606.00001"),
        ("?q=robot&topic=robots", "text=robot&amp;topic=robots"),
    ],
)
def test_a_search_leads_to_a_sign_up_for_it(
    client: Client, papers: list[Paper], make_topic: Callable[..., Topic], asked: str, link: str
) -> None:
    make_topic("Robots")
    page = page_of(client, asked)
    assert f'href="/subscribe/?{link}"' in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("?q=zebra&code=1", "Search without the filters"),
        ("?q=author:nobody+robot", "Search for the words alone"),
        ("?q=zebra", "Get a mail when there is one"),
        ("?q=robot&page=9", "Back to the first page"),
        ("?q=2001.00001", "See 2001.00001 on arXiv"),
        ("?code=1", "No paper matches with the chosen filters"),
    ],
)
def test_where_nothing_is_found_the_page_says_what_to_do_next(
    client: Client, papers: list[Paper], asked: str, words: str
) -> None:
    assert words in page_of(client, asked)


def test_the_page_documents_every_operator(client: Client) -> None:
    page = page_of(client, {})
    for example in ("-survey", "title:", "author:", "cat:", "after:", "before:", "has:code", "graph neural"):
        assert example in page


def test_a_page_of_results_costs_the_same_number_of_queries_for_any_number_of_them(
    client: Client, papers: list[Paper], make_paper: MakePaper, django_assert_num_queries: Any
) -> None:
    asked = "?q=robot+author:lovelace&like=2606.00001&unlike=2606.00002"
    page_of(client, asked)
    with django_assert_num_queries(12):
        page_of(client, asked)
    for number in range(10, 40):
        make_paper(number, f"Robot {number}", authors=["Ada Lovelace"])
    page_of(client, asked)
    with django_assert_num_queries(12):
        page_of(client, asked)
