from collections.abc import Callable
from datetime import date, datetime

import pytest

from papers.editions.entries import standing
from papers.ingest.saving import Report, save
from papers.models import Edition, EditionEntry, EntryReason, Paper
from papers.records import PaperRecord

Make = Callable[..., PaperRecord]
DAYS = {day: date(2026, 6, day) for day in range(20, 31)}
pytestmark = pytest.mark.django_db


def entries() -> dict[int, str]:
    return {entry.edition.date.day: entry.reason for entry in EditionEntry.objects.select_related("edition")}


@pytest.mark.parametrize(
    ("announced_on", "listed_on", "expected"),
    [
        (None, None, {}),
        (26, None, {26: "announced"}),
        (None, 26, {26: "took off"}),
        (25, 26, {25: "announced", 26: "took off"}),
        (26, 26, {26: "announced"}),
        (26, 25, {26: "announced"}),
    ],
)
def test_a_paper_stands_where_it_was_announced_and_where_it_took_off_later(
    announced_on: int | None, listed_on: int | None, expected: dict[int, str]
) -> None:
    found = standing(announced_on and DAYS[announced_on], listed_on and DAYS[listed_on])
    assert {day.day: reason.value for day, reason in found.items()} == expected


def test_a_later_listing_gives_one_more_entry_and_further_ones_none(
    announced: Make, listed: Make, now: datetime
) -> None:
    save([announced(announced_on=DAYS[24])], now)
    assert save([listed(listed_on=DAYS[26])], now).entries == 1
    assert save([listed(listed_on=DAYS[29])], now).entries == 0
    assert entries() == {24: "announced", 26: "took off"}


def test_a_listed_paper_whose_announcement_is_learned_later_is_announced_on_that_day(
    announced: Make, listed: Make, now: datetime
) -> None:
    save([listed(listed_on=DAYS[26])], now)
    save([announced(announced_on=DAYS[26])], now)
    assert entries() == {26: "announced"}


def test_an_entry_moves_with_its_date(announced: Make, now: datetime) -> None:
    save([announced(announced_on=DAYS[26])], now)
    save([announced(announced_on=DAYS[24])], now)
    assert entries() == {24: "announced"}


def test_an_entry_that_a_curator_decided_about_stays_and_gets_no_twin(announced: Make, now: datetime) -> None:
    save([announced(announced_on=DAYS[26])], now)
    EditionEntry.objects.update(hidden=True)
    save([announced(announced_on=DAYS[24])], now)
    assert entries() == {26: "announced"}


def test_an_entry_made_by_hand_stays(announced: Make, listed: Make, now: datetime) -> None:
    save([announced(announced_on=DAYS[24])], now)
    by_hand = Edition.objects.create(date=DAYS[30])
    EditionEntry.objects.create(edition=by_hand, paper=Paper.objects.get(), reason=EntryReason.TOOK_OFF)
    assert save([announced(announced_on=DAYS[24], version=2)], now) == Report(updated=1)
    assert entries() == {24: "announced", 30: "took off"}


def test_a_papers_candidacy_follows_its_editions(announced: Make, listed: Make, now: datetime) -> None:
    save([announced("2606.00001", announced_on=DAYS[20]), announced("2606.00002", announced_on=DAYS[29])], now)
    save([announced("2606.00003", announced_on=DAYS[20]), listed("2606.00003", listed_on=DAYS[30])], now)
    found = Paper.objects.candidates(DAYS[30], days=3).order_by("identifier")
    assert [paper.identifier for paper in found] == ["2606.00002", "2606.00003"]
