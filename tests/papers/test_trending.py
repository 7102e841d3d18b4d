from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import trends
from papers.ingest import save
from papers.models import Paper
from papers.records import PaperRecord
from papers.trending import same_day_percentiles

Make = Callable[..., PaperRecord]
counts = st.lists(st.integers(0, 2**31 - 1) | st.integers(0, 5), min_size=1, max_size=60)


def trend(arxiv_id: str) -> float | None:
    return Paper.objects.get(arxiv_id=arxiv_id).trend


def test_a_percentile_counts_those_below_and_half_of_those_beside() -> None:
    assert same_day_percentiles([0, 5, 5, 250]).tolist() == [0.125, 0.5, 0.5, 0.875]


def test_a_paper_alone_on_its_day_stands_in_the_middle() -> None:
    assert same_day_percentiles([250]).tolist() == [0.5]
    assert same_day_percentiles([]).tolist() == []


def test_only_one_dimension_is_taken() -> None:
    with pytest.raises(ValueError, match="must have one dimension, not 2"):
        same_day_percentiles([[1, 2]])


@given(counts)
def test_more_upvotes_never_rank_lower_and_equal_ones_rank_equal(upvotes: list[int]) -> None:
    found = same_day_percentiles(upvotes)
    assert ((found > 0) & (found < 1)).all()
    assert found.mean() == pytest.approx(0.5)
    differences = np.subtract.outer(found, found)
    assert (np.sign(differences) == np.sign(np.subtract.outer(upvotes, upvotes))).all()


@pytest.mark.django_db
def test_papers_are_compared_with_those_of_their_own_day_only(listed: Make, now: datetime) -> None:
    monday, tuesday = date(2026, 6, 29), date(2026, 6, 30)
    save([listed(f"2606.0000{n}", n, listed_on=tuesday) for n in (1, 2)], now)
    save([listed(f"2606.0000{n}", n * 100, listed_on=monday) for n in (3, 4)], now)
    assert [trend(f"2606.0000{n}") for n in (1, 2, 3, 4)] == [0.25, 0.75, 0.25, 0.75]


@pytest.mark.django_db
def test_a_paper_without_a_count_has_no_trend_and_is_not_counted(announced: Make, listed: Make, now: datetime) -> None:
    save([listed("2606.00001", 4), listed("2606.00002", None), announced("2606.00003"), listed("2606.00004", 9)], now)
    assert [trend(f"2606.0000{n}") for n in (1, 2, 3, 4)] == [0.25, None, None, 0.75]


@pytest.mark.django_db
def test_the_latest_count_of_the_listing_decides(listed: Make, now: datetime) -> None:
    save([listed("2606.00001", 1), listed("2606.00002", 5)], now)
    save([listed("2606.00001", 9, seen_at=now + timedelta(hours=1))], now)
    assert (trend("2606.00001"), trend("2606.00002")) == (0.75, 0.25)


@pytest.mark.django_db
def test_a_count_read_at_a_second_listing_is_no_match_for_the_first(listed: Make, now: datetime) -> None:
    first, again = date(2026, 6, 10), datetime(2026, 6, 16, 12, tzinfo=UTC)
    save([listed("2606.00001", 1, listed_on=first), listed("2606.00002", 5, listed_on=first)], now)
    save([listed("2606.00001", 90, listed_on=again.date(), seen_at=again)], now)
    assert trend("2606.00001") == 0.25


@pytest.mark.django_db
def test_a_day_that_was_only_read_later_is_ranked_by_that_reading(listed: Make, now: datetime) -> None:
    save([listed("2606.00001", 8, listed_on=date(2026, 6, 10), seen_at=now)], now)
    assert trend("2606.00001") == 0.5


@pytest.mark.django_db
def test_refreshing_again_changes_nothing(listed: Make, now: datetime) -> None:
    save([listed("2606.00001", 1), listed("2606.00002", 5)], now)
    assert trends.refresh([date(2026, 6, 30)]) == 0
    Paper.objects.update(trend=None)
    assert trends.refresh([date(2026, 6, 30)]) == 2
