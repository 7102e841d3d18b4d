"""From stored counts to stored trends."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from papers.ingest.saving import save
from papers.models import EditionEntry, FieldAttention, Paper, Signal
from papers.records import PaperRecord, SignalRecord
from papers.trends import updating

Make = Callable[..., PaperRecord]
pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
MATHS, CODE = ("math.CO",), ("cs.LG",)


def trend(identifier: str) -> float | None:
    return Paper.objects.get(identifier=identifier).trend


def trends_of(numbers: Iterable[int]) -> list[float | None]:
    return [trend(f"2606.0000{number}") for number in numbers]


def refreshed(records: list[PaperRecord], now: datetime) -> int:
    save(records, now)
    return updating.refresh(now)


def stored() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Paper, FieldAttention, EditionEntry)]


def test_papers_are_compared_within_their_field(listed: Make, now: datetime) -> None:
    records = [listed(f"2606.0000{n}", n, categories=MATHS) for n in (1, 2)]
    refreshed([*records, *(listed(f"2606.0000{n}", 100 * n, categories=CODE) for n in (3, 4))], now)
    assert trends_of([1, 2, 3, 4]) == [0.25, 0.75, 0.25, 0.75]


def test_a_paper_of_unknown_field_is_compared_with_all(listed: Make, now: datetime) -> None:
    records = [listed("2606.00001", 5, categories=MATHS), listed("2606.00002", 50, categories=CODE)]
    refreshed([*records, listed("2606.00003", 20)], now)
    assert trends_of([1, 2, 3]) == [0.5, 0.5, 0.5]
    assert list(FieldAttention.objects.values_list("field", "papers")) == [("", 3), ("cs", 1), ("math", 1)]


def test_a_paper_without_a_count_has_no_trend_and_is_not_counted(announced: Make, listed: Make, now: datetime) -> None:
    records = [listed("2606.00001", 4, categories=CODE), listed("2606.00002", None), announced("2606.00003")]
    refreshed([*records, listed("2606.00004", 9, categories=CODE)], now)
    assert trends_of([1, 2, 3, 4]) == [0.25, None, None, 0.75]


def test_a_field_without_a_count_has_no_trend(announced: Make, listed: Make, now: datetime) -> None:
    refreshed([announced("2606.00001", categories=MATHS), listed("2606.00002", 4, categories=CODE)], now)
    assert not FieldAttention.objects.filter(field="math").exists()


def test_of_equal_counts_the_newer_one_is_ahead(listed: Make, now: datetime) -> None:
    days = [now.date() - 9 * DAY, now.date()]
    refreshed([listed(f"2606.0000{n}", 20, listed_on=day) for n, day in enumerate(days)], now)
    assert trends_of([0, 1]) == [0.25, 0.75]


def test_an_older_paper_is_measured_by_those_of_the_last_14_days_and_adds_nothing(listed: Make, now: datetime) -> None:
    days = [now.date(), now.date() - 13 * DAY, now.date() - 14 * DAY]
    refreshed([listed(f"2606.0000{n}", 20, listed_on=day) for n, day in enumerate(days)], now)
    assert trends_of([0, 1, 2]) == [0.75, 0.25, pytest.approx(1 / 6)]
    assert FieldAttention.objects.get().papers == 2


def test_after_60_days_a_trend_is_lost(listed: Make, now: datetime) -> None:
    refreshed([listed("2606.00001", 20), listed("2606.00002", 30)], now)
    assert updating.refresh(now + 59 * DAY) == 2  # nobody is left to be compared with
    refreshed([listed("2608.00003", 20, listed_on=(now + 59 * DAY).date())], now + 59 * DAY)
    assert trend("2606.00001") is not None
    updating.refresh(now + 60 * DAY)
    assert trend("2606.00001") is None
    assert trend("2608.00003") == 0.5


def test_refreshing_again_changes_nothing(listed: Make, now: datetime) -> None:
    refreshed([listed("2606.00001", 1), listed("2606.00002", 5, categories=CODE)], now)
    before = stored()
    assert updating.refresh(now) == 0
    assert stored() == before


def test_what_is_lost_is_computed_again(listed: Make, now: datetime) -> None:
    refreshed([listed("2606.00001", 1), listed("2606.00002", 5)], now)
    Paper.objects.update(trend=None)
    assert updating.refresh(now) == 2
    assert trends_of([1, 2]) == [0.25, 0.75]


def test_a_trend_does_not_touch_the_time_of_the_last_update(listed: Make, now: datetime) -> None:
    save([listed("2606.00001", 1)], now)
    before = Paper.objects.get().updated_at
    Signal.objects.create(paper=Paper.objects.get(), kind="stars", value=3, observed_at=now)
    save([listed("2606.00002", 9)], now)
    updating.refresh(now + DAY)
    assert Paper.objects.get(identifier="2606.00001").updated_at == before


def test_the_number_of_queries_does_not_grow_with_the_papers(
    listed: Make, now: datetime, django_assert_max_num_queries: Any
) -> None:
    save([listed(f"2606.{n:05d}", n % 50, categories=CODE) for n in range(120)], now)
    Paper.objects.update(trend=None)
    with django_assert_max_num_queries(36):
        assert updating.refresh(now) == 120


MONDAY, FRIDAY = date(2026, 6, 22), datetime(2026, 6, 26, 18, tzinfo=UTC)


def stars(record: PaperRecord, *readings: tuple[int, int]) -> PaperRecord:
    """The record with counts of stars, each (days before Friday's reading, count)."""
    seen = tuple(SignalRecord("stars", count, FRIDAY - days * DAY) for days, count in readings)
    return replace(record, signals=record.signals + seen)


@pytest.fixture
def crowd(listed: Make) -> list[PaperRecord]:
    """A field of papers whose stars grow slowly."""
    slow = [listed(f"2606.01{n:03d}", 5, listed_on=date(2026, 6, 15 + n % 11), categories=CODE) for n in range(40)]
    return [stars(record, (4, 10), (2, 11 + n % 3), (0, 12 + n % 5)) for n, record in enumerate(slow)]


def entries_of(identifier: str) -> dict[int, str]:
    found = EditionEntry.objects.filter(paper__identifier=identifier)
    return dict(found.values_list("edition__date__day", "reason"))


def test_a_paper_that_rises_late_takes_off_once_and_enters_the_edition_of_that_day(
    announced: Make, crowd: list[PaperRecord]
) -> None:
    late = stars(announced("2606.00001", announced_on=MONDAY), (4, 10), (2, 12), (0, 900))
    refreshed([*crowd, late], FRIDAY)
    assert Paper.objects.exclude(took_off_on=None).get().identifier == "2606.00001"
    assert entries_of("2606.00001") == {22: "announced", 26: "took off"}
    updating.refresh(FRIDAY + DAY)
    refreshed([stars(announced("2606.00001", announced_on=MONDAY), (-1, 4000))], FRIDAY + DAY)
    assert entries_of("2606.00001") == {22: "announced", 26: "took off"}


def test_the_day_of_a_take_off_is_an_eastern_one(announced: Make, crowd: list[PaperRecord]) -> None:
    late = stars(announced("2606.00001", announced_on=MONDAY), (4, 10), (2, 12), (0, 900))
    refreshed([*crowd, late], datetime(2026, 6, 27, 2, tzinfo=UTC))
    assert Paper.objects.get(identifier="2606.00001").took_off_on == date(2026, 6, 26)


@pytest.mark.parametrize(
    ("announced_on", "readings"),
    [
        (date(2026, 6, 25), [(1, 10), (0, 900)]),  # it is new
        (MONDAY, [(4, 10), (2, 900), (0, 2500)]),  # it was high before
        (MONDAY, [(0, 90_000)]),  # a first reading tells a level and no growth
        (MONDAY, [(4, 10), (2, 11), (0, 12)]),  # it does not rise
    ],
)
def test_what_is_new_was_high_or_did_not_grow_does_not_take_off(
    announced: Make, crowd: list[PaperRecord], announced_on: date, readings: list[tuple[int, int]]
) -> None:
    refreshed([*crowd, stars(announced("2606.00001", announced_on=announced_on), *readings)], FRIDAY)
    assert Paper.objects.get(identifier="2606.00001").took_off_on is None
    assert entries_of("2606.00001") == {announced_on.day: "announced"}


def test_what_the_curator_hid_as_taken_off_does_not_come_back_by_taking_off_again(
    announced: Make, listed: Make, crowd: list[PaperRecord]
) -> None:
    save([announced("2606.00001", announced_on=MONDAY - DAY), listed("2606.00001", None, listed_on=MONDAY)], FRIDAY)
    EditionEntry.objects.filter(reason="took off").update(hidden=True)
    late = stars(announced("2606.00001", announced_on=MONDAY - DAY), (4, 10), (2, 12), (0, 900))
    refreshed([*crowd, late], FRIDAY)
    assert entries_of("2606.00001") == {21: "announced", 22: "took off"}


def test_a_curators_word_on_a_listing_does_not_prevent_a_take_off(
    announced: Make, listed: Make, crowd: list[PaperRecord]
) -> None:
    save([announced("2606.00001", announced_on=MONDAY - DAY), listed("2606.00001", None, listed_on=MONDAY)], FRIDAY)
    EditionEntry.objects.filter(reason="took off").update(note="Read it.")
    late = stars(announced("2606.00001", announced_on=MONDAY - DAY), (4, 10), (2, 12), (0, 900))
    refreshed([*crowd, late], FRIDAY)
    assert entries_of("2606.00001") == {21: "announced", 22: "took off", 26: "took off"}
