"""What programs get from the API."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from papers.models import Alias, Edition, Paper
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


def ids(answer: dict[str, Any]) -> list[str]:
    return [paper["id"] for paper in answer["papers"]]


def identifier(number: int) -> str:
    return f"2606.{number:05d}"


def whole(ask: Ask, path: str, **parameters: Any) -> list[str]:
    """All pages of a list, one after the other."""
    found, cursor = [], ""
    while cursor is not None:
        page = ask(path, cursor=cursor, **parameters)
        found, cursor = found + ids(page), page["next"]
    return found


def test_a_paper_is_told_with_its_newest_counts(ask: Ask, site: list[Paper]) -> None:
    paper = ask("papers/2606.00001")
    assert (paper["title"], paper["upvotes"], paper["stars"], paper["trend"]) == ("Robot 01", 7, None, 0.1)
    assert paper["page_url"].endswith("/papers/2606.00001/")
    assert paper["source_url"] == "https://arxiv.org/abs/2606.00001"


@pytest.mark.parametrize("name", ["2606.00001", "arXiv:2606.00001v3", "doi:10.1000/1", "hep-th/9901001"])
def test_a_paper_is_found_by_each_of_its_names(ask: Ask, site: list[Paper], name: str) -> None:
    for other in ("doi:10.1000/1", "hep-th/9901001"):
        Alias.objects.create(identifier=other, paper=site[0])
    assert ask(f"papers/{name}")["id"] == "2606.00001"
    assert ids(ask("papers", id=name)) == ["2606.00001"]


def test_papers_come_in_the_order_asked_for_and_unknown_ones_are_named(ask: Ask, site: list[Paper]) -> None:
    answer = ask("papers", id=["2606.00003", "2606.00001v2", "2001.00001", "https://arxiv.org/abs/2606.00003"])
    assert ids(answer) == ["2606.00003", "2606.00001"]
    assert answer["unknown"] == ["2001.00001"]


def test_trending_is_what_the_front_page_shows_in_its_order(ask: Ask, site: list[Paper]) -> None:
    assert ids(ask("trending")) == [identifier(number) for number in (6, 5, 4, 3, 2, 1)]
    assert ids(ask("trending", span="week")) == [identifier(number) for number in (6, 5, 4, 3, 2, 1, 12, 11, 10, 9)]


def test_trending_is_narrowed_by_field_and_topic(ask: Ask, site: list[Paper]) -> None:
    assert ids(ask("trending", field="cs")) == [identifier(number) for number in (5, 3, 1)]
    assert ids(ask("trending", topic="robots", field="cs")) == [identifier(3), identifier(1)]
    assert ids(ask("trending", field="nothing")) == []


@pytest.mark.parametrize(("path", "parameters"), [("trending", {"span": "week"}), ("editions/2026-06-30", {})])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_of_any_size_make_up_the_whole_list(
    ask: Ask, site: list[Paper], path: str, parameters: dict[str, str], limit: int
) -> None:
    assert whole(ask, path, limit=limit, **parameters) == ids(ask(path, limit=50, **parameters))


def test_a_paper_that_comes_in_while_somebody_pages_moves_nothing(
    ask: Ask, site: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    first = ask("trending", span="week", limit=3)
    make_paper(50, field="cs", trend=0.9)
    assert ids(ask("trending", span="week", limit=3, cursor=first["next"])) == [identifier(n) for n in (3, 2, 1)]


def test_an_edition_that_comes_while_somebody_pages_begins_no_other_list(
    ask: Ask, site: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    first = ask("trending", limit=3)
    for number in range(50, 70):
        make_paper(number, day=TODAY.replace(month=7, day=1), trend=0.01)
    assert ids(ask("trending", limit=3, cursor=first["next"])) == [identifier(n) for n in (3, 2, 1)]


def test_editions_are_listed_newest_first_with_what_they_show(ask: Ask, site: list[Paper]) -> None:
    Edition.objects.create(date=TODAY.replace(day=1), note="Nothing came.")
    first = ask("editions", limit=1)
    assert first["editions"] == [{"date": "2026-06-30", "note": None, "papers": 6}]
    second = ask("editions", limit=1, cursor=first["next"])
    assert (second["editions"][0]["date"], second["next"]) == ("2026-06-29", None)


def test_an_edition_has_its_papers_and_the_curators_word(ask: Ask, site: list[Paper]) -> None:
    answer = ask("editions/2026-06-30")
    assert (answer["edition"]["date"], len(answer["papers"])) == ("2026-06-30", 6)
    assert (answer["papers"][0]["featured"], answer["papers"][0]["note"]) == (True, "Read this one.")


def test_topics_say_how_many_recent_papers_they_have(ask: Ask, site: list[Paper]) -> None:
    (topic,) = ask("topics")["topics"]
    assert (topic["slug"], topic["recent_papers"], topic["categories"]) == ("robots", 3, ["cs.RO"])


def test_a_search_gives_hits_and_says_how_they_were_found(ask: Ask, site: list[Paper]) -> None:
    answer = ask("search", q="robot", category="cs.RO")
    assert {hit["paper"]["categories"][0] for hit in answer["hits"]} == {"cs.RO"}
    assert answer["how"] == "words"
    assert "by their words alone" in answer["notes"][0]


def test_a_search_may_name_operators_or_nothing_but_examples(ask: Ask, site: list[Paper]) -> None:
    answer = ask("search", q="author:lovelace cat:cs after:soon")
    assert (answer["hits"][0]["paper"]["field"], answer["how"]) == ("cs", "day")
    assert "after:soon" in answer["notes"][0]
    assert ask("search", like=identifier(1))["hits"] == ask("search")["hits"] == []


def test_pages_of_a_search_are_what_there_was_when_it_began(
    ask: Ask, site: list[Paper], make_paper: Callable[..., Paper]
) -> None:
    at_once = [hit["paper"]["id"] for hit in ask("search", q="robot", limit=50)["hits"]]
    first = ask("search", q="robot", limit=4)
    make_paper(60, "Robot robot robot")
    second = ask("search", q="robot", limit=50, cursor=first["next"])
    assert [hit["paper"]["id"] for hit in first["hits"] + second["hits"]] == at_once
    assert second["next"] is None


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("papers/2606.00001", 3),
        ("papers?id=2606.00001&id=2606.00002", 4),
        ("trending?span=month&topic=robots", 6),
        ("editions", 2),
        ("editions/2026-06-30", 5),
        ("topics", 2),
    ],
)
def test_the_number_of_queries_is_the_same_for_any_number_of_papers(
    client: Client, site: list[Paper], django_assert_num_queries: Any, path: str, queries: int
) -> None:
    with django_assert_num_queries(queries):
        client.get(f"/api/v1/{path}")
