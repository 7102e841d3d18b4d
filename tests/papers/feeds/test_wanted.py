from datetime import UTC, datetime, timedelta

import pytest

from papers.feeds import wanted
from papers.models import Paper, WantedPaper

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 11, tzinfo=UTC)
DAY = timedelta(days=1)


def test_papers_that_we_lack_are_noted_once_however_they_are_written() -> None:
    Paper.objects.create(identifier="2606.00001", title="Here", abstract="…")
    assert wanted.want(["2606.00001v3", "arXiv:2606.00002v1", "2606.00002", "doi:10.1101/12", "nonsense"], NOW) == 1
    assert list(WantedPaper.objects.values_list("identifier", "unknown")) == [("2606.00002", False)]


def test_wanting_again_what_waits_already_changes_nothing() -> None:
    wanted.want(["2606.00002"], NOW)
    wanted.want(["2606.00002"], NOW + DAY)
    assert wanted.waiting(NOW + DAY, 10) == ["2606.00002"]


def test_of_one_call_no_more_are_noted_than_the_limit() -> None:
    assert wanted.want([f"2606.{number:05}" for number in range(wanted.MOST + 9)], NOW) == wanted.MOST
    assert WantedPaper.objects.count() == wanted.MOST


def test_those_never_asked_for_come_first_and_then_the_longest_wanted() -> None:
    for day, number in enumerate((5, 4, 3)):
        wanted.want([f"2606.0000{number}"], NOW + day * DAY)
    wanted.note_answer(["2606.00005"], [], NOW + 2 * DAY)
    assert wanted.waiting(NOW + 10 * DAY, 10) == ["2606.00004", "2606.00003", "2606.00005"]
    assert wanted.waiting(NOW + 10 * DAY, 1) == ["2606.00004"]


def test_a_paper_that_arrived_by_another_way_is_struck_off() -> None:
    wanted.want(["2606.00002"], NOW)
    Paper.objects.create(identifier="2606.00002", title="Here", abstract="…")
    assert wanted.waiting(NOW, 10) == []
    assert not WantedPaper.objects.exists()


@pytest.mark.parametrize(
    ("days", "waits"), [(1, False), (6, False), (8, True), (29, True), (31, False)], ids=lambda value: str(value)
)
def test_what_arxiv_did_not_know_is_asked_for_again_a_week_later_and_for_a_month(days: int, waits: bool) -> None:
    wanted.want(["2606.00002"], NOW)
    wanted.note_answer(["2606.00002"], [], NOW)
    assert bool(wanted.waiting(NOW + days * DAY, 10)) == waits


def test_after_the_month_it_is_asked_for_when_it_is_wanted_again() -> None:
    wanted.want(["2606.00002"], NOW)
    wanted.note_answer(["2606.00002"], [], NOW)
    assert wanted.want(["2606.00002"], NOW + DAY) == 0
    assert wanted.want(["2606.00002"], NOW + 60 * DAY) == 1


def test_people_are_told_of_named_papers_that_we_lack_and_of_no_others() -> None:
    Paper.objects.create(identifier="2606.00001", title="Here", abstract="…")
    wanted.want(["2606.00002", "2606.00003"], NOW)
    wanted.note_answer(["2606.00003"], [], NOW)
    named = ["2606.00001", "2606.00002", "2606.00003", "2606.00004"]
    assert wanted.standing(named) == wanted.Standing(looked_up=("2606.00002",), unknown=("2606.00003",))
