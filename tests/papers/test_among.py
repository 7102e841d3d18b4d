"""Many keys in one query: those that are named, and for the shorter one some of their neighbours."""

import pytest

from papers.among import FEW, GAP, around
from papers.models import Paper

pytestmark = pytest.mark.django_db


def found(*numbers: int) -> set[int]:
    return set(around(Paper.objects.all(), "id", numbers).values_list("pk", flat=True))


@pytest.fixture
def keys() -> list[int]:
    papers = Paper.objects.bulk_create(Paper(identifier=f"2606.{number:05d}") for number in range(4 * GAP))
    return [paper.pk for paper in papers]


def test_whatever_the_numbers_are_each_of_them_is_found(keys: list[int]) -> None:
    for some in (keys[:1], keys[::3], keys[:FEW] + keys[-1:], [keys[0], keys[-1]]):
        assert set(some) <= found(*some)


def test_numbers_that_lie_apart_bring_no_others(keys: list[int]) -> None:
    assert found(keys[0], keys[-1]) == {keys[0], keys[-1]}


def test_between_two_clusters_nothing_is_found(keys: list[int]) -> None:
    first, last = keys[:FEW], keys[-FEW:]
    assert found(*last, *first) == {*first, *last}


def test_no_numbers_find_nothing(keys: list[int]) -> None:
    assert found() == set()
