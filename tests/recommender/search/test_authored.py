from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from papers.models import Paper
from recommender.search import authored as module
from recommender.search.authored import authored
from tests.recommender.conftest import TODAY

pytestmark = pytest.mark.django_db
Make = Callable[..., Paper]


def found(name: str, limit: int = 10) -> list[str]:
    return [paper.identifier for paper in authored(name, limit)]


@pytest.mark.parametrize(
    ("printed", "typed"),
    [
        ("Yann LeCun", "LeCun, Yann"),
        ("Émilie du Châtelet", "emilie du chatelet"),
        ("Jörg Müller", "Joerg Mueller"),
        ("Joerg Mueller", "Jörg Müller"),
        ("Wei-Hsiang Chen", "Weihsiang Chen"),
        ("Grace B. Hopper", "Grace Hopper"),
        ("Hans Christian Ørsted", "Orsted, H. C."),
    ],
)
def test_a_name_is_found_as_people_write_it(make_paper: Make, printed: str, typed: str) -> None:
    mine, _ = make_paper(1, authors=["Ada Lovelace", printed]), make_paper(2, authors=["Ada Lovelace"])
    assert found(typed) == [mine.identifier]


def test_another_first_name_is_another_person(make_paper: Make) -> None:
    make_paper(1, authors=["Ada Lovelace"])
    assert found("Mary Lovelace") == []


def test_the_newest_come_first_and_no_more_than_wanted(make_paper: Make) -> None:
    papers = [make_paper(number, authors=["Ada Lovelace"], day=TODAY - timedelta(days=number)) for number in range(5)]
    assert found("Ada Lovelace", 3) == [paper.identifier for paper in papers[:3]]


def test_a_withdrawn_paper_is_left_out(make_paper: Make) -> None:
    make_paper(1, authors=["Ada Lovelace"], withdrawn_on=TODAY)
    kept = make_paper(2, authors=["Ada Lovelace"])
    assert found("Ada Lovelace") == [kept.identifier]


@pytest.mark.parametrize("name", ["", "…", "A" * 100_000, "x " * 10_000, "<script>", "李"])
def test_an_odd_name_finds_nothing(make_paper: Make, name: str) -> None:
    make_paper(1, authors=["Ada Lovelace"])
    assert found(name) == []


def test_of_a_very_common_surname_the_newest_are_read(
    make_paper: Make, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(module, "MOST_READ", 3)
    for number in range(6):
        make_paper(number, authors=["Wei Zhang"], day=TODAY - timedelta(days=number))
        make_paper(10 + number, authors=["Li Zhang"])
    found("Wei Zhang")
    with django_assert_max_num_queries(8):
        assert found("Wei Zhang") == ["2606.00000", "2606.00001", "2606.00002"]
