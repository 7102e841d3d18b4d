"""What phrases and operators find among stored papers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from papers.models import Paper
from recommender.index import choice
from recommender.search import conditions, finding, hits, ranks
from recommender.search.filters import Filters
from recommender.search.ranks import Examples
from tests.recommender.conftest import TODAY
from tests.recommender.search.vectors import stored

pytestmark = pytest.mark.django_db
MakePaper = Callable[..., Paper]


@pytest.fixture
def papers(make_paper: MakePaper) -> list[Paper]:
    return [
        make_paper(1, "Robot arms", abstract="A survey of grasping.", authors=["Ada Lovelace"], categories=["cs.RO"]),
        make_paper(2, "Robot legs", abstract="Walking robots.", authors=["Grace Lovelace"], categories=["cs.LG"]),
        make_paper(3, "Arms race", abstract="Robot games.", authors=["Hans C. Ørsted"], categories=["econ.TH"]),
        make_paper(
            4,
            "Old robots",
            abstract="Nothing new.",
            authors=["Michael O'Brien"],
            categories=["cs.RO", "stat.ML"],
            day=TODAY - timedelta(days=300),
            github_repo="a/b",
        ),
        make_paper(5, "Withdrawn robots", authors=["Ada Lovelace"], withdrawn_on=TODAY),
    ]


def found(asked: str, **how: Any) -> list[int]:
    """The numbers of the papers that a query finds, in order of number."""
    return sorted(int(hit.paper.identifier[-1]) for hit in finding.search(asked, **how).hits)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ("author:lovelace", [1, 2]),
        ('author:"Ada Lovelace"', [1]),
        ('author:"A. Lovelace"', [1]),
        ("author:ada", [1]),
        ("author:Orsted", [3]),
        ('author:"Hans C. Orsted"', [3]),
        ('author:"Michael O\'Brien"', [4]),
        ("author:lovelace author:ada", [1]),
        ("author:nobody", []),
        ("-author:lovelace", [3, 4]),
        ('robots -author:"Ada Lovelace"', [2, 3, 4]),
        ("title:robots", [1, 2, 4]),
        ('title:"arms race"', [3]),
        ("title:games", []),
        ("-title:robot", [3]),
        ("cat:cs.RO", [1, 4]),
        ("cat:CS.ro", [1, 4]),
        ("cat:cs", [1, 2, 4]),
        ("cat:stat cat:cs", [4]),
        ("-cat:cs", [3]),
        ("robots -survey", [2, 3, 4]),
        ('robots -"robot games"', [1, 2, 4]),
        ('"walking robots"', [2]),
        ("after:2026", [1, 2, 3]),
        ("before:2026", [4]),
        ("robots before:2026", [4]),
        ("has:code", [4]),
        ("-has:code after:2025", [1, 2, 3]),
        ("auther:lovelace", []),
        ("robots after:yesterday", [1, 2, 3, 4]),
    ],
)
def test_an_operator_finds_what_it_says(papers: list[Paper], asked: str, numbers: list[int]) -> None:
    assert found(asked) == numbers


def test_operators_alone_list_the_newest_papers_first(papers: list[Paper], make_paper: MakePaper) -> None:
    make_paper(6, "Tomorrow", authors=["Ada Lovelace"], day=TODAY + timedelta(days=1))
    results = finding.search("author:lovelace")
    assert ([hit.paper.identifier[-1] for hit in results.hits], results.how) == (["6", "2", "1"], "day")
    assert [hit.paper.identifier[-1] for hit in finding.search("author:lovelace", limit=1, offset=1).hits] == ["2"]


def test_filters_alone_list_papers_too(papers: list[Paper]) -> None:
    assert found("", filters=Filters(category="cs.RO")) == [1, 4]
    assert found("") == []


def test_the_narrower_of_filter_and_operator_holds(papers: list[Paper]) -> None:
    assert found("after:2020", filters=Filters(since=TODAY)) == [1, 2, 3]
    assert found("after:2026-06-30", filters=Filters(since=TODAY - timedelta(days=999))) == [1, 2, 3]


def test_a_paper_whose_authors_or_title_change_is_found_anew(papers: list[Paper]) -> None:
    assert found("author:curie") == []
    papers[0].authors, papers[0].title = ["Marie Curie"], "Radium"
    papers[0].save()
    assert found("author:curie title:radium") == [1]
    assert found("author:ada") == []


def test_what_was_not_understood_is_told_with_the_results(papers: list[Paper]) -> None:
    results = finding.search("robots after:yesterday")
    assert "after:yesterday" in results.notes[0]
    assert results.hits


def test_examples_lead_a_search_and_are_no_results(papers: list[Paper]) -> None:
    stored(papers, [(1, 0), (0.8, 0.6), (0, 1), (0.6, -0.8)])
    liked = finding.search("", examples=Examples([papers[0]], []))
    assert [hit.paper for hit in liked.hits] == [papers[1], papers[3], papers[2]]
    moved = finding.search("", examples=Examples([papers[0]], [papers[1]]))
    assert [hit.paper for hit in moved.hits] == [papers[3], papers[2]]


def test_examples_are_narrowed_by_operators(papers: list[Paper]) -> None:
    stored(papers, [(1, 0), (0.8, 0.6), (0, 1), (0.6, -0.8)])
    assert found("cat:cs", examples=Examples([papers[0]])) == [2, 4]


def test_examples_turn_the_meaning_of_a_query(papers: list[Paper]) -> None:
    model = stored(papers, [(1, 0), (0, 1)])
    query = ranks.Meaning(model, papers_vector(papers[0]))
    towards = Examples([papers[1]]).moved(model, query.vector)
    away = Examples(unlike=[papers[1]]).moved(model, query.vector)
    assert towards is not None
    assert away is not None
    assert towards.tolist() == [1.0, ranks.LIKE]
    assert away.tolist() == [1.0, -ranks.UNLIKE]


def papers_vector(paper: Paper) -> Any:
    return paper.vectors.get().vector


def test_the_sentence_with_most_words_of_the_query_is_told_without_vectors(make_paper: MakePaper) -> None:
    make_paper(1, "Arms", abstract="Robots are everywhere today. We teach robots to grasp fragile cups. That is all.")
    (hit,) = finding.search("how to grasp a cup").hits
    assert hit.sentence == "We teach robots to grasp fragile cups."


def test_one_chance_word_marks_no_sentence(make_paper: MakePaper) -> None:
    make_paper(1, "Arms", abstract="Robots are everywhere today. That is all there is to say.")
    (hit,) = finding.search("robots that learn from people").hits
    assert hit.sentence == ""


def test_what_a_query_finds_outlives_a_restart(papers: list[Paper]) -> None:
    choice.warm_up()
    choice.forget()
    assert found("author:ada title:robot") == [1]


def test_a_name_that_is_printed_in_one_word_is_found_in_two(make_paper: MakePaper) -> None:
    make_paper(1, "Arms", authors=["Weihsiang Lin"])
    assert found('author:"Weihsiang Lin"') == [1]
    assert found('author:"W. Lin"') == [1]


def test_no_more_than_so_many_papers_are_looked_through_and_that_is_told(
    papers: list[Paper], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (found('"robot games"'), finding.search('"robot games"').note) == ([3], finding.AWAY)
    monkeypatch.setattr(conditions, "MOST_LOOKED_AT", 1)
    monkeypatch.setattr(hits, "SPARE", 0)
    results = finding.search('robot -"robot games"', limit=1, offset=2)
    assert (results.hits, results.note) == ([], finding.MORE)
