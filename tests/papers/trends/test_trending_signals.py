"""Readings do not pile up, and what is dropped changes no trend."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.models import Paper, Signal
from papers.trends import old_readings
from papers.trends.growth import growth

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 30, 11, tzinfo=UTC)


def read(hours_ago: Sequence[int], kind: str = "stars", identifier: str = "2606.00001") -> Paper:
    paper, _ = Paper.objects.get_or_create(identifier=identifier, defaults={"title": "On counts", "abstract": "Many."})
    rows = [
        Signal(paper=paper, kind=kind, value=10_000 - hours, observed_at=NOW - timedelta(hours=hours))
        for hours in hours_ago
    ]
    Signal.objects.bulk_create(rows)
    return paper


def left(kind: str = "stars") -> list[int]:
    """Hours before now of what is left, the oldest first."""
    times = Signal.objects.filter(kind=kind).order_by("observed_at").values_list("observed_at", flat=True)
    return [round((NOW - at) / timedelta(hours=1)) for at in times]


def test_all_of_three_days_are_kept_and_of_earlier_ones_the_last_of_each_day() -> None:
    read(range(0, 240, 6))
    assert old_readings.thin(NOW) == 18
    # What is followed by the kept ones is kept too; the days end at 11, 35, … hours before now.
    assert left() == [234, 228, 204, 180, 156, 132, 108, 84, 78, *range(72, -1, -6)]


def test_after_60_days_the_first_and_the_newest_are_left() -> None:
    read([24 * days for days in range(61, 90)])
    old_readings.thin(NOW + timedelta(days=60))
    assert left() == [24 * 89, 24 * 64, 24 * 63, 24 * 62, 24 * 61]
    read([0])
    old_readings.thin(NOW)
    assert left() == [24 * 89, 0]


def test_kinds_and_papers_are_thinned_by_themselves() -> None:
    read([200, 199, 0])
    read([200, 199, 0], kind="upvotes")
    read([198, 197], identifier="2606.00002")
    assert old_readings.thin(NOW) == 0
    assert left("upvotes") == [200, 199, 0]


def test_thinning_again_deletes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(old_readings, "PAPERS", 2)
    for number in range(5):
        read(range(0, 400, 5), identifier=f"2606.0000{number}")
    assert old_readings.thin(NOW) > 0
    assert old_readings.thin(NOW) == 0
    assert Paper.objects.filter(signals__isnull=False).distinct().count() == 5


def test_a_site_without_readings_has_nothing_to_thin() -> None:
    assert old_readings.thin(NOW) == 0


hours = st.lists(st.integers(0, 59 * 24), min_size=1, max_size=60, unique=True).map(lambda found: sorted(found)[::-1])


@given(hours)
def test_no_growth_changes_by_thinning(hours_ago: list[int]) -> None:
    rows = [(NOW - timedelta(hours=hours), 10_000 - hours) for hours in hours_ago]
    numbered = [(1, "stars", at, key) for key, (at, _) in enumerate(rows)]
    gone = set(old_readings.not_needed(numbered, NOW))
    kept = [row for key, row in enumerate(rows) if key not in gone]
    assert growth(kept, None) == growth(rows, None)
    assert growth(kept, rows[0][0] - timedelta(hours=9)) == growth(rows, rows[0][0] - timedelta(hours=9))
