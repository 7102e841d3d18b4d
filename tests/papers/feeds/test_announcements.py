"""arXiv's calendar."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.arxiv import announcements
from papers.arxiv.announcements import DAY, EASTERN, batch_before, batch_due, batch_on_or_after, is_expected

moments = st.integers(0, 7 * 365 * 86_400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(0, seconds))
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
EDGE = timedelta(seconds=1)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN)


@pytest.mark.parametrize(
    ("moment", "batch"),
    [
        ("2026-08-20 00:00", "2026-08-20"),
        ("2026-08-19 23:59", "2026-08-19"),
        ("2026-08-22 12:00", "2026-08-21"),
        ("2026-08-23 21:00", "2026-08-21"),
        ("2026-08-24 00:00", "2026-08-24"),
        ("2026-11-27 12:00", "2026-11-25"),  # Thanksgiving, and the day after it
        ("2026-12-31 12:00", "2026-12-28"),
    ],
)
def test_a_batch_is_due_at_midnight_of_its_day(moment: str, batch: str) -> None:
    assert batch_due(eastern(moment)) == date.fromisoformat(batch)


@pytest.mark.parametrize(
    ("moment", "announcement"),
    [
        ("2026-08-20 08:00", "2026-08-20 20:00"),
        ("2026-08-20 20:00", "2026-08-23 20:00"),
        ("2026-08-21 09:00", "2026-08-23 20:00"),
        ("2026-08-23 19:59", "2026-08-23 20:00"),
        ("2026-11-25 09:00", "2026-11-29 20:00"),
        ("2026-12-24 09:00", "2026-12-27 20:00"),
    ],
)
def test_the_next_announcement_is_an_evening_before_an_expected_batch(moment: str, announcement: str) -> None:
    assert announcements.next_announcement(eastern(moment)) == eastern(announcement)


@pytest.mark.parametrize(
    ("moment", "utc"), [("2026-03-06 12:00", "2026-03-09 00:00"), ("2026-10-30 12:00", "2026-11-02 01:00")]
)
def test_an_announcement_is_at_eight_in_the_evening_in_summer_and_winter_time(moment: str, utc: str) -> None:
    found = announcements.next_announcement(eastern(moment))
    assert found.astimezone(UTC) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(("day", "midnight"), [("2026-03-09", 4), ("2026-03-06", 5), ("2026-11-02", 5)])
def test_midnight_is_an_eastern_one_on_either_side_of_a_change_of_clocks(day: str, midnight: int) -> None:
    batch = date.fromisoformat(day)
    moment = datetime(batch.year, batch.month, batch.day, midnight, tzinfo=UTC)
    assert batch_due(moment) == batch
    assert batch_due(moment - EDGE) < batch


@pytest.mark.parametrize(
    ("year", "holidays"),
    [
        (2024, "01-01 01-15 06-19 07-04 09-02 11-28 12-25"),
        (2027, "01-01 01-18 06-19 07-05 09-06 11-25 12-25"),
        (2026, "01-01 01-19 06-19 07-03 09-07 11-26 12-25 12-29 12-31"),
    ],
)
def test_holidays_are_those_of_arxivs_list_or_of_its_habit(year: int, holidays: str) -> None:
    assert announcements.holidays(year) == {date.fromisoformat(f"{year}-{day}") for day in holidays.split()}


def test_the_settings_add_holidays_of_their_own(settings: object) -> None:
    moment = eastern("2026-08-20 09:00")
    settings.ARXIV_HOLIDAYS = [date(2026, 8, 20)]
    assert batch_due(moment) == date(2026, 8, 19)
    assert announcements.next_announcement(moment) == eastern("2026-08-23 20:00")
    assert announcements.why_quiet(date(2026, 8, 21)) == "holiday"


def test_a_day_without_a_batch_says_why() -> None:
    words = [announcements.why_quiet(date(2026, 9, day)) for day in (4, 5, 6, 7, 8, 9)]
    assert words == ["", "weekend", "weekend", "holiday", "holiday", ""]


@given(moments)
def test_the_batch_that_is_due_is_the_newest_expected_one_that_is_not_of_tomorrow(now: datetime) -> None:
    today, due = announcements.eastern_date(now), batch_due(now)
    assert is_expected(due)
    assert due <= today
    assert batch_on_or_after(due + DAY) > today


@given(days)
def test_batches_follow_each_other_without_a_gap(day: date) -> None:
    after = batch_on_or_after(day)
    assert batch_before(after) < day <= after
    assert batch_on_or_after(batch_before(after) + DAY) == after
    assert after - day <= timedelta(days=7)
    assert is_expected(after)
    assert after.weekday() < 5


@given(moments)
def test_an_announcement_is_to_come_and_its_batch_is_due_at_the_midnight_after_it(now: datetime) -> None:
    found = announcements.next_announcement(now)
    midnight = datetime.combine(found.date() + DAY, datetime.min.time(), EASTERN)
    assert found > now
    assert (found.hour, found.minute) == (20, 0)
    assert batch_due(midnight) == midnight.date()
    assert announcements.next_announcement(found.astimezone(UTC) - EDGE) == found


@given(moments, moments)
def test_later_moments_never_have_earlier_batches_due(one: datetime, other: datetime) -> None:
    assert batch_due(min(one, other)) <= batch_due(max(one, other))
